import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `save_output_param`: which files SSD writes detections to. They are read, and no file is written.
public struct SaveOutputParameter: ProtoMessage, Equatable {
  public var outputDirectory: String?
  public var outputNamePrefix: String?
  /// "VOC", "COCO" or "ILSVRC".
  public var outputFormat: String?
  public var labelMapFile: String?
  public var nameSizeFile: String?
  public var numTestImage: Int?
  public var resizeParam: ResizeParameter?
  public init() {}
  public static let messageName = "SaveOutputParameter"
  public static let fields: [Field<SaveOutputParameter>] = [
    Field("output_directory", 1, \.outputDirectory), Field("output_name_prefix", 2, \.outputNamePrefix),
    Field("output_format", 3, \.outputFormat), Field("label_map_file", 4, \.labelMapFile),
    Field("name_size_file", 5, \.nameSizeFile), Field("num_test_image", 6, \.numTestImage, as: .uint32),
    Field("resize_param", 7, \.resizeParam),
  ]
  public static let schema = makeSchema()
}

/// The fields of `detection_output_param`, by their prototxt names; defaults are those of SSD.
public struct DetectionOutputParameters: LayerParameters {
  /// Classes, the background among them.
  public var numClasses = 0
  /// Whether all classes share the boxes.
  public var shareLocation = true
  /// The class that is no object; −1 where there is none.
  public var backgroundLabelId = 0
  /// Which boxes of a class stay.
  public var nmsParam: NonMaximumSuppressionParameter?
  /// Read and not acted upon: no file is written.
  public var saveOutputParam: SaveOutputParameter?
  /// How boxes are written relative to priors.
  public var codeType = PriorBoxParameters.CodeType.CORNER
  /// How many boxes an image keeps over all classes, those with the highest scores; −1 for all.
  public var keepTopK = -1
  /// Whether predictions are already scaled by the variances.
  public var varianceEncodedInTarget = false
  /// Only scores above it count; all do where it is not given.
  public var confidenceThreshold: Float?
  /// Read and not acted upon: nothing is drawn.
  public var visualize = false
  /// Read and not acted upon.
  public var visualizeThreshold: Float?
  /// Read and not acted upon: no film is written.
  public var saveFile: String?
  /// Where forks older than `nms_param` have its threshold.
  public var nmsThreshold: Float?
  /// Where forks older than `nms_param` have its `top_k`.
  public var topK: Int?
  public init() {}
  public static let messageName = "DetectionOutputParameter"
  public static let fields: [Field<DetectionOutputParameters>] = [
    Field("num_classes", 1, \.numClasses, as: .uint32), Field("share_location", 2, \.shareLocation),
    Field("background_label_id", 3, \.backgroundLabelId), Field("nms_param", 4, \.nmsParam),
    Field("save_output_param", 5, \.saveOutputParam), Field("code_type", 6, \.codeType), Field("keep_top_k", 7, \.keepTopK),
    Field("variance_encoded_in_target", 8, \.varianceEncodedInTarget),
    Field("confidence_threshold", 9, \.confidenceThreshold), Field("visualize", 10, \.visualize),
    Field("visualize_threshold", 11, \.visualizeThreshold), Field("save_file", 12, \.saveFile),
    Field("nms_threshold", 32768, \.nmsThreshold), Field("top_k", 32769, \.topK),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("detection_output_param", 204, schema)
}

/// What SSD has found: the predicted boxes, without those that repeat a better one of their class. Liu et al., ECCV 2016.
///
/// Each row of the top is one box: image, class, score, xmin, ymin, xmax, ymax as shares of the image. Images come in
/// order, in each the classes in order, in each the boxes by descending score; of equal scores the box of the lower index
/// comes first. When nothing at all is found, there is one row for each image: its number and six times −1.
///
/// ```prototxt
/// # loc: 2x32
/// # conf: 2x24 in 0...1
/// # priors: 1x2x32 in 0...1
/// layer {
///   name: "detections" type: "DetectionOutput" bottom: "loc" bottom: "conf" bottom: "priors" top: "detections"
///   detection_output_param {
///     num_classes: 3 code_type: CENTER_SIZE keep_top_k: 5 confidence_threshold: 0.1
///     nms_param { nms_threshold: 0.45 top_k: 400 }
///   }
/// }
/// ```
///
/// - Difference: no files are written and nothing is drawn: `save_output_param`, `visualize`, `visualize_threshold` and
///   `save_file` are read and not acted upon.
/// - Dialect: SSD and the forks that took it over agree. RefineDet's layer takes two bottoms more, which are not taken here.
public struct DetectionOutputLayer: Layer {
  public static let type = "DetectionOutput"
  public static let bottoms = 3...3
  public static let tops = 1...1
  private let parameters: DetectionOutputParameters
  private let suppression: NonMaximumSuppression
  /// How many candidates of a class take part.
  private let candidates: Int?
  private var coder: BoxCoder { BoxCoder(type: parameters.codeType, isVarianceInTarget: parameters.varianceEncodedInTarget) }
  private var locationClasses: Int { parameters.shareLocation ? 1 : parameters.numClasses }
  /// The classes of objects.
  private var classes: [Int] { (0..<parameters.numClasses).filter { $0 != parameters.backgroundLabelId } }

