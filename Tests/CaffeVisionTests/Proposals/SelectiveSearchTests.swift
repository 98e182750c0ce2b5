import CaffeData
import Foundation
import Testing

@testable import CaffeVision

@Suite("Selective search")
struct SelectiveSearchTests {
  private static var bike: String? {
    let checkout = URL(filePath: #filePath).pathComponents.dropLast(4).joined(separator: "/").replacing("//", with: "/")
    let path = checkout + "/../shared/conformance/data/images/fish-bike.jpg"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  private func whole(_ image: Image) -> PictureWindow {
    PictureWindow(minY: 0, minX: 0, maxY: Double(image.height), maxX: Double(image.width))
  }

  private func plain(_ width: Int, _ height: Int, channels: Int = 3, _ value: UInt8 = 70) throws -> Image {
    try Image(
      width: width, height: height, channels: channels,
      pixels: [UInt8](repeating: value, count: width * height * channels))
  }

  @Test("the same windows for any number of threads")
  func threads() throws {
    let image = SceneGenerator(side: 120, seed: 5).scene(0).image
    var search = SelectiveSearch.quality
    search.workingWidth = 120
    let one = try search.windows(in: image, threads: 1)
    #expect(try search.windows(in: image, threads: 2) == one)
    #expect(try search.windows(in: image, threads: 7) == one)
    #expect(Set(one).count > 30 && one.contains(whole(image)))
  }

  @Test("the same windows in every process and on every machine")
  func pinned() throws {
    let scene = SceneGenerator(side: 160, seed: 1).scene(0)
    let windows = try SelectiveSearch(workingWidth: 160).windows(in: scene.image, threads: 2)
    var sum: UInt64 = 14_695_981_039_346_656_037  // FNV-1a
    for window in windows {
      for side in [window.minY, window.minX, window.maxY, window.maxX] {
        sum = (sum ^ UInt64(Float(side).bitPattern)) &* 1_099_511_628_211
      }
    }
    #expect(windows.count == 62 && sum == 8_320_623_244_683_097_221, "\(windows.count), \(sum)")
  }

  @Test(
    "a photograph gives about as many windows as the original program finds, 1,570",
    .enabled(if: bike != nil, "the folder \"shared\" does not lie beside this checkout"))
  func photograph() throws {
    let image = try ImageDecoder.decode(contentsOf: try #require(Self.bike))
    let windows = try SelectiveSearch.fast.windows(in: image, threads: 2)
    #expect((1200...2600).contains(windows.count), "\(windows.count)")
    #expect(Set(windows).count == windows.count && windows.contains(whole(image)))
    for window in windows {
      #expect(0 <= window.minX && window.minX < window.maxX && window.maxX <= Double(image.width))
      #expect(0 <= window.minY && window.minY < window.maxY && window.maxY <= Double(image.height))
      // 20 pixels at the working width.
      #expect(min(window.maxX - window.minX, window.maxY - window.minY) >= 19 * 481 / 500)
    }
  }

  @Test("drawn shapes are found: for nearly all of them a window with an overlap of 0.7")
  func recall() throws {
    let generator = SceneGenerator(side: 200, seed: 11)
    var (found, all) = (0, 0)
    for index in 0..<6 {
      let scene = generator.scene(index)
      let windows = try SelectiveSearch(workingWidth: 200).windows(in: scene.image, threads: 2)
      for object in scene.objects {
        all += 1
        if windows.contains(where: { overlap($0, object.box) >= 0.7 }) { found += 1 }
      }
    }
    #expect(all >= 8 && Double(found) >= 0.85 * Double(all), "\(found) of \(all)")
  }

  private func overlap(_ window: PictureWindow, _ box: SceneBox) -> Float {
    let (low, high) = ([window.minX, window.minY].map(Float.init), [window.maxX, window.maxY].map(Float.init))
    let other = SceneBox(minimum: [low[0], low[1]], maximum: [high[0], high[1]])
    let shared = box.shared(with: other)
    return shared / (box.area + other.area - shared)
  }

  @Test(
    "pictures without anything to see are one window, whatever their size",
    arguments: [
      (1, 1), (1, 40), (40, 1), (3, 2), (20, 3000), (1000, 4), (700, 500),
    ])
  func plain(width: Int, height: Int) throws {
    for channels in [1, 3] {
      let image = try plain(width, height, channels: channels)
      #expect(try SelectiveSearch(workingWidth: 50).windows(in: image, threads: 2) == [whole(image)])
    }
  }

  @Test("the working picture has the width that is asked for, and a bound on its pixels")
  func workingSize() throws {
    let sizes = [
      (481, 323, 500, 336), (1, 1, 500, 500), (8000, 8000, 500, 500), (20, 100_000, 10, 51_200), (4_000_000, 1, 500, 1),
    ]
    for (width, height, workingWidth, workingHeight) in sizes {
      let size = WorkingSize(of: try plain(width, height, channels: 1), width: 500)
      #expect((size.width, size.height) == (workingWidth, workingHeight))
    }
    let tall = WorkingSize(of: try plain(1, 4_000_000, channels: 1), width: nil)
    #expect((tall.width, tall.height) == (1, 524_288))
    let own = WorkingSize(of: try plain(90, 40), width: nil)
    #expect((own.width, own.height) == (90, 40))
    let large = WorkingSize(of: try plain(2000, 1000, channels: 1), width: 1500)
    #expect((large.width, large.height) == (1024, 512))
  }

  @Test("boxes are scaled back by R-CNN's rule and stay in the picture")
  func scaling() throws {
    // The first window of Caffe's notebook on a picture of 481x323: xmin 9.62, xmax 339.624.
    let size = WorkingSize(of: try plain(481, 323), width: 500)
    let window = size.window(RegionBox(minX: 10, minY: 83, maxX: 352, maxY: 255))
    #expect(abs(window.minX - 9.62) < 1e-4 && abs(window.maxX - 339.624) < 1e-4)
    #expect(abs(window.minY - 83 * 323 / 336) < 1e-4 && abs(window.maxY - (255 * 323.0 / 336 + 1)) < 1e-4)
    let all = size.window(RegionBox(minX: 0, minY: 0, maxX: 499, maxY: 335))
    #expect(all == PictureWindow(minY: 0, minX: 0, maxY: 323, maxX: 481))
    // Of a larger picture too, whose last pixels the rule alone would leave out.
    let large = WorkingSize(of: try plain(2000, 1000), width: 500)
    let end = large.window(RegionBox(minX: 100, minY: 20, maxX: 499, maxY: 98))
    #expect(end == PictureWindow(minY: 80, minX: 400, maxY: 393, maxX: 2000))
  }

  @Test("windows that are small at the working size are dropped, unless the picture is")
  func smallWindows() throws {
    let size = WorkingSize(of: try plain(500, 100), width: 500)
    let narrow = RegionBox(minX: 0, minY: 0, maxX: 18, maxY: 50)
    #expect(!size.isLargeEnough(narrow, side: 20) && size.isLargeEnough(narrow, side: 19))
    let flat = WorkingSize(of: try plain(500, 5), width: 500)
    #expect(flat.isLargeEnough(RegionBox(minX: 0, minY: 0, maxX: 30, maxY: 4), side: 20))
    #expect(!flat.isLargeEnough(RegionBox(minX: 0, minY: 1, maxX: 30, maxY: 4), side: 20))
  }

  @Test("every box once, in the order of priorities; another seed, another order")
  func ranking() {
    let boxes = (0..<40).map { RegionBox(minX: $0 % 30, minY: 0, maxX: 99, maxY: 99) }
    let first = ProposalRanking.ranked([boxes, boxes], seed: 1)
    #expect(first.count == 30 && Set(first) == Set(boxes))
    let second = ProposalRanking.ranked([boxes, boxes], seed: 2)
    #expect(second != first && Set(second) == Set(first))
    // The last region of a grouping is the whole picture, whose priority is below 1: it comes early.
    let places = (0..<50).map { seed in
      ProposalRanking.ranked([boxes], seed: seed).firstIndex { $0.minX == 9 } ?? 99
    }
    #expect(places.reduce(0, +) < 50 * 6)
  }

  @Test("settings that mean nothing are refused by name")
  func refusals() throws {
    let image = try plain(30, 30)
    func message(_ change: (inout SelectiveSearch) -> Void) -> String {
      var search = SelectiveSearch(workingWidth: 40)
      change(&search)
      do {
        _ = try search.windows(in: image, threads: 1)
        return "accepted"
      } catch { return "\(error)" }
    }
    #expect(message { $0.ks = [] } == "selective search: no k is given")
    #expect(message { $0.ks = [0] } == "selective search: k is 0; it may be 1 to 1000000")
    #expect(
      message { $0.ks = [50, 8] }
        == "selective search: k is 8, and regions have at least as many pixels; give their minimum, 16 or more")
    #expect(message { ($0.ks, $0.minimumRegion) = ([8], 20) } == "accepted")
    #expect(
      message { $0.minimumRegion = 15 } == "selective search: regions of at least 15 pixels; 16 is the least possible")
    #expect(message { $0.colorSpaces = [] } == "selective search: no colour space is given")
    #expect(message { $0.similarities = [[]] } == "selective search: a grouping needs at least one kind of similarity")
    #expect(message { $0.sigma = .nan } == "selective search: sigma is nan; it may be 0 to 10")
    #expect(message { $0.workingWidth = 0 } == "selective search: a working width of 0; 1 is the least possible")
    #expect(
      message { $0.minimumSide = 0 } == "selective search: windows of at least 0 pixels; 1 is the least possible")
  }
}
