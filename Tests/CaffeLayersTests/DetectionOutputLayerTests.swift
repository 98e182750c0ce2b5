import CaffeCore
import CaffeTesting
import Testing

@Suite("DetectionOutput")
struct DetectionOutputLayerTests {
  private static let variants = [
    "num_classes: 3", "num_classes: 3 code_type: CENTER_SIZE nms_param { nms_threshold: 0.45 top_k: 2 } keep_top_k: 3",
    "num_classes: 3 code_type: CORNER_SIZE variance_encoded_in_target: true confidence_threshold: 0.5",
    "num_classes: 3 background_label_id: -1 nms_param { eta: 0.9 nms_threshold: 0.8 }", "num_classes: 3 confidence_threshold: 9",
    "num_classes: 3 nms_threshold: 0.2 top_k: 3",
    """
    num_classes: 3 save_output_param { output_directory: 'd' output_name_prefix: 'p' output_format: 'VOC' label_map_file: 'l'
    name_size_file: 'n' num_test_image: 7 resize_param { height: 3 width: 4 } } visualize: true visualize_threshold: 0.4 save_file: 'f'
    """,
  ]

  @Test("keeps the contract of layers; detections have no gradient", arguments: variants)
  func contract(parameters: String) throws {
    let net = LayerCheck.net(
      "type: 'DetectionOutput' detection_output_param { \(parameters) }",
      ["loc": [3, 16], "conf": [3, 12], "prior": [1, 2, 16]])
    try LayerCheck.all(net, phase: .TEST, values: ["conf": .distinct(spacing: 0.1), "prior": .uniform(0...1)])
    let own = LayerCheck.net(
      "type: 'DetectionOutput' detection_output_param { \(parameters) share_location: false }",
      ["loc": [3, 48], "conf": [3, 12], "prior": [1, 2, 16]])
    try LayerCheck.all(own, phase: .TEST, values: ["prior": .uniform(0...1)])
  }

  /// Four priors: two that overlap by 0.6 (a, b), one beside them (c), one that overlaps a by 1/7 (d).
  private static let priors: [[Float]] = [[0, 0, 0.4, 0.4], [0, 0, 0.4, 0.24], [0.5, 0.5, 0.9, 0.9], [0.2, 0.2, 0.6, 0.6]]

  /// The layer on predictions that are the priors themselves; `scores` has those of each class for each prior.
  private static func run(_ parameters: String, _ scores: [[Float]], loc: [Float]? = nil) throws -> VaryingTop {
    let (classes, items) = (scores[0].count, scores.count / 4)
    return try VaryingTop(
      "type: 'DetectionOutput' detection_output_param { num_classes: \(classes) \(parameters) }",
      [
        "loc": .of([items, 16], loc ?? [Float](repeating: 0, count: 16 * items)),
        "conf": .of([items, 4 * classes], scores.flatMap { $0 }),
        "prior": .of([1, 2, 16], priors.flatMap { $0 } + [Float](repeating: 0.1, count: 16)),
      ])
  }

  @Test("keeps the better of two boxes that overlap too much, best first")
  func suppression() throws {
    let scores: [[Float]] = [[0, 0.5], [0, 0.9], [0, 0.3], [0, 0.7]]
    let strict = try Self.run("nms_param { nms_threshold: 0.5 }", scores)
    #expect(strict.rows == [[0, 1, 0.9] + Self.priors[1], [0, 1, 0.7] + Self.priors[3], [0, 1, 0.3] + Self.priors[2]])
    #expect(strict.top.shape == [1, 1, 3, 7])
    #expect(strict.rest == [Float](repeating: 0, count: 7))
    let loose = try Self.run("nms_param { nms_threshold: 0.7 }", scores)
    #expect(loose.rows.map { $0[2] } == [0.9, 0.7, 0.5, 0.3])
    #expect(try Self.run("nms_threshold: 0.7", scores).rows == loose.rows)
    #expect(try Self.run("", scores).rows == strict.rows)  // the default is 0.3
  }

