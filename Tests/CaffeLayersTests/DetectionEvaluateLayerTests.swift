import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("DetectionEvaluate")
struct DetectionEvaluateLayerTests {
  private static let boxes: [String: SampleValues] = [
    "found": .given([0, 1, 0.9, 0, 0, 0.5, 0.5, 1, 2, 0.8, 0, 0, 0.5, 0.6, 0, 2, 0.7, 0.5, 0.5, 1, 1]),
    "truth": .given([0, 1, 0, 0, 0, 0.5, 0.4, 0, 1, 2, 0, 0, 0, 0.5, 0.5, 1]),
  ]

  private static let variants = [
    "num_classes: 3", "num_classes: 3 background_label_id: -1 overlap_threshold: 0.9",
    "num_classes: 3 evaluate_difficult_gt: false name_size_file: 'sizes' resize_param { height: 3 width: 4 }",
  ]

  @Test("keeps the contract of layers; there is no gradient", arguments: variants)
  func contract(parameters: String) throws {
    let net = LayerCheck.net(
      "type: 'DetectionEvaluate' detection_evaluate_param { \(parameters) }",
      ["found": [1, 1, 5, 7], "truth": [1, 1, 3, 8]])
    try LayerCheck.all(net, phase: .TEST, values: Self.boxes)
  }

  private static func run(_ parameters: String, _ found: [[Float]], _ truth: [[Float]]) throws -> VaryingTop {
    try VaryingTop(
      "type: 'DetectionEvaluate' detection_evaluate_param { num_classes: 3 \(parameters) }",
      [
        "found": .of([1, 1, found.count, 7], found.flatMap { $0 }),
        "truth": .of([1, 1, truth.count, 8], truth.flatMap { $0 }),
      ])
  }

  private static let truth: [[Float]] = [
    [0, 1, 0, 0, 0, 0.5, 0.5, 0], [0, 1, 1, 0.5, 0.5, 1, 1, 1], [0, 2, 0, 0, 0, 1, 1, 0], [1, 1, 0, 0, 0, 0.5, 0.5, 0],
    [-1, 0, 0, 0, 0, 0, 0, 0],
  ]

  @Test("counts what is there, difficult or not")
  func counts() throws {
    let all = try Self.run("", [[0, -1, -1, -1, -1, -1, -1]], Self.truth)
    #expect(all.rows == [[-1, 1, 3, -1, -1], [-1, 2, 1, -1, -1]])
    #expect(all.top.shape == [1, 1, 2, 5])
    #expect(all.rest == [0, 0, 0, 0, 0])
    let easy = try Self.run("evaluate_difficult_gt: false", [[0, -1, -1, -1, -1, -1, -1]], Self.truth)
    #expect(easy.rows == [[-1, 1, 2, -1, -1], [-1, 2, 1, -1, -1]])
    let none = try Self.run("background_label_id: -1", [[-1, -1, -1, -1, -1, -1, -1]], [Self.truth[4]])
    #expect(none.rows == [[-1, 0, 0, -1, -1], [-1, 1, 0, -1, -1], [-1, 2, 0, -1, -1]])
  }

  @Test("finds each box once, the best score first; what overlaps too little or is of another class or image is wrong")
  func verdicts() throws {
    let run = try Self.run(
      "",
      [
        [1, 2, 0.5, 0, 0, 0.5, 0.5],  // no such class in that image
        [0, 1, 0.6, 0, 0, 0.5, 0.5],  // found before, by 0.7
        [0, 1, 0.7, 0, 0, 0.5, 0.4],  // overlaps by 0.8
        [0, 1, 0.8, 0, 0, 0.5, 0.2],  // overlaps by 0.4
        [0, 2, 0.1, 0, 0, 1, 0.5],  // overlaps by 0.5, which is enough
        [2, 1, 0.9, 0, 0, 0.5, 0.5],  // nothing in that image
      ], Self.truth)
    #expect(
      run.rows.dropFirst(2) == [
        [0, 1, 0.8, 0, 1], [0, 1, 0.7, 1, 0], [0, 1, 0.6, 0, 1], [0, 2, 0.1, 1, 0], [1, 2, 0.5, 0, 1], [2, 1, 0.9, 0, 1],
      ])
    #expect(run.fault == nil)
  }

  @Test("says of a detection of a difficult box neither, when such boxes do not count")
  func difficult() throws {
    let found: [[Float]] = [[0, 1, 0.9, 0.5, 0.5, 1, 1]]
    #expect(try Self.run("", found, Self.truth).rows[2] == [0, 1, 0.9, 1, 0])
    #expect(try Self.run("evaluate_difficult_gt: false", found, Self.truth).rows[2] == [0, 1, 0.9, 0, 0])
  }

  @Test("asks for more overlap when told")
  func threshold() throws {
    let found: [[Float]] = [[0, 1, 0.7, 0, 0, 0.5, 0.4]]
    #expect(try Self.run("overlap_threshold: 0.75", found, Self.truth).rows[2] == [0, 1, 0.7, 1, 0])
    #expect(try Self.run("overlap_threshold: 0.85", found, Self.truth).rows[2] == [0, 1, 0.7, 0, 1])
  }

  @Test("reports labels and images that do not exist")
  func faults() throws {
    let title = "layer \"layer\" (DetectionEvaluate): "
    func fault(_ found: [Float], _ truth: [Float] = Self.truth[0]) throws -> String? { try Self.run("", [found], [truth]).fault }
    let label = "detection 0 is of label 3.0 in item 0.0: that is no class of objects"
    #expect(try fault([0, 3, 0.7, 0, 0, 1, 1]) == title + label)
    #expect(try fault([0, 0, 0.7, 0, 0, 1, 1])?.contains("label 0.0 in item 0.0") == true)
    #expect(try fault([.nan, 1, 0.7, 0, 0, 1, 1])?.contains("label 1.0 in item nan") == true)
    let good: [Float] = [0, 1, 0.7, 0, 0, 1, 1]
    #expect(try fault(good) == nil)
    #expect(
      try fault(good, [0, 0, 0, 0, 0, 1, 1, 0]) == title + "row 0 of the ground truth has label 0.0, which is no class of objects"
    )
  }

  @Test("refuses settings and shapes that do not fit")
  func mistakes() {
    func mistake(_ parameters: String, _ truth: Shape = [1, 1, 2, 8]) -> String {
      OneLayer.mistake(
        "type: 'DetectionEvaluate' detection_evaluate_param { \(parameters) }", ["found": [1, 1, 3, 7], "truth": truth]) ?? "none"
    }
    #expect(mistake("").contains("num_classes must be at least 1"))
    #expect(mistake("num_classes: 3 overlap_threshold: 0").contains("overlap_threshold must be above 0"))
    #expect(mistake("num_classes: 3", [1, 1, 2, 7]).contains("needs detections 1x1xKx7 and ground truth 1x1xGx8"))
  }
}
