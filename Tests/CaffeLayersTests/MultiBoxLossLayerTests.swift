import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("MultiBoxLoss")
struct MultiBoxLossLayerTests {
  private static let values: [String: SampleValues] = [
    "loc": .uniform(-0.7...0.7), "conf": .distinct(spacing: 0.07),
    "prior": .given(
      [0, 0, 0.5, 0.5, 0.5, 0, 1, 0.5, 0, 0.5, 0.5, 1, 0.4, 0.4, 0.9, 0.9] + [0.1, 0.1, 0.2, 0.2, 0.1, 0.1, 0.2, 0.2]
        + [0.1, 0.1, 0.2, 0.2, 0.1, 0.1, 0.2, 0.2]),
    "truth": .given(
      [0, 1, 0, 0.05, 0.05, 0.45, 0.5, 0, 0, 2, 0, 0.5, 0.5, 0.95, 0.95, 0, 1, 2, 0, 0.45, 0, 0.95, 0.5, 1]
        + [1, 1, 1, 0, 0.5, 0.4, 0.95, 0, -1, 0, 0, 0, 0, 0, 0, 0]),
  ]

  private static func net(_ parameters: String, classes: Int = 3, own: Bool = false) -> String {
    LayerCheck.net(
      "type: 'MultiBoxLoss' \(parameters)",
      ["loc": [3, own ? 16 * classes : 16], "conf": [3, 4 * classes], "prior": [1, 2, 16], "truth": [1, 1, 5, 8]])
  }

  private static let variants = [
    "num_classes: 3", "num_classes: 3 neg_pos_ratio: 1 loc_weight: 2", "num_classes: 3 code_type: CENTER_SIZE loc_loss_type: L2",
    "num_classes: 3 code_type: CORNER_SIZE mining_type: NONE", "num_classes: 3 conf_loss_type: LOGISTIC",
    "num_classes: 3 conf_loss_type: LOGISTIC mining_type: NONE", "num_classes: 3 match_type: BIPARTITE use_difficult_gt: false",
    "num_classes: 3 encode_variance_in_target: true bp_inside: true", "num_classes: 3 do_neg_mining: false",
    "num_classes: 3 do_neg_mining: true overlap_threshold: 0.3 neg_overlap: 0.4",
    "num_classes: 3 mining_type: HARD_EXAMPLE sample_size: 2",
    "num_classes: 3 nms_param { nms_threshold: 0.1 top_k: 3 } use_prior_for_nms: true ignore_cross_boundary_bbox: true",
    "num_classes: 3 use_prior_for_matching: false code_type: CENTER_SIZE",
  ]

  @Test("keeps the contract of layers", arguments: variants)
  func contract(parameters: String) throws {
    try LayerCheck.all(Self.net("multibox_loss_param { \(parameters) }"), values: Self.values)
  }

  @Test("keeps the contract of layers with locations for each class, and with one class of objects")
  func others() throws {
    let own = "multibox_loss_param { num_classes: 3 share_location: false mining_type: NONE "
    try LayerCheck.all(Self.net(own + "}", own: true), values: Self.values)
    let predicted = own + "use_prior_for_matching: false code_type: CENTER_SIZE }"
    try LayerCheck.all(Self.net(predicted, own: true), values: Self.values)
    let agnostic = "multibox_loss_param { num_classes: 2 map_object_to_agnostic: true }"
    try LayerCheck.all(Self.net(agnostic, classes: 2), values: Self.values)
    let alone = "num_classes: 1 map_object_to_agnostic: true background_label_id: -1 conf_loss_type: LOGISTIC"
    try LayerCheck.all(Self.net("multibox_loss_param { \(alone) }", classes: 1), values: Self.values)
  }

  @Test("keeps the contract of layers under every normalization", arguments: ["FULL", "VALID", "BATCH_SIZE", "NONE"])
  func normalizations(mode: String) throws {
    let parameters = "loss_weight: 0.3 loss_param { normalization: \(mode) } multibox_loss_param { num_classes: 3 }"
    try LayerCheck.all(Self.net(parameters), values: Self.values)
  }