  @Test("looks at as many candidates as top_k says, and only at scores above the threshold")
  func candidates() throws {
    let scores: [[Float]] = [[0, 0.5], [0, 0.9], [0, 0.3], [0, 0.7]]
    #expect(try Self.run("nms_param { top_k: 3 }", scores).rows.map { $0[2] } == [0.9, 0.7])
    #expect(try Self.run("top_k: 1", scores).rows.map { $0[2] } == [0.9])
    #expect(try Self.run("confidence_threshold: 0.3", scores).rows.map { $0[2] } == [0.9, 0.7])
    #expect(try Self.run("confidence_threshold: 0.29", scores).rows.map { $0[2] } == [0.9, 0.7, 0.3])
  }

  @Test("lowers a threshold above one half by eta after each box that stays")
  func eta() throws {
    // b is kept first; a overlaps it by 0.6. With 0.65 · 0.8 = 0.52 a goes.
    let scores: [[Float]] = [[0, 0.5], [0, 0.9], [0, 0.3], [0, 0.2]]
    #expect(try Self.run("nms_param { nms_threshold: 0.65 }", scores).rows.count == 4)
    #expect(try Self.run("nms_param { nms_threshold: 0.65 eta: 0.8 }", scores).rows.map { $0[2] } == [0.9, 0.3, 0.2])
  }

  @Test("takes the lower index of equal scores, and keeps the best over all classes")
  func ties() throws {
    let equal: [[Float]] = [[0, 0.5, 0.6], [0, 0.5, 0.2], [0, 0.5, 0.5], [0, 0.1, 0.1]]
    let all = try Self.run("", equal)
    #expect(all.rows.map { Array($0[1...2]) } == [[1, 0.5], [1, 0.5], [1, 0.1], [2, 0.6], [2, 0.5], [2, 0.1]])
    #expect(all.rows[0].suffix(4) == Self.priors[0][...])
    #expect(all.rows[1].suffix(4) == Self.priors[2][...])
    // 0.6 of class 2, then 0.5 of class 1 twice: those come before 0.5 of class 2.
    let best = try Self.run("keep_top_k: 3", equal)
    #expect(best.rows.map { Array($0[1...2]) } == [[1, 0.5], [1, 0.5], [2, 0.6]])
    #expect(best.rest.isEmpty)
  }

  @Test("names an image by its place in the batch, and says in one row each when nothing is found")
  func images() throws {
    let scores: [[Float]] = [[0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0.9], [0, 0]]
    let one = try Self.run("confidence_threshold: 0.5", scores)
    #expect(one.rows == [[1, 1, 0.9] + Self.priors[2]])
    let none = try Self.run("confidence_threshold: 0.95", scores)
    #expect(none.rows == [[0, -1, -1, -1, -1, -1, -1], [1, -1, -1, -1, -1, -1, -1]])
    #expect(try Self.run("keep_top_k: 0", scores).rows == none.rows)
  }

  @Test("passes over the background, wherever it is")
  func background() throws {
    let scores: [[Float]] = [[0.8, 0.5], [0, 0], [0, 0], [0, 0]]
    #expect(try Self.run("confidence_threshold: 0.1", scores).rows.map { $0[1] } == [1])
    #expect(try Self.run("confidence_threshold: 0.1 background_label_id: 1", scores).rows.map { $0[1] } == [0])
    #expect(try Self.run("confidence_threshold: 0.1 background_label_id: -1", scores).rows.map { $0[1] } == [0, 1])
  }

  @Test("takes NaN for no score")
  func nan() throws {
    let scores: [[Float]] = [[0, .nan], [0, 0.9], [0, .nan], [0, .nan]]
    #expect(try Self.run("", scores).rows.map { $0[2] } == [0.9])
  }

  private static let codes: [(String, [Float])] = [
    // Prior (0.5, 0.5)–(0.9, 0.9) with variances 0.1, codes 1, 2, 0, 5.
    ("code_type: CORNER", [0.6, 0.7, 0.9, 1.4]),
    ("code_type: CORNER variance_encoded_in_target: true", [1.5, 2.5, 0.9, 5.9]),
    ("code_type: CORNER_SIZE", [0.54, 0.58, 0.9, 1.1]),
    ("code_type: CORNER_SIZE variance_encoded_in_target: true", [0.9, 1.3, 0.9, 2.9]),
    // Centre (0.7 + 0.04, 0.7 + 0.08), extents 0.4 and 0.4 · e^0.5.
    ("code_type: CENTER_SIZE", [0.54, 0.78 - 0.3297443, 0.94, 0.78 + 0.3297443]),
    // Centre (1.1, 1.5), extents 0.4 and 0.4 · e^5.
    ("code_type: CENTER_SIZE variance_encoded_in_target: true", [0.9, 1.5 - 29.682632, 1.3, 1.5 + 29.682632]),
  ]

