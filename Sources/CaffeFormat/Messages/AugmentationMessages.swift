/// How a picture is brought to a size: SSD's `resize_param`.
public struct ResizeParameter: ProtoMessage, Equatable {
  /// What becomes of the ratio of width to height.
  public enum ResizeMode: Int32, ProtoEnum {
    /// The size asked for, whatever that does to the ratio.
    case WARP = 1
    /// The ratio is kept; the smaller side gets the size asked for.
    case FIT_SMALL_SIZE = 2
    /// The ratio is kept; the larger side gets the size asked for, and the rest is padded.
    case FIT_LARGE_SIZE_AND_PAD = 3
    public static let schema = makeSchema("Resize_mode")
  }
  /// What padding consists of.
  public enum PadMode: Int32, ProtoEnum {
    case CONSTANT = 1
    case MIRRORED = 2
    case REPEAT_NEAREST = 3
    public static let schema = makeSchema("Pad_mode")
  }
  /// How values between pixels are found.
  public enum InterpolationMode: Int32, ProtoEnum {
    case LINEAR = 1
    case AREA = 2
    case NEAREST = 3
    case CUBIC = 4
    case LANCZOS4 = 5
    public static let schema = makeSchema("Interp_mode")
  }
  /// The probability of resizing at all.
  public var prob: Float = 1
  public var resizeMode = ResizeMode.WARP
  public var height = 0
  public var width = 0
  public var padMode = PadMode.CONSTANT
  /// One for all channels, or one each.
  public var padValue: [Float] = []
  /// One of them is drawn for each picture.
  public var interpMode: [InterpolationMode] = []
  /// The height of which a crop after FIT_SMALL_SIZE is taken.
  public var heightScale = 0
  /// The width of which a crop after FIT_SMALL_SIZE is taken.
  public var widthScale = 0
  public init() {}
  public static let messageName = "ResizeParameter"
  public static let fields: [Field<ResizeParameter>] = [
    Field("prob", 1, \.prob), Field("resize_mode", 2, \.resizeMode), Field("height", 3, \.height, as: .uint32),
    Field("width", 4, \.width, as: .uint32), Field("pad_mode", 5, \.padMode), Field("pad_value", 6, \.padValue),
    Field("interp_mode", 7, \.interpMode), Field("height_scale", 8, \.heightScale, as: .uint32),
    Field("width_scale", 9, \.widthScale, as: .uint32),
  ]
  public static let schema = makeSchema()
}

/// Single pixels that are set to a value: `saltpepper_param`.
public struct SaltPepperParameter: ProtoMessage, Equatable {
  /// The share of the pixels.
  public var fraction: Float = 0
  public var value: [Float] = []
  public init() {}
  public static let messageName = "SaltPepperParameter"
  public static let fields: [Field<SaltPepperParameter>] = [Field("fraction", 1, \.fraction), Field("value", 2, \.value)]
  public static let schema = makeSchema()
}

/// What a picture's pixels may suffer: SSD's `noise_param`.
public struct NoiseParameter: ProtoMessage, Equatable {
  /// The probability of any of it.
  public var prob: Float = 0
  public var histEq = false
  public var inverse = false
  public var decolorize = false
  public var gaussBlur = false
  /// The quality of a JPEG file that the picture goes through; −1 for none.
  public var jpeg: Float = -1
  public var posterize = false
  public var erode = false
  public var saltpepper = false
  public var saltpepperParam: SaltPepperParameter?
  /// Histogram equalisation piece by piece with limited contrast.
  public var clahe = false
  public var convertToHsv = false
  public var convertToLab = false
  public init() {}
  public static let messageName = "NoiseParameter"
  public static let fields: [Field<NoiseParameter>] = [
    Field("prob", 1, \.prob), Field("hist_eq", 2, \.histEq), Field("inverse", 3, \.inverse),
    Field("decolorize", 4, \.decolorize), Field("gauss_blur", 5, \.gaussBlur), Field("jpeg", 6, \.jpeg),
    Field("posterize", 7, \.posterize), Field("erode", 8, \.erode), Field("saltpepper", 9, \.saltpepper),
    Field("saltpepper_param", 10, \.saltpepperParam), Field("clahe", 11, \.clahe),
    Field("convert_to_hsv", 12, \.convertToHsv), Field("convert_to_lab", 13, \.convertToLab),
  ]
  public static let schema = makeSchema()
}

/// Which boxes survive a crop: SSD's `emit_constraint`.
public struct EmitConstraint: ProtoMessage, Equatable {
  public enum EmitType: Int32, ProtoEnum {
    /// Those whose centre lies in the crop.
    case CENTER = 0
    /// Those of which more than the share `emit_overlap` lies in the crop.
    case MIN_OVERLAP = 1
    public static let schema = makeSchema("EmitType")
  }
  public var emitType = EmitType.CENTER
  public var emitOverlap: Float?
  public init() {}
  public static let messageName = "EmitConstraint"
  public static let fields: [Field<EmitConstraint>] = [
    Field("emit_type", 1, \.emitType), Field("emit_overlap", 2, \.emitOverlap),
  ]
  public static let schema = makeSchema()
}