  // MARK: Values worked out by hand

  /// A box (0.1, 0)–(0.5, 0.5) of class 1, and four priors: a overlaps it by 0.8, b and c not at all, d by 0.6.
  private static let priors: [Float] =
    [0, 0, 0.5, 0.5, 0.5, 0.5, 1, 1, 0, 0.5, 0.5, 1, 0.1, 0, 0.5, 0.3] + [Float](repeating: 0.1, count: 16)
  private static let truth: [Float] = [0, 1, 0, 0.1, 0, 0.5, 0.5, 0]

  /// As a has to be moved by (1, 0, 0, 0) in its code, and d by (0, 0, 0, 2), the differences are (−½, 2, 0, 0) and
  /// (0, 0, 0, −½).
  private static let loc: [Float] = [0.5, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1.5]
  /// Softmax: a (¼, ½, ¼), b thirds, c (⅔, ⅙, ⅙), d (½, ¼, ¼).
  private static let conf: [Float] = [0, log2, 0, 0, 0, 0, 2 * log2, 0, 0, log2, 0, 0]
  private static let log2: Float = 0.6931472
  private static let log3: Float = 1.0986123

  private static func layer(_ parameters: String, truth: [Float] = truth, more: String = "") throws -> OneLayer {
    try OneLayer(
      "type: 'MultiBoxLoss' \(more) multibox_loss_param { num_classes: 3 \(parameters) }",
      [
        "loc": .of([1, 16], loc), "conf": .of([1, 12], conf), "prior": .of([1, 2, 16], priors),
        "truth": .of([1, 1, truth.count / 8, 8], truth),
      ])
  }

  @Test("compares matched locations, and scores of matched priors and of those that mining adds")
  func loss() throws {
    // Locations: a 0.125 + 1.5, d 0.125. Scores: a log 2, d log 4, b log 3, c log 1.5.
    let location: Float = 1.625 + 0.125
    let matched = location + 3 * Self.log2
    let all = matched + Self.log3 + (Self.log3 - Self.log2)
    let layer = try Self.layer("")
    #expect(isClose(try layer.forward(), [all / 2]))
    #expect(isClose(try layer.backward("loc"), [-0.25, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -0.25]))
    let scores: [Float] = [
      0.25, -0.5, 0.25, 1 / 3 - 1, 1 / 3, 1 / 3, 2 / 3 - 1, 1 / 6, 1 / 6, 0.5, 0.25 - 1, 0.25,
    ]
    #expect(isClose(try layer.backward("conf"), scores.map { $0 / 2 }))
    #expect(isClose(try Self.layer("loc_weight: 3").forward(), [(all + 2 * location) / 2]))
    #expect(isClose(try Self.layer("mining_type: NONE").forward(), [all / 2]))
  }

  @Test("takes the negatives that cost most, as many for each match as neg_pos_ratio says")
  func mining() throws {
    let matched: Float = 1.75 + 3 * Self.log2
    #expect(isClose(try Self.layer("neg_pos_ratio: 0.5").forward(), [(matched + Self.log3) / 2]))
    #expect(isClose(try Self.layer("neg_pos_ratio: 0.4").forward(), [matched / 2]))
    let layer = try Self.layer("neg_pos_ratio: 0.5")
    _ = try layer.forward()
    #expect(try Array(layer.backward("conf")[6..<9]) == [0, 0, 0])
  }

  @Test("matches each box with one prior, and others by their overlap; neg_overlap keeps near ones from being negatives")
  func matching() throws {
    // Only a is matched; d overlaps too much to be a negative.
    let all = 1.625 + Self.log2 + Self.log3 + (Self.log3 - Self.log2)
    #expect(isClose(try Self.layer("match_type: BIPARTITE").forward(), [all]))
    #expect(isClose(try Self.layer("overlap_threshold: 0.7").forward(), [all]))
    // With a higher bound d becomes one: log 2 for its background.
    #expect(isClose(try Self.layer("overlap_threshold: 0.7 neg_overlap: 0.7").forward(), [all + Self.log2]))
  }

