/// How pictures are varied at random in the TRAIN phase: `augmentation_param` of `transform_param`, which Caffe does not have.
///
/// Each picture's draws are a function of the seed and the number of the item. In this order: colours, rotation, a region or a
/// scale; then follow `crop_size` and `mirror` as ever. It is for pictures of bytes with 1 or 3 channels.
public struct AugmentationParameter: ProtoMessage, Equatable {
  /// The least share of the picture that a region takes, which is then resized to `crop_size`; 1 takes no regions.
  public var minArea: Float = 1
  /// The largest share of the picture that a region takes.
  public var maxArea: Float = 1
  /// A region is up to so many times as wide as high, relative to the picture, or as high as wide.
  public var maxAspect: Float = 1
  /// The picture is resized by a factor from this one…
  public var minScale: Float = 1
  /// …to this one, before `crop_size` is cut out. Not together with regions.
  public var maxScale: Float = 1
  /// Turns the picture about its middle by up to so many degrees, either way; its border pixels fill what becomes free.
  public var maxAngle: Float = 0
  /// Adds up to so much to all values, or takes it off; values reach to 255.
  public var brightness: Float = 0
  /// Multiplies all values by a factor of 1 ± up to so much.
  public var contrast: Float = 0
  /// Multiplies the distance of colours to gray by a factor of 1 ± up to so much.
  public var saturation: Float = 0
  /// Turns colours by up to so many degrees, either way; brightness stays.
  public var hue: Float = 0
  public init() {}
  public static let messageName = "AugmentationParameter"
  public static let fields: [Field<AugmentationParameter>] = [
    Field("min_area", 1, \.minArea), Field("max_area", 2, \.maxArea), Field("max_aspect", 3, \.maxAspect),
    Field("min_scale", 4, \.minScale), Field("max_scale", 5, \.maxScale), Field("max_angle", 6, \.maxAngle),
    Field("brightness", 7, \.brightness), Field("contrast", 8, \.contrast), Field("saturation", 9, \.saturation),
    Field("hue", 10, \.hue),
  ]
  public static let schema = makeSchema()
}
