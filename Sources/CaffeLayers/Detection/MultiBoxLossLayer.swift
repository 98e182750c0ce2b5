import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `multibox_loss_param`, by their prototxt names; defaults are those of SSD.
public struct MultiBoxLossParameters: LayerParameters {
  public enum LocLossType: Int32, ProtoEnum {
    /// ½ d²
    case L2 = 0
    /// ½ d² where |d| < 1, |d| − ½ elsewhere.
    case SMOOTH_L1 = 1
    public static let schema = makeSchema("LocLossType")
  }
  public enum ConfLossType: Int32, ProtoEnum {
    /// One class of all.
    case SOFTMAX = 0
    /// Each class for itself.
    case LOGISTIC = 1
    public static let schema = makeSchema("ConfLossType")
  }
  public enum MatchType: Int32, ProtoEnum {
    /// Each box of the ground truth gets one prior.
    case BIPARTITE = 0
    /// After that, each prior gets the box it overlaps most, if by `overlap_threshold` at least.
    case PER_PREDICTION = 1
    public static let schema = makeSchema("MatchType")
  }
  public enum MiningType: Int32, ProtoEnum {
    /// All priors count.
    case NONE = 0
    /// Beside the matched priors, the others that cost most, `neg_pos_ratio` for each matched one.
    case MAX_NEGATIVE = 1
    /// The `sample_size` priors that cost most, matched or not.
    case HARD_EXAMPLE = 2
    public static let schema = makeSchema("MiningType")
  }
  /// What a difference d of a location costs.
  public var locLossType = LocLossType.SMOOTH_L1
  /// What scores cost.
  public var confLossType = ConfLossType.SOFTMAX
  /// What locations count beside scores.
  public var locWeight: Float = 1
  /// Classes, the background among them.
  public var numClasses = 0
  /// Whether all classes share the boxes.
  public var shareLocation = true
  /// Which priors stand for which boxes.
  public var matchType = MatchType.PER_PREDICTION
  public var overlapThreshold: Float = 0.5
  /// Whether priors are matched, or the boxes that are predicted.
  public var usePriorForMatching = true
  /// The class that is no object; −1 where there is none.
  public var backgroundLabelId = 0
  /// Whether boxes that are marked as difficult count.
  public var useDifficultGt = true
  /// The older way to choose `mining_type`: true for MAX_NEGATIVE, false for NONE.
  public var doNegMining: Bool?
  public var negPosRatio: Float = 3
  /// A prior that overlaps some box by that much is no example of the background.
  public var negOverlap: Float = 0.5
  /// How boxes are written relative to priors.
  public var codeType = PriorBoxParameters.CodeType.CORNER
  /// Whether predictions are already scaled by the variances.
  public var encodeVarianceInTarget = false
  /// Whether all objects are one class, the one after the background.
  public var mapObjectToAgnostic = false
  /// Whether boxes that reach beyond the image take no part.
  public var ignoreCrossBoundaryBbox = false
  /// Whether coordinates outside of the image cost nothing.
  public var bpInside = false
  /// Which priors' scores count.
  public var miningType = MiningType.MAX_NEGATIVE
  /// Suppression of priors that repeat each other before mining; none where it is not given.
  public var nmsParam: NonMaximumSuppressionParameter?
  public var sampleSize = 64
  /// Whether that suppression looks at priors, or at the boxes that are predicted.
  public var usePriorForNms = false
  public init() {}
  public static let messageName = "MultiBoxLossParameter"
  public static let fields: [Field<MultiBoxLossParameters>] = [
    Field("loc_loss_type", 1, \.locLossType), Field("conf_loss_type", 2, \.confLossType), Field("loc_weight", 3, \.locWeight),
    Field("num_classes", 4, \.numClasses, as: .uint32), Field("share_location", 5, \.shareLocation),
    Field("match_type", 6, \.matchType), Field("overlap_threshold", 7, \.overlapThreshold),
    Field("use_prior_for_matching", 8, \.usePriorForMatching), Field("background_label_id", 9, \.backgroundLabelId),
    Field("use_difficult_gt", 10, \.useDifficultGt), Field("do_neg_mining", 11, \.doNegMining),
    Field("neg_pos_ratio", 12, \.negPosRatio), Field("neg_overlap", 13, \.negOverlap), Field("code_type", 14, \.codeType),
    Field("encode_variance_in_target", 16, \.encodeVarianceInTarget),
    Field("map_object_to_agnostic", 17, \.mapObjectToAgnostic),
    Field("ignore_cross_boundary_bbox", 18, \.ignoreCrossBoundaryBbox), Field("bp_inside", 19, \.bpInside),
    Field("mining_type", 20, \.miningType), Field("nms_param", 21, \.nmsParam), Field("sample_size", 22, \.sampleSize),
    Field("use_prior_for_nms", 23, \.usePriorForNms),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("multibox_loss_param", 201, schema)

  /// The mining in force, with the older field taken into account.
  var mining: MiningType { doNegMining == false ? .NONE : miningType }

  /// How boxes are written.
  var coder: BoxCoder { BoxCoder(type: codeType, isVarianceInTarget: encodeVarianceInTarget) }

  /// How many boxes each prior predicts.
  var locationClasses: Int { shareLocation ? 1 : numClasses }
}

/// SSD's objective: predicted boxes that stand for one of the ground truth are to have its place, and scores its class.
/// Liu et al., ECCV 2016.
///
/// The loss is (loc_weight · Σ location + Σ score) / n: locations of the priors that match a box, scores of those and of
/// the ones that mining chooses from the rest; n is the number of matched priors unless `loss_param` says otherwise.
///
/// ```prototxt
/// # loc: 2x32
/// # conf: 2x24
/// # priors: 1x2x32 in 0...1
/// # truth: 1x1x3x8 labels 2
/// layer {
///   name: "loss" type: "MultiBoxLoss" bottom: "loc" bottom: "conf" bottom: "priors" bottom: "truth" top: "loss"
///   multibox_loss_param { num_classes: 3 background_label_id: 2 code_type: CORNER neg_pos_ratio: 3 }
/// }
/// ```
///
/// - Difference: with `conf_loss_type: LOGISTIC` and no mining, SSD writes the targets of all images but the first to places of
///   others; here each image has its own. Labels and images that do not exist end the pass with an error.
/// - Dialect: SSD and the forks that took it over agree. RefineDet's layer takes two bottoms more, which are not taken here.
public struct MultiBoxLossLayer: Layer {
  public static let type = "MultiBoxLoss"
  public static let bottoms = 4...4
  public static let tops = 0...1
  public static let role = LayerRole.loss
  private let parameters: MultiBoxLossParameters
  private let loss: LossParameter
  private let title: String
  private let topCount: Int
  /// Whether locations and scores count: SSD leaves out what gets no gradient by `propagate_down`.
  private let counts: (locations: Bool, scores: Bool)