  @Test("measures locations by squares when told")
  func squares() throws {
    let scores = 3 * Self.log2 + 2 * Self.log3 - Self.log2
    #expect(isClose(try Self.layer("loc_loss_type: L2").forward(), [(0.125 + 2 + 0.125 + scores) / 2]))
    let layer = try Self.layer("loc_loss_type: L2")
    _ = try layer.forward()
    #expect(isClose(Array(try layer.backward("loc").prefix(4)), [-0.25, 1, 0, 0]))
  }

  @Test("leaves coordinates out that lie beyond the image")
  func inside() throws {
    // No prior does; the predicted box a does at ymin = 0.2 − …: its corners are 0.05, 0.2, 0.5, 0.5.
    #expect(try Self.layer("bp_inside: true").forward() == Self.layer("").forward())
    var truth = Self.truth
    truth[3] = -0.1
    let crossing = try OneLayer(
      "type: 'MultiBoxLoss' multibox_loss_param { num_classes: 3 bp_inside: true mining_type: NONE }",
      [
        "loc": .of([1, 4], [0, 5, 0, 0]), "conf": .of([1, 3], [0, 0, 0]),
        "prior": .of([1, 2, 4], [0.2, -0.1, 0.6, 0.5, 0.1, 0.1, 0.1, 0.1]), "truth": .of([1, 1, 1, 8], truth),
      ])
    // The code of (−0.1, 0)–(0.5, 0.5) is (−3, 1, −1, 0): differences 3, 4, 1, 0, of which ymin does not count.
    #expect(isClose(try crossing.forward(), [2.5 + 0.5 + Self.log3]))
    #expect(isClose(try crossing.backward("loc"), [1, 0, 1, 0]))
  }

  @Test("lets boxes beyond the image take no part when told")
  func crossing() throws {
    func loss(_ parameters: String) throws -> [Float] {
      try OneLayer(
        "type: 'MultiBoxLoss' multibox_loss_param { num_classes: 3 \(parameters) }",
        [
          "loc": .of([1, 8], [Float](repeating: 0, count: 8)), "conf": .of([1, 6], [Float](repeating: 0, count: 6)),
          "prior": .of([1, 2, 8], [-0.1, 0, 0.5, 0.5, 0.1, 0, 0.5, 0.4] + [Float](repeating: 1, count: 8)),
          "truth": .of([1, 1, 1, 8], Self.truth),
        ]
      ).forward()
    }
    // Overlaps 2/3 and 0.8; codes (0.2, 0, 0, 0) and (0, 0, 0, 0.1).
    #expect(isClose(try loss(""), [(0.02 + 0.005 + 2 * Self.log3) / 2]))
    #expect(isClose(try loss("ignore_cross_boundary_bbox: true"), [0.005 + Self.log3]))
  }

  @Test("takes the examples that cost most, matched or not, when told")
  func hardExamples() throws {
    // Costs: a 1.625 + log 2 = 2.318, b log 3 = 1.099, c log 1.5 = 0.405, d 0.125 + log 4 = 1.511.
    let a = 1.625 + Self.log2
    let d = 0.125 + 2 * Self.log2
    #expect(isClose(try Self.layer("mining_type: HARD_EXAMPLE sample_size: 1").forward(), [a]))
    #expect(isClose(try Self.layer("mining_type: HARD_EXAMPLE sample_size: 2").forward(), [(a + d) / 2]))
    #expect(isClose(try Self.layer("mining_type: HARD_EXAMPLE sample_size: 3").forward(), [(a + d + Self.log3) / 2]))
  }

