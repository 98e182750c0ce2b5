import CaffeCore
import CaffeFormat
import CaffeGraph

/// Which parts of a picture are drawn: SSD's `sampler`.
public struct Sampler: ProtoMessage, Equatable {
  /// The least area of a part, as a share of the picture's.
  public var minScale: Float = 1
  public var maxScale: Float = 1
  public var minAspectRatio: Float = 1
  public var maxAspectRatio: Float = 1
  public init() {}
  public static let messageName = "Sampler"
  public static let fields: [Field<Sampler>] = [
    Field("min_scale", 1, \.minScale), Field("max_scale", 2, \.maxScale), Field("min_aspect_ratio", 3, \.minAspectRatio),
    Field("max_aspect_ratio", 4, \.maxAspectRatio),
  ]
  public static let schema = makeSchema()
}

/// What a part that was drawn must have in common with some box of the ground truth: SSD's `sample_constraint`.
public struct SampleConstraint: ProtoMessage, Equatable {
  /// Bounds of the area of the intersection by that of the union.
  public var minJaccardOverlap: Float?
  public var maxJaccardOverlap: Float?
  /// Bounds of the share of the part that the box covers.
  public var minSampleCoverage: Float?
  public var maxSampleCoverage: Float?
  /// Bounds of the share of the box that the part covers.
  public var minObjectCoverage: Float?
  public var maxObjectCoverage: Float?
  public init() {}
  public static let messageName = "SampleConstraint"
  public static let fields: [Field<SampleConstraint>] = [
    Field("min_jaccard_overlap", 1, \.minJaccardOverlap), Field("max_jaccard_overlap", 2, \.maxJaccardOverlap),
    Field("min_sample_coverage", 3, \.minSampleCoverage), Field("max_sample_coverage", 4, \.maxSampleCoverage),
    Field("min_object_coverage", 5, \.minObjectCoverage), Field("max_object_coverage", 6, \.maxObjectCoverage),
  ]
  public static let schema = makeSchema()
}

/// One way to draw parts of pictures: SSD's `batch_sampler`.
public struct BatchSampler: ProtoMessage, Equatable {
  /// Whether parts are those of the whole picture.
  public var useOriginalImage = true
  public var sampler: Sampler?
  public var sampleConstraint: SampleConstraint?
  /// How many parts are taken at most; all that are found where it is not given.
  public var maxSample: Int?
  /// How many are drawn to find them.
  public var maxTrials = 100
  public init() {}
  public static let messageName = "BatchSampler"
  public static let fields: [Field<BatchSampler>] = [
    Field("use_original_image", 1, \.useOriginalImage), Field("sampler", 2, \.sampler),
    Field("sample_constraint", 3, \.sampleConstraint), Field("max_sample", 4, \.maxSample, as: .uint32),
    Field("max_trials", 5, \.maxTrials, as: .uint32),
  ]
  public static let schema = makeSchema()
}

/// The fields of `annotated_data_param`, by their prototxt names; defaults are those of SSD.
public struct AnnotatedDataParameters: LayerParameters {
  /// What annotations consist of.
  public enum AnnotationType: Int32, ProtoEnum {
    case BBOX = 0
    public static let schema = makeSchema("AnnotationType")
  }
  /// Ways to draw parts of pictures, of which one part is then taken.
  public var batchSampler: [BatchSampler] = []
  /// The names of the classes.
  public var labelMapFile: String?
  /// What annotations consist of; what the database says where it is not given.
  public var annoType: AnnotationType?
  public init() {}
  public static let messageName = "AnnotatedDataParameter"
  public static let fields: [Field<AnnotatedDataParameters>] = [
    Field("batch_sampler", 1, \.batchSampler), Field("label_map_file", 2, \.labelMapFile), Field("anno_type", 3, \.annoType),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("annotated_data_param", 200, schema)
}

/// Pictures with boxes from a database of AnnotatedDatum. Liu et al., ECCV 2016.
///
/// The layer declares what it makes; such databases are not read yet. Whoever feeds the net gives pictures and boxes as
/// they are to be: one row of the labels is item, class, instance, xmin, ymin, xmax, ymax, difficult, with an item of −1
/// for no box. How many rows there are changes from batch to batch; the declared shape has one.
///
/// ```prototxt
/// layer {
///   name: "scenes" type: "AnnotatedData" top: "data" top: "label"
///   data_param { source: "train_lmdb" batch_size: 32 backend: LMDB }
///   annotated_data_param { batch_sampler { max_sample: 1 max_trials: 1 } label_map_file: "labelmap.prototxt" }
///   transform_param { mirror: true resize_param { height: 300 width: 300 } }
/// }
/// ```
///
/// - Difference: the database is not read.
/// - Dialect: SSD and the forks that took it over agree.
public struct AnnotatedDataLayer: Layer {
  public static let type = "AnnotatedData"
  public static let bottoms = 0...0
  public static let tops = 1...2
  public static let role = LayerRole.source
  private let batchSize: Int
  private let transform: TransformationParameter
  private let topCount: Int

  public init(_ parameters: AnnotatedDataParameters, in context: LayerContext) throws(LayerError) {
    let data = context.definition.parameters(DataParameters.self)
    guard let source = data.source, !source.isEmpty else {
      throw LayerError("source is missing: which database?", field: "data_param")
    }
    guard data.batchSize > 0 else { throw LayerError("batch_size must be at least 1", field: "batch_size") }
    batchSize = data.batchSize
    transform = context.definition.transform ?? TransformationParameter()
    topCount = context.topCount
  }

  /// Tops: pictures N×C×H×W, of the size that `crop_size`, `crop_h` and `crop_w`, or `resize_param` give them, and boxes
  /// 1×1×G×8, declared with G = 1. Without a size nothing is declared, and the shapes have to be given.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard let pictures = try transform.imageShape(batch: batchSize) else { return LayerSignature(tops: []) }
    return LayerSignature(tops: Array([pictures, [1, 1, 1, 8]].prefix(topCount)))
  }

  public func forward(_ io: ForwardIO) {}
}