  public init(_ parameters: MultiBoxLossParameters, in context: LayerContext) throws(LayerError) {
    try MultiBoxLossLayer.checkClasses(parameters)
    try MultiBoxLossLayer.checkMining(parameters)
    self.parameters = parameters
    loss = context.definition.loss
    title = context.definition.title
    topCount = context.topCount
    let propagates = context.definition.propagateDown
    counts = (propagates.first ?? true, propagates.count > 1 ? propagates[1] : true)
  }

  private static func checkClasses(_ p: MultiBoxLossParameters) throws(LayerError) {
    guard p.numClasses > 0 else { throw LayerError("num_classes must be at least 1", field: "num_classes") }
    guard p.confLossType == .LOGISTIC || (0..<p.numClasses).contains(p.backgroundLabelId) else {
      throw LayerError(
        "background_label_id must be one of the \(p.numClasses) classes with conf_loss_type: SOFTMAX",
        field: "background_label_id")
    }
    guard !p.mapObjectToAgnostic || p.numClasses == (p.backgroundLabelId == 0 ? 2 : 1) && p.backgroundLabelId <= 0 else {
      throw LayerError(
        "map_object_to_agnostic goes with 2 classes, of which 0 is the background, or with 1 class and no background",
        field: "map_object_to_agnostic")
    }
  }

  private static func checkMining(_ p: MultiBoxLossParameters) throws(LayerError) {
    if let mines = p.doNegMining, mines ? p.miningType == .NONE : p.miningType == .HARD_EXAMPLE {
      throw LayerError("do_neg_mining: \(mines) and mining_type: \(p.miningType) contradict each other", field: "do_neg_mining")
    }
    guard p.mining != .NONE else { return }
    guard p.shareLocation else {
      throw LayerError("mining goes with share_location: true; say mining_type: NONE", field: "share_location")
    }
    guard p.negPosRatio > 0, p.negPosRatio.isFinite else {
      throw LayerError("neg_pos_ratio must be above 0", field: "neg_pos_ratio")
    }
    guard p.mining != .HARD_EXAMPLE || p.sampleSize > 0 else {
      throw LayerError("sample_size must be at least 1", field: "sample_size")
    }
  }