  @Test("decodes boxes by each code", arguments: codes)
  func decoding(parameters: String, box: [Float]) throws {
    let loc: [Float] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 5, 0, 0, 0, 0]
    let run = try Self.run(
      "\(parameters) confidence_threshold: 0.5", [[0, 0], [0, 0], [0, 1], [0, 0]], loc: loc)
    #expect(run.rows.count == 1)
    #expect(isClose(Array(run.rows[0].suffix(4)), box))
  }

  @Test("has boxes of each class where they are not shared")
  func ownLocations() throws {
    var loc = [Float](repeating: 0, count: 4 * 2 * 4)
    loc[4 * (2 * 2 + 1)] = 1  // the third prior's first number for class 1
    let run = try VaryingTop(
      "type: 'DetectionOutput' detection_output_param { num_classes: 2 share_location: false confidence_threshold: 0.5 }",
      [
        "loc": .of([1, 32], loc), "conf": .of([1, 8], [0, 0, 0, 0, 0, 1, 0, 0]),
        "prior": .of([1, 2, 16], Self.priors.flatMap { $0 } + [Float](repeating: 0.1, count: 16)),
      ])
    #expect(run.rows.count == 1)
    #expect(isClose(run.rows[0], [0, 1, 1, 0.6, 0.5, 0.9, 0.9]))
  }

  @Test("declares as many rows as it can ever have")
  func rows() throws {
    func rows(_ parameters: String) throws -> Int {
      let run = try Self.run(parameters, [[Float]](repeating: [0, 0, 0], count: 8))
      return run.top.shape[2] + run.rest.count / 7
    }
    #expect(try rows("confidence_threshold: 9") == 2 * 2 * 4)
    #expect(try rows("confidence_threshold: 9 background_label_id: -1") == 2 * 3 * 4)
    #expect(try rows("confidence_threshold: 9 top_k: 3") == 2 * 2 * 3)
    #expect(try rows("confidence_threshold: 9 keep_top_k: 5") == 2 * 5)
    #expect(try rows("confidence_threshold: 9 keep_top_k: 0") == 2)
  }

  @Test("refuses settings and shapes that do not fit")
  func mistakes() {
    func mistake(
      _ parameters: String, _ loc: Shape = [2, 16], _ conf: Shape = [2, 12], _ prior: Shape = [1, 2, 16]
    ) -> String {
      OneLayer.mistake(
        "type: 'DetectionOutput' detection_output_param { \(parameters) }", ["loc": loc, "conf": conf, "prior": prior])
        ?? "none"
    }
    #expect(mistake("").contains("num_classes must be at least 1"))
    #expect(mistake("num_classes: 3 nms_param { nms_threshold: -1 }").contains("nms_threshold must not be negative"))
    #expect(mistake("num_classes: 3 nms_param { eta: 0 }").contains("eta must be above 0 and at most 1"))
    #expect(mistake("num_classes: 4").contains("4 priors need 4 scores each in an item, found 2x12"))
    #expect(mistake("num_classes: 4294967295").contains("4 priors need 4294967295 scores each in an item, found 2x12"))
    #expect(mistake("num_classes: 3", [2, 12]).contains("4 priors need 4 locations each in an item, found 2x12"))
    #expect(mistake("num_classes: 3", [3, 16]).contains("locations are for 3 items, scores for 2"))
    #expect(mistake("num_classes: 3", [2, 16], [2, 12], [2, 16]).contains("the priors need the shape 1x2x4P, found 2x16"))
    #expect(mistake("num_classes: 3", [2, 16], [2, 12], [1, 2, 0]).contains("the priors need the shape 1x2x4P, found 1x2x0"))
  }
}