  @Test("suppresses negatives that repeat each other when told")
  func suppression() throws {
    // The candidates b and c do not overlap as priors; with top_k 1 only b is looked at.
    let matched: Float = 1.75 + 3 * Self.log2
    let all = matched + Self.log3 + (Self.log3 - Self.log2)
    let nms = "use_prior_for_nms: true nms_param { nms_threshold: 0.5"
    #expect(isClose(try Self.layer("\(nms) }").forward(), [all / 2]))
    #expect(isClose(try Self.layer("\(nms) top_k: 1 }").forward(), [(matched + Self.log3) / 2]))
  }

  @Test("divides as loss_param says, by the matches unless told otherwise")
  func normalization() throws {
    let sum = try Self.layer("", more: "loss_param { normalization: NONE }").forward()[0]
    func loss(_ mode: String) throws -> [Float] { try Self.layer("", more: "loss_param { \(mode) }").forward() }
    #expect(isClose(try loss("normalization: VALID"), [sum / 2]))
    #expect(isClose(try loss("normalization: FULL"), [sum / 4]))
    #expect(isClose(try loss("normalization: BATCH_SIZE"), [sum]))
    #expect(isClose(try loss("normalize: false"), [sum]))
  }

  @Test("leaves out of the loss what gets no gradient by propagate_down, as SSD does")
  func propagation() throws {
    let down = ["true", "false"].map { "propagate_down: \($0) " }
    let location = try Self.layer("", more: down[0] + down[1] + down[1] + down[1]).forward()[0]
    let score = try Self.layer("", more: down[1] + down[0] + down[1] + down[1]).forward()[0]
    #expect(isClose([location], [1.75 / 2]))
    #expect(isClose([location + score], try Self.layer("").forward()))
  }

  @Test("is 0 where nothing is there, unless all priors count")
  func nothing() throws {
    let none: [Float] = [-1, 0, 0, 0, 0, 0, 0, 0]
    let layer = try Self.layer("", truth: none)
    #expect(try layer.forward() == [0])
    #expect(try layer.backward("conf").allSatisfy { $0 == 0 })
    // log 4, log 3, log 1.5 and log 2 for the background of a, b, c and d.
    let all = try Self.layer("mining_type: NONE", truth: none).forward()
    #expect(isClose(all, [2 * Self.log2 + Self.log3 + (Self.log3 - Self.log2) + Self.log2]))
    let difficult = Array(Self.truth.dropLast()) + [1]
    #expect(try Self.layer("use_difficult_gt: false", truth: difficult).forward() == [0])
    #expect(try Self.layer("", truth: difficult).forward() == Self.layer("").forward())
  }

  @Test("judges each class for itself with LOGISTIC")
  func logistic() throws {
    // Without mining b and c are to get no class: each score x costs log(1 + e^x); those of class 1 of a and d less x.
    let softplus = Self.conf.map { log1pexp($0) }.reduce(0, +)
    let layer = try Self.layer("conf_loss_type: LOGISTIC mining_type: NONE")
    #expect(isClose(try layer.forward(), [(1.75 + softplus - Self.log2) / 2]))
    // With mining b and c are to get the background, whose scores are 0 and log 4.
    let mined = try Self.layer("conf_loss_type: LOGISTIC")
    #expect(isClose(try mined.forward(), [(1.75 + softplus - Self.log2 - 2 * Self.log2) / 2]))
  }

  private func log1pexp(_ x: Float) -> Float {
    // 1 + e^x is 2, 3 or 5 here.
    x == 0 ? Self.log2 : x == Self.log2 ? Self.log3 : 1.609438
  }

