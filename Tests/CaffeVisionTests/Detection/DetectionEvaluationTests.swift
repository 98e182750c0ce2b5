import Caffe
import CaffeData
import Foundation
import Testing

@Suite("How well objects were found")
struct DetectionEvaluationTests {
  private static func window(_ minY: Double, _ minX: Double, _ maxY: Double, _ maxX: Double) -> PictureWindow {
    PictureWindow(minY: minY, minX: minX, maxY: maxY, maxX: maxX)
  }

  private static func record(_ image: String, _ found: [(String, Float, PictureWindow)]) -> DetectionRecord {
    let objects = found.map { DetectionRecord.Object(Detection(index: 7, score: $1, window: $2), label: $0) }
    return DetectionRecord(image: image, height: 40, width: 40, windows: 9, detections: objects, seconds: [:])
  }

  private static let truths = [
    ObjectTruth(picture: "test/1.png", label: "a", window: window(0, 0, 10, 10)),
    ObjectTruth(picture: "test/1.png", label: "a", window: window(20, 20, 30, 30)),
    ObjectTruth(picture: "test/2.png", label: "a", window: window(0, 0, 10, 10), isDifficult: true),
  ]

  private static func isClose(_ value: Float, _ expected: Double) -> Bool { abs(Double(value) - expected) < 1e-5 }

  @Test("average precisions worked out by hand")
  func byHand() throws {
    // By falling score: difficult, right, the same again, right from an overlap of 0.6 down, wrong.
    let records = [
      Self.record(
        "elsewhere/test/1.png",
        [
          ("a", 0.9, Self.window(0, 0, 10, 10)), ("a", 0.8, Self.window(0, 0, 10, 10)), ("a", 0.7, Self.window(20, 20, 30, 26)),
        ]),
      Self.record("test/2.png", [("a", 0.95, Self.window(0, 0, 10, 10)), ("a", 0.6, Self.window(20, 20, 30, 30))]),
      Self.record("test/3.png", [("a", 0.99, Self.window(0, 0, 10, 10))]),
    ]
    let evaluation = DetectionEvaluation(truths: Self.truths, records: records)
    let result = try #require(evaluation.classes.first)
    #expect(evaluation.classes.count == 1 && result.objects == 2 && result.detections == 5 && evaluation.strangers == 1)
    #expect(Self.isClose(result.precision.voc2012, 0.5 + 0.5 * 2 / 3))
    #expect(Self.isClose(result.precision.voc2007, (6 + 5 * 2.0 / 3) / 11))
    let (loose, strict) = ((51 + 50 * 2.0 / 3) / 101, 51.0 / 101)
    #expect(Self.isClose(result.precision.coco50, loose))
    #expect(Self.isClose(result.precision.coco75, strict))
    #expect(Self.isClose(result.precision.coco, (3 * loose + 7 * strict) / 10))
    #expect(evaluation.mean.voc2012 == result.precision.voc2012)
    // With an overlap of 0.7 the second object is not found.
    let high = DetectionEvaluation(truths: Self.truths, records: records, overlap: 0.7)
    #expect(Self.isClose(high.mean.voc2012, 0.5))
  }

  @Test("a detection between two objects takes the nearer by VOC's rule, the free one by COCO's")
  func rules() throws {
    let truths = [
      ObjectTruth(picture: "p", label: "a", window: Self.window(0, 0, 10, 10)),
      ObjectTruth(picture: "p", label: "a", window: Self.window(0, 2, 10, 12)),
    ]
    // Both overlap the first one most; the second overlaps the second object by 70/130.
    let record = Self.record("p", [("a", 0.9, Self.window(0, 0, 10, 10)), ("a", 0.8, Self.window(0, 0, 10, 9))])
    let result = DetectionEvaluation(truths: truths, records: [record]).mean
    #expect(Self.isClose(result.voc2012, 0.5))
    #expect(Self.isClose(result.coco50, 1))
  }

  @Test("what is found in a picture without objects is wrong; a difficult object is found once by COCO's rule")
  func empty() throws {
    let truths = [
      ObjectTruth(picture: "full", label: "a", window: Self.window(0, 0, 10, 10)),
      ObjectTruth(picture: "empty", label: "", window: Self.window(0, 0, 0, 0)),
    ]
    let records = [
      Self.record("full", [("a", 0.8, Self.window(0, 0, 10, 10))]), Self.record("empty", [("a", 0.9, Self.window(0, 0, 10, 10))]),
    ]
    let evaluation = DetectionEvaluation(truths: truths, records: records)
    #expect(evaluation.classes.map(\.label) == ["a"] && evaluation.strangers == 0 && Self.isClose(evaluation.mean.voc2012, 0.5))
    let hard = truths + [ObjectTruth(picture: "full", label: "a", window: Self.window(20, 20, 30, 30), isDifficult: true)]
    let twice = [("a", Float(0.95), Self.window(20, 20, 30, 30)), ("a", Float(0.9), Self.window(20, 20, 30, 30))]
    let found = [Self.record("full", twice + [("a", 0.8, Self.window(0, 0, 10, 10))])]
    let result = DetectionEvaluation(truths: hard, records: found).mean
    #expect(Self.isClose(result.voc2012, 1) && Self.isClose(result.coco50, 0.5))
  }

  @Test("classes go by their names, or by their numbers where the truth has numbers; unknown ones are wrong")
  func names() throws {
    let numbered = [ObjectTruth(picture: "p", label: "7", window: Self.window(0, 0, 10, 10))]
    let record = Self.record("p", [("b", 0.9, Self.window(0, 0, 10, 10))])
    #expect(DetectionEvaluation(truths: numbered, records: [record]).mean.voc2012 == 1)
    let named = DetectionEvaluation(
      truths: Self.truths, records: [Self.record("test/1.png", [("b", 0.9, Self.window(0, 0, 10, 10))])])
    #expect(named.classes.map(\.label) == ["a", "b"] && named.classes[1].objects == 0)
    #expect(named.mean.voc2012 == 0)
  }

  @Test("mistakes in the tables are named with their places")
  func mistakes() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "caffe-truth-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "truth.csv").path
    try "filename,class,ymin,xmin,ymax,xmax\nnone.png,,,,,\n".write(toFile: path, atomically: false, encoding: .utf8)
    #expect(try ObjectTruth.read(contentsOf: path).map { "\($0.picture)\($0.label)" } == ["none.png"])
    let text = "filename,class,ymin,xmin,ymax,xmax\na.png,a,1,2,3,4\na.png,a,1,two,3,4\na.png,a,5,2,5,4\na.png,a,1,2,3\n"
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    let short = #expect(throws: (any Error).self) { try ObjectTruth.read(contentsOf: path) }
    #expect("\(short as Any)".contains("truth.csv:5:1: error: 5 fields under 6 names of columns"), "\(short as Any)")
    try text.replacing("a.png,a,1,2,3\n", with: "").write(toFile: path, atomically: false, encoding: .utf8)
    let words = "\(#expect(throws: (any Error).self) { try ObjectTruth.read(contentsOf: path) } as Any)"
    #expect(words.contains("truth.csv:3:11: error: xmin is a number, not \"two\""), "\(words)")
    #expect(words.contains("truth.csv:4:9: error: the object's window, ymin 5, xmin 2, ymax 5, xmax 4, has no area"), "\(words)")
    try "{}".write(toFile: path, atomically: false, encoding: .utf8)
    let json = #expect(throws: DataFileError.self) { try DetectionRecord.read(contentsOf: path) }
    #expect(json?.message.hasPrefix("not what `caffe detect --json` prints: the file") == true, "\(json as Any)")
  }
}