/// Random changes of colour: SSD's `distort_param`.
public struct DistortionParameter: ProtoMessage, Equatable {
  public var brightnessProb: Float = 0
  /// The most that is added or taken away, in pixel values.
  public var brightnessDelta: Float = 0
  public var contrastProb: Float = 0
  public var contrastLower: Float = 0
  public var contrastUpper: Float = 0
  public var hueProb: Float = 0
  /// The most the hue is turned, in degrees of OpenCV's half circle.
  public var hueDelta: Float = 0
  public var saturationProb: Float = 0
  public var saturationLower: Float = 0
  public var saturationUpper: Float = 0
  /// The probability of shuffling the channels.
  public var randomOrderProb: Float = 0
  public init() {}
  public static let messageName = "DistortionParameter"
  public static let fields: [Field<DistortionParameter>] = [
    Field("brightness_prob", 1, \.brightnessProb), Field("brightness_delta", 2, \.brightnessDelta),
    Field("contrast_prob", 3, \.contrastProb), Field("contrast_lower", 4, \.contrastLower),
    Field("contrast_upper", 5, \.contrastUpper), Field("hue_prob", 6, \.hueProb), Field("hue_delta", 7, \.hueDelta),
    Field("saturation_prob", 8, \.saturationProb), Field("saturation_lower", 9, \.saturationLower),
    Field("saturation_upper", 10, \.saturationUpper), Field("random_order_prob", 11, \.randomOrderProb),
  ]
  public static let schema = makeSchema()
}

/// Laying a picture somewhere in a larger one: SSD's `expand_param`.
public struct ExpansionParameter: ProtoMessage, Equatable {
  public var prob: Float = 1
  public var maxExpandRatio: Float = 1
  public init() {}
  public static let messageName = "ExpansionParameter"
  public static let fields: [Field<ExpansionParameter>] = [
    Field("prob", 1, \.prob), Field("max_expand_ratio", 2, \.maxExpandRatio),
  ]
  public static let schema = makeSchema()
}

/// Resizing so that the shorter side gets a random length: `random_resize_param` of Intel's fork.
public struct RandomResizeParameter: ProtoMessage, Equatable {
  public var minSize = 0
  public var maxSize = 0
  public var resizeParam: ResizeParameter?
  public init() {}
  public static let messageName = "RandomResizeParameter"
  public static let fields: [Field<RandomResizeParameter>] = [
    Field("min_size", 1, \.minSize, as: .uint32), Field("max_size", 2, \.maxSize, as: .uint32),
    Field("resize_param", 3, \.resizeParam),
  ]
  public static let schema = makeSchema()
}

/// Crops of random area and shape: `random_aspect_ratio_param` of Intel's fork.
public struct RandomAspectRatioParameter: ProtoMessage, Equatable {
  public var minAreaRatio: Float = 0.5
  public var maxAreaRatio: Float = 1
  public var aspectRatioChange: Float = 1
  public var maxAttempt = 10
  public var resizeParam: ResizeParameter?
  public init() {}
  public static let messageName = "RandomAspectRatioParameter"
  public static let fields: [Field<RandomAspectRatioParameter>] = [
    Field("min_area_ratio", 1, \.minAreaRatio), Field("max_area_ratio", 2, \.maxAreaRatio),
    Field("aspect_ratio_change", 3, \.aspectRatioChange), Field("max_attempt", 4, \.maxAttempt, as: .uint32),
    Field("resize_param", 5, \.resizeParam),
  ]
  public static let schema = makeSchema()
}

extension TransformationParameter {
  /// The fields that Caffe 1.0 does not have: up to 14 by SSD, from 15 on by Intel's fork; those from 1019 on have no
  /// number that forks agree on.
  static let forkFields: [Field<TransformationParameter>] = [
    Field("resize_param", 8, \.resizeParam), Field("noise_param", 9, \.noiseParam),
    Field("emit_constraint", 10, \.emitConstraint), Field("crop_h", 11, \.cropH, as: .uint32),
    Field("crop_w", 12, \.cropW, as: .uint32), Field("distort_param", 13, \.distortParam),
    Field("expand_param", 14, \.expandParam), Field("random_resize_param", 15, \.randomResizeParam),
    Field("random_aspect_ratio_param", 16, \.randomAspectRatioParam), Field("flow", 17, \.flow),
    Field("bgr2rgb", 18, \.bgr2rgb), Field("scale_factors", 1019, \.scaleFactors),
    Field("contrast_adjustment", 1020, \.contrastAdjustment), Field("smooth_filtering", 1021, \.smoothFiltering),
    Field("jpeg_compression", 1022, \.jpegCompression), Field("min_scaling_factor", 1023, \.minScalingFactor),
    Field("max_scaling_factor", 1024, \.maxScalingFactor), Field("angle_interval", 1025, \.angleInterval),
    Field("max_shearing_ratio", 1026, \.maxShearingRatio), Field("max_perspective_ratio", 1027, \.maxPerspectiveRatio),
    Field("warp_fillval", 1028, \.warpFillval), Field("debug_display", 1029, \.debugDisplay),
  ]
}
