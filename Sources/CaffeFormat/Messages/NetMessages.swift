/// Whether a net learns or answers.
public enum Phase: Int32, ProtoEnum {
  case TRAIN = 0
  case TEST = 1
  public static let schema = makeSchema("Phase")
}

/// The dimensions of a blob as written in a file.
public struct BlobShape: ProtoMessage, Equatable {
  /// Extent per axis, outermost first; not checked.
  public var dim: [Int] = []
  public init() {}
  public static let messageName = "BlobShape"
  public static let fields: [Field<BlobShape>] = [Field("dim", 1, \.dim, as: .int64, packed: true)]
  public static let schema = makeSchema()
}

/// The state a net is built for: decides which layers take part.
public struct NetState: ProtoMessage, Equatable {
  public var phase: Phase?
  public var level = 0
  public var stage: [String] = []
  public init() {}

  /// A state for a phase, with level and stages as the command line gives them.
  public init(phase: Phase, level: Int = 0, stages: [String] = []) {
    self.phase = phase
    self.level = level
    stage = stages
  }

  public static let messageName = "NetState"
  public static let fields: [Field<NetState>] = [
    Field("phase", 1, \.phase), Field("level", 2, \.level), Field("stage", 3, \.stage),
  ]
  public static let schema = makeSchema()
}

/// One condition of `include` or `exclude`.
public struct NetStateRule: ProtoMessage, Equatable {
  public var phase: Phase?
  public var minLevel: Int?
  public var maxLevel: Int?
  /// Stages that must all be set.
  public var stage: [String] = []
  /// Stages of which none may be set.
  public var notStage: [String] = []
  public init() {}
  public static let messageName = "NetStateRule"
  public static let fields: [Field<NetStateRule>] = [
    Field("phase", 1, \.phase), Field("min_level", 2, \.minLevel), Field("max_level", 3, \.maxLevel),
    Field("stage", 4, \.stage), Field("not_stage", 5, \.notStage),
  ]
  public static let schema = makeSchema()

  /// Whether a net in that state meets the rule.
  public func matches(_ state: NetState) -> Bool {
    (phase ?? state.phase) == state.phase
      && state.level >= minLevel ?? Int.min && state.level <= maxLevel ?? Int.max
      && stage.allSatisfy(state.stage.contains) && !notStage.contains(where: state.stage.contains)
  }
}

/// How one parameter blob of a layer learns, and under which name it is shared.
public struct ParamSpec: ProtoMessage, Equatable {
  /// How alike the shapes of blobs that share a name must be.
  public enum DimCheckMode: Int32, ProtoEnum {
    case STRICT = 0
    /// Only the number of elements counts.
    case PERMISSIVE = 1
    public static let schema = makeSchema("DimCheckMode")
  }
  public var name: String?
  public var shareMode: DimCheckMode?
  public var lrMult: Float?
  public var decayMult: Float?
  public init() {}
  public static let messageName = "ParamSpec"
  public static let fields: [Field<ParamSpec>] = [
    Field("name", 1, \.name), Field("share_mode", 2, \.shareMode), Field("lr_mult", 3, \.lrMult),
    Field("decay_mult", 4, \.decayMult),
  ]
  public static let schema = makeSchema()
}

/// How a parameter gets its first values.
public struct FillerParameter: ProtoMessage, Equatable {
  /// Which count normalises `xavier` and `msra`.
  public enum VarianceNorm: Int32, ProtoEnum {
    /// Inputs of an output.
    case FAN_IN = 0
    /// Outputs of an input.
    case FAN_OUT = 1
    /// The mean of both.
    case AVERAGE = 2
    public static let schema = makeSchema("VarianceNorm")
  }
  /// `constant`, `gaussian`, `uniform`, `positive_unitball`, `xavier`, `msra` or `bilinear`.
  public var type = "constant"
  /// For `constant`: the value.
  public var value: Float = 0
  /// For `uniform`: the least value.
  public var min: Float = 0
  /// For `uniform`: the largest value.
  public var max: Float = 1
  /// For `gaussian`: the mean.
  public var mean: Float = 0
  /// For `gaussian`: the standard deviation.
  public var std: Float = 1
  /// For `gaussian`: expected number of inputs of an output that are not 0; −1 keeps all.
  public var sparse = -1
  /// For `xavier` and `msra`: which number of connections the variance is divided by.
  public var varianceNorm = VarianceNorm.FAN_IN
  public init() {}

  /// A constant filler.
  public init(constant value: Float) { self.value = value }

  public static let messageName = "FillerParameter"
  public static let fields: [Field<FillerParameter>] = [
    Field("type", 1, \.type), Field("value", 2, \.value), Field("min", 3, \.min), Field("max", 4, \.max),
    Field("mean", 5, \.mean),
    Field("std", 6, \.std), Field("sparse", 7, \.sparse), Field("variance_norm", 8, \.varianceNorm),
  ]
  public static let schema = makeSchema()
}