  @Test("uses the class's own locations where they are not shared")
  func ownLocations() throws {
    var loc = [Float](repeating: 9, count: 12)
    for k in 0..<4 { loc[4 + k] = [1, 0, 2, 0][k] }  // those of class 1; the code of the box is (1, 0, 0, 0)
    let layer = try OneLayer(
      "type: 'MultiBoxLoss' multibox_loss_param { num_classes: 3 share_location: false mining_type: NONE }",
      [
        "loc": .of([1, 12], loc), "conf": .of([1, 3], [0, 0, 0]),
        "prior": .of([1, 2, 4], [0, 0, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1]), "truth": .of([1, 1, 1, 8], Self.truth),
      ])
    #expect(isClose(try layer.forward(), [1.5 + Self.log3]))
    #expect(isClose(try layer.backward("loc"), [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]))
  }

  // MARK: Mistakes

  @Test("ends with an error that names labels, images and priors that cannot be")
  func faults() throws {
    func fault(_ truth: [Float], _ parameters: String = "") -> String? {
      #expect(throws: RunError.self) { try Self.layer(parameters, truth: truth).forward() }?.description
    }
    let title = "layer \"layer\" (MultiBoxLoss): "
    #expect(fault([1, 1, 0, 0, 0, 1, 1, 0]) == title + "row 0 of the ground truth is for item 1.0 of 1 (from 0 on)")
    let label = "row 0 of the ground truth has label 3.0, which is no class of objects"
    #expect(fault([0, 3, 0, 0, 0, 1, 1, 0]) == title + label)
    #expect(fault([0, 0, 0, 0, 0, 1, 1, 0])?.contains("has label 0.0") == true)
    #expect(fault([.nan, 1, 0, 0, 0, 1, 1, 0])?.contains("for item nan of 1") == true)
    let flat = try OneLayer(
      "type: 'MultiBoxLoss' multibox_loss_param { num_classes: 3 }",
      [
        "loc": Tensor([1, 4]), "conf": Tensor([1, 3]), "prior": .of([1, 2, 4], [0, 0, 0.5, 0.5, 0, 1, 1, 1]),
        "truth": .of([1, 1, 1, 8], Self.truth),
      ])
    let error = #expect(throws: RunError.self) { try flat.forward() }
    #expect(error?.description == title + "prior 0 has no extent, or a variance that is not above 0")
  }

  @Test("refuses settings and shapes that do not fit")
  func mistakes() {
    func mistake(_ parameters: String, loc: Shape = [2, 16], truth: Shape = [1, 1, 3, 8]) -> String {
      OneLayer.mistake(
        "type: 'MultiBoxLoss' multibox_loss_param { \(parameters) }",
        ["loc": loc, "conf": [2, 12], "prior": [1, 2, 16], "truth": truth]) ?? "none"
    }
    #expect(mistake("").contains("num_classes must be at least 1"))
    #expect(mistake("num_classes: 3 background_label_id: 3").contains("background_label_id must be one of the 3 classes"))
    #expect(mistake("num_classes: 3 map_object_to_agnostic: true").contains("map_object_to_agnostic goes with 2 classes"))
    #expect(mistake("num_classes: 3 share_location: false").contains("mining goes with share_location: true"))
    #expect(mistake("num_classes: 3 neg_pos_ratio: 0").contains("neg_pos_ratio must be above 0"))
    #expect(mistake("num_classes: 3 mining_type: HARD_EXAMPLE sample_size: 0").contains("sample_size must be at least 1"))
    let contradiction = "do_neg_mining: true and mining_type: NONE contradict each other"
    #expect(mistake("num_classes: 3 do_neg_mining: true mining_type: NONE").contains(contradiction))
    #expect(mistake("num_classes: 4").contains("4 priors need 4 scores each in an item, found 2x12"))
    #expect(mistake("num_classes: 3", loc: [2, 20]).contains("4 priors need 4 locations each in an item, found 2x20"))
    #expect(mistake("num_classes: 3", loc: [3, 16]).contains("locations are for 3 items, scores for 2"))
    #expect(mistake("num_classes: 3", truth: [1, 1, 3, 7]).contains("the ground truth needs the shape 1x1xGx8, found 1x1x3x7"))
  }
}
