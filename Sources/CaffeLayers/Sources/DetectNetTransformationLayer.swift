import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `detectnet_groundtruth_param` of NVIDIA's fork, by their prototxt names; defaults are that fork's.
public struct DetectNetGroundTruthParameters: LayerParameters {
  public enum GridboxType: Int32, ProtoEnum {
    case GRIDBOX_MAX = 0
    case GRIDBOX_MIN = 1
    public static let schema = makeSchema("GridboxType")
  }
  public enum CoverageType: Int32, ProtoEnum {
    case RECTANGULAR = 0
    public static let schema = makeSchema("CoverageType")
  }
  /// Which class of the labels becomes which class of the targets.
  public struct ClassMapping: ProtoMessage, Equatable {
    public var src = 0
    public var dst = 0
    public init() {}
    public static let messageName = "ClassMapping"
    public static let fields: [Field<ClassMapping>] = [
      Field("src", 1, \.src, as: .uint32), Field("dst", 2, \.dst, as: .uint32),
    ]
    public static let schema = makeSchema()
  }
  /// Pixels of a picture that a cell of the targets stands for.
  public var stride = 4
  public var scaleCvg: Float = 0.5
  public var gridboxType = GridboxType.GRIDBOX_MAX
  public var maxCvgLen = 50
  public var minCvgLen = 50
  public var coverageType = CoverageType.RECTANGULAR
  public var imageSizeX = 1248
  public var imageSizeY = 384
  public var objNorm = false
  public var cropBboxes = true
  public var objectClass: [ClassMapping] = []
  public init() {}
  public static let messageName = "DetectNetGroundTruthParameter"
  public static let fields: [Field<DetectNetGroundTruthParameters>] = [
    Field("stride", 1, \.stride, as: .uint32), Field("scale_cvg", 2, \.scaleCvg), Field("gridbox_type", 3, \.gridboxType),
    Field("max_cvg_len", 4, \.maxCvgLen, as: .uint32), Field("min_cvg_len", 5, \.minCvgLen, as: .uint32),
    Field("coverage_type", 6, \.coverageType), Field("image_size_x", 7, \.imageSizeX, as: .uint32),
    Field("image_size_y", 8, \.imageSizeY, as: .uint32), Field("obj_norm", 9, \.objNorm),
    Field("crop_bboxes", 10, \.cropBboxes), Field("object_class", 11, \.objectClass),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("detectnet_groundtruth_param", 1116, schema)
}

/// Makes DetectNet's targets of boxes and varies the pictures: NVIDIA's way of preparing data within the net. It does not run here.
///
/// `caffe summary` shows its tops as unknown; the net for use, which does without it, runs.
///
/// - Dialect: NVIDIA's. `detectnet_augmentation_param` is read and kept.
public struct DetectNetTransformationLayer: Layer {
  public static let type = "DetectNetTransformation"
  public static let bottoms = 2...2
  public static let tops = 2...2

  public init(_ parameters: DetectNetGroundTruthParameters, in context: LayerContext) {}

  /// Unknown: the targets are not made here.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    throw ShapeError(
      "prepares data for DetectNet's training, which is not done here; give the net its targets as inputs", isUnknown: true)
  }

  public func forward(_ io: ForwardIO) {}
}
