import Caffe
import CaffeCore
import CaffeData
import CaffeVision
import Foundation
import Testing

@Suite("A detector")
struct DetectorTests {
  /// A net that puts out the mean of each channel of its input, 8×8.
  private final class Model {
    let path = FileManager.default.temporaryDirectory.appending(path: "caffe-detector-\(UUID().uuidString)").path

    init(input: String = "dim: 4 dim: 3 dim: 8 dim: 8", kernel: String = "kernel_size: 8", labels: String = "") throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try """
      layer { name: "data" type: "Input" top: "data" input_param { shape { \(input) } } }
      layer { name: "pool" type: "Pooling" bottom: "data" top: "mean" pooling_param { pool: AVE \(kernel) } }
      """.write(toFile: "\(path)/deploy.prototxt", atomically: false, encoding: .utf8)
      if !labels.isEmpty { try labels.write(toFile: "\(path)/labels.txt", atomically: false, encoding: .utf8) }
      // The pooling needs no weights.
      try Data([0xA2, 0x06, 0x06, 0x0A, 0x04] + Array("pool".utf8)).write(to: URL(filePath: "\(path)/net.caffemodel"))
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func detector(mean: String? = nil, _ set: (inout Detector.Cropping) -> Void = { _ in }) throws -> Detector {
      var cropping = Detector.Cropping()
      cropping.contextPad = 0
      set(&cropping)
      return try Detector(PictureModel(path, mean: mean), cropping: cropping)
    }
  }

  /// 40×40: the left half 100, 110, 120 in blue, green and red, the right half 200, 210, 220.
  private static func halves() throws -> Image {
    let pixels = (0..<1600).flatMap { index -> [UInt8] in index % 40 < 20 ? [100, 110, 120] : [200, 210, 220] }
    return try Image(width: 40, height: 40, channels: 3, pixels: pixels)
  }

  private static func window(_ minX: Double, _ maxX: Double) -> PictureWindow {
    PictureWindow(minY: 0, minX: minX, maxY: 40, maxX: maxX)
  }

  @Test("each window has a row of scores, whatever the batch leaves over; means are taken off")
  func scores() throws {
    let windows = [Self.window(0, 20), Self.window(20, 40), Self.window(0, 40), Self.window(-20, 20), Self.window(20, 90)]
    let result = try Model().detector().detect(in: Self.halves(), windows: windows)
    #expect(result.scores.shape.dims[0] == 5 && result.scores.shape.count == 15)
    let rows: [Float] = [100, 110, 120, 200, 210, 220, 150, 160, 170, 100, 110, 120, 200, 210, 220]
    #expect(zip(result.scores.values, rows).allSatisfy { abs($0 - $1) < 1e-3 }, "\(result.scores.values)")
    let less = try Model().detector(mean: "100,10,20").detect(in: Self.halves(), windows: [Self.window(0, 20)])
    #expect(less.scores.values == [0, 100, 100])
    let none = try Model().detector().detect(in: Self.halves(), windows: [])
    #expect(none.scores.shape.count == 0 && none.detections.isEmpty)
  }

  @Test(
    "surroundings count as the geometry has them, and what lies outside of the picture as the mean",
    arguments: CropGeometry.allCases)
  func surroundings(geometry: CropGeometry) throws {
    // Each pixel is four times its column.
    let pixels = (0..<1600).flatMap { [UInt8](repeating: UInt8($0 % 40 * 4), count: 3) }
    let slope = try Image(width: 40, height: 40, channels: 3, pixels: pixels)
    let detector = try Model().detector { ($0.contextPad, $0.geometry) = (2, geometry) }
    let scores = try detector.detect(in: slope, windows: [PictureWindow(minY: 0, minX: 0, maxY: 20, maxX: 20)]).scores
    // Columns −10 to 32, of which 0 to 31 become 6 of 8 places; by R-CNN's count −10 to 30, of which 0 to 30 do. Either way 36 of
    // the 64 places show the picture, and the mean of their columns is the middle.
    let middle: Float = geometry == .caffe ? 15.5 : 15
    #expect(abs(scores[0] - 4 * middle * 36 / 64) < 0.2, "\(scores.values)")
  }

  @Test("windows that are none are named, all at once")
  func mistakes() throws {
    let windows = [
      Self.window(0, 20), Self.window(9, 3), Self.window(50, 60), Self.window(7, 7), Self.window(.nan, 1), Self.window(-1e12, 9),
    ]
    let error = #expect(throws: DetectorError.self) { try Model().detector().detect(in: Self.halves(), windows: windows) }
    let words = error.map { "\($0)" } ?? ""
    #expect(words.contains("window 1 (ymin 0, xmin 9, ymax 40, xmax 3) is reversed: its minimum lies behind its maximum"))
    #expect(
      words.contains("window 2 (ymin 0, xmin 50, ymax 40, xmax 60) lies outside of the picture, which has 40 rows and 40 columns")
    )
    #expect(words.contains("window 3 (ymin 0, xmin 7, ymax 40, xmax 7) has no area"))
    #expect(words.contains("window 4") && words.contains("has an edge that is no number"))
    #expect(words.contains("window 5") && words.contains("has an edge farther away than 1000000000 pixels"))
    #expect(words.split(separator: "\n").count == 5, "\(words)")
  }

  @Test("nets that cannot take such crops are named with what to do")
  func nets() throws {
    let oblong = try Model(input: "dim: 4 dim: 3 dim: 8 dim: 6", kernel: "kernel_h: 8 kernel_w: 6")
    #expect(try oblong.detector().detect(in: Self.halves(), windows: [Self.window(0, 20)]).scores.values == [100, 110, 120])
    let square = #expect(throws: DetectorError.self) { try oblong.detector { $0.contextPad = 1 } }
    #expect(square?.description == "the net's input, 8x6, is no square; crop without surroundings: --context-pad 0")
    let wide = #expect(throws: DetectorError.self) { try Model().detector { $0.contextPad = 4 } }
    #expect(wide?.description == "surroundings of 4 pixels leave nothing of an input of 8x8; take fewer: --context-pad")
    var model = try PictureModel(oblong.path)
    model.preprocessing.channelOrder = .gray
    #expect(throws: DetectorError.self) { try Detector(model) }
    let flat = try Model(input: "dim: 4 dim: 1 dim: 8 dim: 8")
    let gray = try flat.detector().detect(in: Self.halves(), windows: [Self.window(0, 20)]).scores
    #expect(gray.values == [112])  // 0.114·100 + 0.587·110 + 0.299·120, rounded
  }

  @Test("a class called background is no object, and what is found has the scores' order")
  func detections() throws {
    let detector = try Model(labels: "background\ngreen\nred\n").detector()
    #expect(detector.suppression.background == 0 && detector.suppression.scoreThreshold == 0)
    let found = try detector.detect(in: Self.halves(), windows: [Self.window(0, 20), Self.window(20, 40)]).detections
    #expect(
      found.map { "\($0.index) \(Int($0.score.rounded())) \(Int($0.window.minX))" } == [
        "2 220 20", "1 210 20", "2 120 0", "1 110 0",
      ])
  }

  @Test("a stop between batches ends the work")
  func stop() throws {
    let windows = [PictureWindow](repeating: Self.window(0, 20), count: 9)
    var scored: [Int] = []
    #expect(throws: CancellationError.self) {
      try Model().detector().detect(
        in: Self.halves(), windows: windows, progress: { scored.append($0) }, shouldStop: { scored.count == 2 })
    }
    #expect(scored == [4, 8])
  }
}
