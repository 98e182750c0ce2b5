import CaffeCore
import CaffeFormat
import Testing

@testable import CaffeData

@Suite("Windows of pictures")
struct WindowTests {
  private static func box(_ left: Int, _ top: Int, _ right: Int, _ bottom: Int) -> PixelRange {
    PixelRange(left: left, top: top, right: right, bottom: bottom)
  }

  /// `left,top…right,bottom → width×height at left,top`, or `outside`.
  private static func crop(
    _ window: PixelRange, of picture: (Int, Int) = (200, 200), side: Int, pad: Int = 0,
    mode: WindowConfiguration.CropMode = .warp, isMirrored: Bool = false
  ) -> String {
    let crop = WindowCrop(window, of: picture, side: side, contextPad: pad, mode: mode, isMirrored: isMirrored)
    return crop.map { "\($0.source) → \($0.width)×\($0.height) at \($0.left),\($0.top)" } ?? "outside"
  }

  @Test("the geometry of crops, worked out by hand")
  func geometry() {
    #expect(Self.crop(Self.box(10, 20, 59, 119), side: 40) == "10,20…59,119 → 40×40 at 0,0")
    // 1.6667 × 50 around 50: from −33 to 133, a fifth of it outside.
    #expect(Self.crop(Self.box(0, 0, 99, 99), side: 100, pad: 20) == "0,0…133,133 → 80×80 at 20,20")
    #expect(Self.crop(Self.box(0, 0, 99, 99), side: 100, pad: 20, isMirrored: true) == "0,0…133,133 → 80×80 at 0,20")
    #expect(Self.crop(Self.box(100, 100, 199, 199), side: 100, pad: 20) == "67,67…199,199 → 80×80 at 0,0")
    #expect(
      Self.crop(Self.box(100, 100, 199, 199), side: 100, pad: 20, isMirrored: true) == "67,67…199,199 → 80×80 at 20,0")
    // The square of 100 around the middle of 100×50: rows −25 to 75.
    #expect(Self.crop(Self.box(0, 0, 99, 49), side: 60, mode: .square) == "0,0…100,75 → 60×45 at 0,15")
    #expect(Self.crop(Self.box(150, 10, 250, 20), side: 30) == "outside")
    #expect(Self.crop(Self.box(300, 10, 350, 20), side: 30, pad: 5) == "outside")
    // R-CNN's: 227 with 16 around.
    #expect(Self.crop(Self.box(50, 60, 149, 109), of: (480, 360), side: 227, pad: 16) == "42,56…158,114 → 227×227 at 0,0")
  }

  /// A colour picture of 40×40 whose left half is 100 and right half 200, and a window file with background first.
  private static func folder(_ windows: String) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let pixels = (0..<1600).flatMap { [UInt8](repeating: $0 % 40 < 20 ? 100 : 200, count: 3) }
    _ = try directory.write(
      ImageEncoder.encode(try Image(width: 40, height: 40, channels: 3, pixels: pixels), as: .png), to: "half.png")
    _ = try directory.write(Array(windows.utf8), to: "windows.txt")
    return directory
  }

  private static let windows = """
    # 0
    half.png
    3 40 40
    4
    3 0.9 0 0 19 39
    5 0.5 20 0 39 39
    7 0.3 0 0 39 39
    9 0.6 10 0 29 39
    """

  private static func configuration(_ directory: TemporaryDirectory, batch: Int = 8, seed: UInt64 = 1) -> WindowConfiguration {
    WindowConfiguration(source: directory.file("windows.txt"), batchSize: batch, cropSize: 4, seed: seed)
  }

  @Test("a batch has background first, then objects; pixels are stretched, means taken off, scaled")
  func batches() throws {
    let directory = try Self.folder(Self.windows)
    var configuration = Self.configuration(directory)
    configuration.foregroundFraction = 0.375
    configuration.scale = 0.5
    configuration.meanValues = [10, 20, 30]
    let batch = try WindowSource(configuration).next()
    #expect(batch.data.shape == [8, 3, 4, 4] && batch.position == 8)
    #expect(batch.labels.values[..<5].allSatisfy { $0 == 0 })
    #expect(batch.labels.values[5...].allSatisfy { [3, 5, 9].contains($0) })
    // The background's window is the whole picture: two columns of each half.
    let row: [Float] = [45, 45, 95, 95]
    #expect(Array(batch.data.values[..<4]) == row)
    #expect(Array(batch.data.values[16..<20]) == row.map { $0 - 5 })
    for item in 5..<8 where batch.labels.values[item] != 9 {
      let expected: Float = batch.labels.values[item] == 3 ? 45 : 95
      #expect(batch.data.values[item * 48..<item * 48 + 16].allSatisfy { $0 == expected })
    }
  }

  @Test("windows and mirroring are drawn from the seed; a run that continues gets the same", arguments: [false, true])
  func draws(caches: Bool) throws {
    let directory = try Self.folder(Self.windows)
    var configuration = Self.configuration(directory)
    configuration.mirrors = true
    configuration.cachesImages = caches
    let source = try WindowSource(configuration)
    let batches = try (0..<6).map { _ in try source.next() }
    #expect(Set(batches.flatMap { $0.labels.values }) == [0, 3, 5, 9])
    // Mirrored, the whole picture begins with its right half.
    #expect(Set(batches.map { $0.data.values[0] }) == [100, 200])
    let rest = try WindowSource(configuration, startingAt: batches[2].position)
    for batch in batches[3...] {
      let next = try rest.next()
      #expect(next.data == batch.data && next.labels == batch.labels)
    }
    configuration.seed = 2
    #expect(try WindowSource(configuration).next().data != batches[0].data)
  }

  @Test("surroundings outside of the picture stay 0, and a mean image is taken in its middle")
  func context() throws {
    let directory = try Self.folder(Self.windows)
    var configuration = Self.configuration(directory, batch: 1)
    configuration.cropSize = 8
    configuration.contextPad = 2
    configuration.foregroundFraction = 0
    var mean = Tensor([3, 10, 10])
    for index in 0..<300 { mean[index] = Float(index % 100) }
    configuration.mean = try MeanImage(mean)
    let values = try WindowSource(configuration).next().data.values
    // 40 pixels about 20, twice as large: 0 is at place 2 of 8; the mean begins at row and column 1.
    #expect(Array(values[..<16]) == [Float](repeating: 0, count: 16))
    #expect(values[2 * 8 + 1] == 0 && values[2 * 8 + 2] == 100 - 33 && values[2 * 8 + 5] == 200 - 36)
  }

  @Test("mistakes in a window file are named with their line")
  func mistakes() throws {
    let cases = [
      ("half.png", "1: a picture begins with \"# NUMBER\", this with \"half.png\""),
      ("# 0\nhalf.png\n3 40 40\n2\n1 0.9 0 0 9 9\n", "6: the file ends where a window's label should stand"),
      ("# 0\nhalf.png\n3 40 40\n1\n1 0.9 0 zero 9 9", "5: a window's y1 is a whole number, not \"zero\""),
      ("# 0\nhalf.png\n3 40 40\n1\n0 0.9 0 0 9 9", "5: a window that shows an object has the label 0; 0 is the background"),
      ("# 0\nhalf.png\n3 40 40\n1\n1 0.9 9 0 0 9", "5: the window 9,0…0,9 is none: x1 and y1 come before x2 and y2"),
    ]
    for (text, message) in cases {
      let directory = try Self.folder(text)
      let error = #expect(throws: DataFileError.self) { try WindowSource(Self.configuration(directory)) }
      #expect(error?.description == "\(directory.file("windows.txt")):\(message)")
    }
    let lonely = try Self.folder("# 0\nhalf.png\n3 40 40\n1\n1 0.9 0 0 9 9")
    let error = #expect(throws: DataFileError.self) { try WindowSource(Self.configuration(lonely)) }
    #expect(error?.message == "no window is background: none overlaps less than 0.5")
    let outside = try Self.folder(Self.windows.replacing("7 0.3 0 0 39 39", with: "7 0.3 0 0 40 39"))
    let late = #expect(throws: DataFileError.self) { try WindowSource(Self.configuration(outside)).next() }
    #expect(
      late?.description
        == "\(outside.file("windows.txt")):7: \(outside.file("half.png")): "
        + "the window 0,0…40,39 lies outside of the picture, 40x40"
    )
  }

  @Test("the geometry of Caffe's Detector, worked out by hand")
  func detector() {
    func crop(_ window: PictureWindow, side: Int, pad: Int, mode: WindowConfiguration.CropMode = .warp) -> String {
      let crop = WindowCrop(detecting: window, of: (200, 200), size: (side, side), contextPad: pad, mode: mode)
      return "\(crop.source) → \(crop.width)×\(crop.height) at \(crop.left),\(crop.top)"
    }
    func window(_ minY: Double, _ minX: Double, _ maxY: Double, _ maxX: Double) -> PictureWindow {
      PictureWindow(minY: minY, minX: minX, maxY: maxY, maxX: maxX)
    }
    // Ends are outside, and cut off.
    #expect(crop(window(20, 10, 120, 60.9), side: 40, pad: 0) == "10,20…59,119 → 40×40 at 0,0")
    #expect(crop(window(-5, -5, 10, 10), side: 40, pad: 0) == "0,0…9,9 → 40×40 at 0,0")
    #expect(crop(window(190.2, 199.5, 190.4, 260), side: 40, pad: 0) == "199,190…199,190 → 40×40 at 0,0")
    // 101 pixels in Detector's count about 50.5, times 1.6667: from −34 to 135, which are 170; 34 of them outside are 20 of the
    // crop, and the last row and column of the rest are left out.
    #expect(crop(window(0, 0, 100, 100), side: 100, pad: 20) == "0,0…134,134 → 80×80 at 20,20")
    // Past the picture's other end: from 66 to 235, of which 134 and one more that is not there are left: 79.4 of the crop.
    #expect(crop(window(100, 100, 200, 200), side: 100, pad: 20) == "66,66…199,199 → 79×79 at 0,0")
    // The square of 101 about the middle of 101×51: rows −25 to 76, of 102. The 12.5 outside and 38.5 inside go to the even number.
    #expect(crop(window(0, 0, 50, 100), side: 51, pad: 0, mode: .square) == "0,0…100,75 → 51×38 at 0,12")
  }

  @Test("a window whose surroundings count as WindowData counts them")
  func training() {
    let window = PictureWindow(minY: 0, minX: 0, maxY: 100, maxX: 100)
    let crop = WindowCrop(training: window, of: (200, 200), side: 100, contextPad: 20, mode: .warp)
    #expect(crop == WindowCrop(Self.box(0, 0, 99, 99), of: (200, 200), side: 100, contextPad: 20, mode: .warp, isMirrored: false))
    // Edges are rounded, and the last half pixel is the last pixel.
    let plain = WindowCrop(
      training: PictureWindow(minY: 9.6, minX: 199.7, maxY: 19.4, maxX: 200), of: (200, 200), side: 100, contextPad: 0,
      mode: .warp)
    #expect(plain.source == Self.box(199, 10, 199, 18))
    let outside = WindowCrop(
      training: PictureWindow(minY: -5, minX: 190, maxY: 300, maxX: 300), of: (200, 200), side: 100, contextPad: 0, mode: .warp)
    #expect(outside.source == Self.box(190, 0, 199, 199))
  }

  @Test("lists of windows: pandas' tables and window files")
  func lists() throws {
    let directory = try Self.folder(Self.windows)
    let file = try WindowList(contentsOf: directory.file("windows.txt"))
    #expect(file.pictures.map(\.name) == ["half.png"])
    #expect(file.pictures[0].entries[1].window == PictureWindow(minY: 0, minX: 20, maxY: 40, maxX: 40))
    #expect(file.pictures[0].entries[1].location?.line == 6)
    let table =
      "x,filename,ymin,xmin,ymax,xmax\r\n1,\"a \"\"b\"\", c.png\",0,1.5,2,3\r\n\r\n2,d/e.png, 4 ,5,6,7\n3,\"a \"\"b\"\", c.png\",8,9,10,11"
    _ = try directory.write(Array(table.utf8), to: "windows.csv")
    let list = try WindowList(contentsOf: directory.file("windows.csv"))
    #expect(list.pictures.map(\.name) == ["a \"b\", c.png", "d/e.png"])
    #expect(list["a \"b\", c.png"]?.entries.map(\.window.minX) == [1.5, 9])
    #expect(list["/elsewhere/d/e.png"]?.entries.map(\.window.minY) == [4])
    #expect(list["f.png"] == nil)
    #expect(CSVText.field("a \"b\", c.png") == "\"a \"\"b\"\", c.png\"" && CSVText.field("plain") == "plain")
    for name in ["a\nb", "a\rb", "a\r\nb", "\"", ","] {
      let table = try CSVTable(SourceFile(name: "t", text: "x,filename\n1,\(CSVText.field(name))\n"), needing: ["filename"])
      #expect(table.rows.map { $0["filename"]?.text } == [name])
    }
  }

  @Test("a picture is found by its path, or by as much of its end as no other one has")
  func names() {
    let names = PictureNames(["a/1.jpg", "b/1.jpg", "c/d/2.jpg", "3.jpg"])
    #expect(names["a/1.jpg"] == "a/1.jpg" && names["/data/b/1.jpg"] == "b/1.jpg" && names["./d/2.jpg"] == "c/d/2.jpg")
    #expect(names["1.jpg"] == nil && names["e/1.jpg"] == nil && names["4.jpg"] == nil && names["x/3.jpg"] == "3.jpg")
    #expect(names["e/2.jpg"] == nil && names["2.jpg"] == "c/d/2.jpg")
  }

  @Test("mistakes in a table of windows are named with their places, all at once")
  func tableMistakes() throws {
    let directory = try Self.folder(Self.windows)
    _ = try directory.write(Array("filename,ymin,xmin,ymax\na.png,0,0,1\n".utf8), to: "short.csv")
    let short = #expect(throws: Diagnostics.self) { try WindowList(contentsOf: directory.file("short.csv")) }
    #expect(short?.items.map(\.message) == ["the table has no column xmax; its first line names the columns"])
    let rows = (0..<30).map { "a.png,0,0,1,\($0 % 2 == 0 ? "nan" : "x")" }
    _ = try directory.write(Array((["filename,ymin,xmin,ymax,xmax"] + rows).joined(separator: "\n").utf8), to: "bad.csv")
    let bad = #expect(throws: Diagnostics.self) { try WindowList(contentsOf: directory.file("bad.csv")) }
    #expect(bad?.items.count == 21 && bad?.items.last?.message == "and 10 more")
    #expect(bad?.items[1].message == "xmax is a number, not \"x\"" && bad?.items[1].location?.line == 3)
    _ = try directory.write([], to: "empty.csv")
    #expect(throws: Diagnostics.self) { try WindowList(contentsOf: directory.file("empty.csv")) }
  }
}