  /// Locations N×(P·4), or N×(P·classes·4) when they are not shared, scores N×(P·classes), priors 1×2×4P, ground truth
  /// 1×1×G×8 with rows item, label, instance, corners, difficult, where item −1 is no box. Top: loss (). Saved: the
  /// derivatives of the undivided loss by locations and scores, and the divisor.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let priors = try priorCount(bottoms[2])
    try checkPredictions(bottoms[0], priors: priors, each: 4 * parameters.locationClasses, "locations")
    try checkPredictions(bottoms[1], priors: priors, each: parameters.numClasses, "scores")
    guard bottoms[0][0] == bottoms[1][0] else {
      throw ShapeError("locations are for \(bottoms[0][0]) items, scores for \(bottoms[1][0])")
    }
    guard bottoms[3].rank == 4, bottoms[3][0] == 1, bottoms[3][1] == 1, bottoms[3][3] == 8 else {
      throw ShapeError("the ground truth needs the shape 1x1xGx8, found \(bottoms[3])")
    }
    return LayerSignature(tops: Array([[]].prefix(topCount)), saved: [bottoms[0], bottoms[1], []])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index < 2 }

  public func forward(_ io: ForwardIO) {
    let (priors, items) = (Prior.all(io.bottoms[2]), io.bottoms[0].shape[0])
    let objective = MultiBoxObjective(parameters, priors)
    let truths = truths(io, items)
    for buffer in io.saved { buffer.fill(0) }
    var (location, score, matches) = (0.0, 0.0, 0)
    for item in 0..<items {
      let prediction = MultiBoxPrediction(
        locations: io.bottoms[0].pointer + item * priors.count * parameters.locationClasses * 4,
        scores: io.bottoms[1].pointer + item * priors.count * parameters.numClasses)
      let gradient = MultiBoxPrediction(
        locations: io.saved[0].pointer + item * priors.count * parameters.locationClasses * 4,
        scores: io.saved[1].pointer + item * priors.count * parameters.numClasses)
      let samples = MultiBoxSampler(objective, prediction, truths[item]).samples
      if let prior = samples.positives.first(where: { !parameters.coder.canEncode(priors[$0.prior]) })?.prior {
        io.faults.report("\(title): prior \(prior) has no extent, or a variance that is not above 0")
      }
      matches += samples.positives.count
      location += objective.locationLoss(samples, prediction, gradient)
      score += objective.scoreLoss(samples, prediction, gradient)
    }
    let divisor = loss.mode().divisor(
      valid: matches, outer: items, inner: priors.count, preFixed: loss.preFixedNormalizer)
    io.saved[2][0] = divisor
    let sum = (counts.locations ? Double(parameters.locWeight) * location : 0) + (counts.scores ? score : 0)
    io.tops.first?[0] = Float(sum) / divisor
  }

  /// The ground truth of each item.
  private func truths(_ io: ForwardIO, _ items: Int) -> [[GroundTruth]] {
    var truths = [[GroundTruth]](repeating: [], count: items)
    let all = GroundTruth.all(
      io.bottoms[3], items: items, classes: parameters.mapObjectToAgnostic ? nil : parameters.numClasses,
      background: parameters.backgroundLabelId, title, io.faults)
    for truth in all where parameters.useDifficultGt || !truth.isDifficult { truths[truth.item].append(truth) }
    return truths
  }

  /// d locations = loc_weight · (d, cut to −1…1 for SMOOTH_L1) · dloss / n, d scores = (p − target) · dloss / n, with p the
  /// softmax or the logistic function; 0 for what does not count.
  public func backward(_ io: BackwardIO) {
    let factor = (io.topDiffs.first?[0] ?? 0) / io.saved[2][0]
    for (bottom, weight) in [(0, parameters.locWeight), (1, 1)] {
      guard let diff = io.bottomDiffs[bottom] else { continue }
      for i in 0..<diff.count { diff[i] = io.saved[bottom][i] * (weight * factor) }
    }
  }
}
