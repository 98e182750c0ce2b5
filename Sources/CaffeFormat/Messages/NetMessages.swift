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
    case FAN_IN = 0
    case FAN_OUT = 1
    case AVERAGE = 2
    public static let schema = makeSchema("VarianceNorm")
  }
  public var type = "constant"
  public var value: Float = 0
  public var min: Float = 0
  public var max: Float = 1
  public var mean: Float = 0
  public var std: Float = 1
  /// Expected number of non-zero inputs of an output (`gaussian` only); −1 keeps all.
  public var sparse = -1
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
  public var scale: Float = 1
  public var mirror = false
  public var cropSize = 0
  public var meanFile: String?
  public var meanValue: [Float] = []
  public var forceColor = false
  public var forceGray = false
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
    Field("force_gray", 7, \.forceGray),
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
    case BATCH_SIZE = 2
    case NONE = 3
    public static let schema = makeSchema("NormalizationMode")
  }
  public var ignoreLabel: Int?
  public var normalization: NormalizationMode?
  /// Before `normalization` existed: true meant VALID, false BATCH_SIZE.
  public var normalize: Bool?
  public init() {}
  public static let messageName = "LossParameter"
  public static let fields: [Field<LossParameter>] = [
    Field("ignore_label", 1, \.ignoreLabel), Field("normalize", 2, \.normalize), Field("normalization", 3, \.normalization),
  ]
  public static let schema = makeSchema()

  /// The divisor in force: `normalization`, else the older `normalize`, else the layer's own default.
  public func mode(default fallback: NormalizationMode = .VALID) -> NormalizationMode {
    normalization ?? normalize.map { $0 ? .VALID : .BATCH_SIZE } ?? fallback
  }
}