  public init(_ parameters: DetectionOutputParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.numClasses > 0 else { throw LayerError("num_classes must be at least 1", field: "num_classes") }
    var nms = parameters.nmsParam ?? NonMaximumSuppressionParameter()
    if parameters.nmsParam == nil {
      (nms.nmsThreshold, nms.topK) = (parameters.nmsThreshold ?? nms.nmsThreshold, parameters.topK)
    }
    guard nms.nmsThreshold >= 0 else { throw LayerError("nms_threshold must not be negative", field: "nms_param") }
    guard nms.eta > 0, nms.eta <= 1 else { throw LayerError("eta must be above 0 and at most 1", field: "nms_param") }
    self.parameters = parameters
    suppression = NonMaximumSuppression(threshold: nms.nmsThreshold, eta: nms.eta)
    candidates = nms.topK.flatMap { $0 < 0 ? nil : $0 }
  }

  /// Locations N×(P·4), or N×(P·classes·4) when they are not shared, scores N×(P·classes), priors 1×2×4P → 1×1×K×7 with
  /// as many rows K as are found, N when none are.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let priors = try priorCount(bottoms[2])
    try checkPredictions(bottoms[0], priors: priors, each: 4 * locationClasses, "locations")
    try checkPredictions(bottoms[1], priors: priors, each: parameters.numClasses, "scores")
    guard bottoms[0][0] == bottoms[1][0] else {
      throw ShapeError("locations are for \(bottoms[0][0]) items, scores for \(bottoms[1][0])")
    }
    let isObject = parameters.numClasses - ((0..<parameters.numClasses).contains(parameters.backgroundLabelId) ? 1 : 0)
    let found = isObject * min(priors, candidates ?? priors)
    let rows = bottoms[0][0] * max(1, parameters.keepTopK < 0 ? found : min(found, parameters.keepTopK))
    return LayerSignature(tops: [[1, 1, rows, 7]], varyingTops: [0])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { false }

  public func forward(_ io: ForwardIO) {
    let priors = Prior.all(io.bottoms[2])
    let items = io.bottoms[0].shape[0]
    io.tops[0].fill(0)
    var rows = 0
    for item in 0..<items {
      for detection in best(detections(item, io, priors)) {
        let corners = detection.box.corners
        write(
          [Float(item), Float(detection.label), detection.score, corners[0], corners[1], corners[2], corners[3]], to: io.tops[0],
          &rows)
      }
    }
    if rows == 0 {
      for item in 0..<items { write([Float(item)] + [Float](repeating: -1, count: 6), to: io.tops[0], &rows) }
    }
    io.setShape([1, 1, rows, 7], ofTop: 0)
  }

  private struct Detection {
    let label: Int
    let score: Float
    let box: Box
  }

  private func write(_ values: [Float], to top: TensorView, _ row: inout Int) {
    for (column, value) in values.enumerated() { top[row * 7 + column] = value }
    row += 1
  }

  /// An item's detections, by class and then by descending score.
  private func detections(_ item: Int, _ io: ForwardIO, _ priors: [Prior]) -> [Detection] {
    let conf = io.bottoms[1].pointer + item * priors.count * parameters.numClasses
    let floor = parameters.confidenceThreshold ?? -Float.greatestFiniteMagnitude
    var shared = parameters.shareLocation ? boxes(item, 0, io.bottoms[0], priors) : []
    return classes.flatMap { label -> [Detection] in
      let scores = priors.indices.map { conf[$0 * parameters.numClasses + label] }
      let order = ranking(of: scores, above: floor, limit: candidates)
      if !parameters.shareLocation, !order.isEmpty { shared = boxes(item, label, io.bottoms[0], priors) }
      return suppression.survivors(of: order, among: shared).map {
        Detection(label: label, score: scores[$0], box: shared[$0])
      }
    }
  }

  /// The boxes that an item's locations for one class stand for.
  private func boxes(_ item: Int, _ place: Int, _ locations: TensorView, _ priors: [Prior]) -> [Box] {
    let first = item * priors.count * locationClasses + place
    return priors.enumerated().map { index, prior in
      coder.decode(Box(at: locations.pointer + 4 * (first + index * locationClasses)).corners, prior)
    }
  }

  /// The detections that `keep_top_k` lets an item keep, in their order.
  private func best(_ detections: [Detection]) -> [Detection] {
    guard parameters.keepTopK >= 0, detections.count > parameters.keepTopK else { return detections }
    return ranking(of: detections.map(\.score), limit: parameters.keepTopK).sorted().map { detections[$0] }
  }
}