/// What happens to a pixel between its source and the net: output = (pixel − mean) · scale, cropped and mirrored.
///
/// The fields that forks added (`forkFields`) are read and written; the data layers do not act upon them yet.
public struct TransformationParameter: ProtoMessage, Equatable {
  /// What pixels are multiplied with once the mean is taken off.
  public var scale: Float = 1
  /// Mirrors every second picture or so, at random, in both phases.
  public var mirror = false
  /// Cuts a square of that side out: at random in the TRAIN phase, in the middle in the TEST phase. 0 keeps the picture.
  public var cropSize = 0
  /// A mean image of the full size, taken off; not with `mean_value`.
  public var meanFile: String?
  /// Taken off: one number for all channels or one each; not with `mean_file`.
  public var meanValue: [Float] = []
  /// Decodes pictures with three channels.
  public var forceColor = false
  /// Decodes pictures with one channel.
  public var forceGray = false
  /// Varies pictures at random in the TRAIN phase; Caffe does not have it.
  public var augmentationParam: AugmentationParameter?
  public var resizeParam: ResizeParameter?
  public var noiseParam: NoiseParameter?
  public var emitConstraint: EmitConstraint?
  /// The height of a crop that is no square; goes with `crop_w` in place of `crop_size`.
  public var cropH = 0
  public var cropW = 0
  public var distortParam: DistortionParameter?
  public var expandParam: ExpansionParameter?
  public var randomResizeParam: RandomResizeParameter?
  public var randomAspectRatioParam: RandomAspectRatioParameter?
  /// The channels are optical flow, whose horizontal part changes its sign with mirroring.
  public var flow = false
  public var bgr2rgb = false
  /// NVIDIA's fork: the shorter side gets a random length from this one…
  public var imgRandResizeLower = 0
  /// …to this one.
  public var imgRandResizeUpper = 0
  /// NVIDIA's fork: pictures are prepared on the GPU.
  public var useGpuTransform = false
  /// NVIDIA's fork: a seed of its own for the layer.
  public var randomSeed: Int?
  /// One of them is drawn for each picture, which is scaled by it.
  public var scaleFactors: [Float] = []
  public var contrastAdjustment: Bool?
  public var smoothFiltering: Bool?
  public var jpegCompression: Bool?
  public var minScalingFactor: Float?
  public var maxScalingFactor: Float?
  /// Rotations are multiples of it, in degrees.
  public var angleInterval: Float?
  public var maxShearingRatio: Float?
  public var maxPerspectiveRatio: Float?
  /// What fills the places that a rotation leaves empty.
  public var warpFillval: Float?
  public var debugDisplay: Bool?
  public init() {}
  public static let messageName = "TransformationParameter"
  private static let ownFields: [Field<TransformationParameter>] = [
    Field("scale", 1, \.scale), Field("mirror", 2, \.mirror), Field("crop_size", 3, \.cropSize, as: .uint32),
    Field("mean_file", 4, \.meanFile), Field("mean_value", 5, \.meanValue), Field("force_color", 6, \.forceColor),
    Field("force_gray", 7, \.forceGray), Field("augmentation_param", 1200, \.augmentationParam),
  ]
  public static let fields: [Field<TransformationParameter>] = ownFields + forkFields
  public static let schema = makeSchema()
}

/// How a loss is divided, and which label it leaves out.
public struct LossParameter: ProtoMessage, Equatable {
  public enum NormalizationMode: Int32, ProtoEnum {
    /// Batch size times spatial size.
    case FULL = 0
    /// The number of outputs that are not ignored.
    case VALID = 1
    /// The number of items.
    case BATCH_SIZE = 2
    /// Nothing: the sum stays as it is.
    case NONE = 3
    /// `pre_fixed_normalizer`; R-FCN's and Intel's forks have it as 3 and NONE as 4.
    case PRE_FIXED = 4
    public static let schema = makeSchema("NormalizationMode")
  }
  /// Items with this label do not count.
  public var ignoreLabel: Int?
  /// What the sum is divided by. When absent that is up to the layer: VALID for most, BATCH_SIZE for SigmoidCrossEntropyLoss.
  public var normalization: NormalizationMode?
  /// Before `normalization` existed: true meant VALID, false BATCH_SIZE.
  public var normalize: Bool?
  /// What `normalization: PRE_FIXED` divides by.
  public var preFixedNormalizer: Float = 1
  /// SegNet's: items count as `class_weighting` says of their label's class.
  public var weightByLabelFreqs = false
  /// SegNet's: a weight for each class, in order.
  public var classWeighting: [Float] = []
  public init() {}
  public static let messageName = "LossParameter"
  public static let fields: [Field<LossParameter>] = [
    Field("ignore_label", 1, \.ignoreLabel), Field("normalize", 2, \.normalize), Field("normalization", 3, \.normalization),
    Field("pre_fixed_normalizer", 4, \.preFixedNormalizer), Field("weight_by_label_freqs", 1005, \.weightByLabelFreqs),
    Field("class_weighting", 1006, \.classWeighting),
  ]
  public static let schema = makeSchema()

  /// The divisor in force: `normalization`, else the older `normalize`, else the layer's own default.
  public func mode(default fallback: NormalizationMode = .VALID) -> NormalizationMode {
    normalization ?? normalize.map { $0 ? .VALID : .BATCH_SIZE } ?? fallback
  }
}
