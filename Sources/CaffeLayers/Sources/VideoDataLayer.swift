import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `video_data_param`, by their prototxt names; defaults are those of SSD.
public struct VideoDataParameters: LayerParameters {
  public enum VideoType: Int32, ProtoEnum {
    case WEBCAM = 0
    /// A file.
    case VIDEO = 1
    public static let schema = makeSchema("VideoType")
  }
  /// Where the pictures come from.
  public var videoType = VideoType.WEBCAM
  /// Which camera.
  public var deviceId = 0
  /// The film, for VIDEO.
  public var videoFile: String?
  /// How many pictures are passed over after each.
  public var skipFrames = 0
  public init() {}
  public static let messageName = "VideoDataParameter"
  public static let fields: [Field<VideoDataParameters>] = [
    Field("video_type", 1, \.videoType), Field("device_id", 2, \.deviceId), Field("video_file", 3, \.videoFile),
    Field("skip_frames", 4, \.skipFrames, as: .uint32),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("video_data_param", 207, schema)
}

/// Pictures from a camera or a film. Liu et al., ECCV 2016.
///
/// The layer declares what it makes; cameras and films are not read. Whoever feeds the net gives the pictures as they are
/// to be.
///
/// ```prototxt
/// layer {
///   name: "camera" type: "VideoData" top: "data"
///   data_param { batch_size: 1 }
///   video_data_param { video_type: WEBCAM }
///   transform_param { resize_param { height: 300 width: 300 } }
/// }
/// ```
///
/// - Difference: neither cameras nor films are read.
/// - Dialect: SSD and the forks that took it over agree.
public struct VideoDataLayer: Layer {
  public static let type = "VideoData"
  public static let bottoms = 0...0
  public static let tops = 1...2
  public static let role = LayerRole.source
  private let batchSize: Int
  private let transform: TransformationParameter
  private let topCount: Int

  public init(_ parameters: VideoDataParameters, in context: LayerContext) throws(LayerError) {
    if parameters.videoType == .VIDEO, parameters.videoFile?.isEmpty ?? true {
      throw LayerError("video_file is missing: which film?", field: "video_data_param")
    }
    batchSize = context.definition.parameters(DataParameters.self).batchSize
    guard batchSize > 0 else { throw LayerError("batch_size must be at least 1", field: "batch_size") }
    transform = context.definition.transform ?? TransformationParameter()
    topCount = context.topCount
  }

  /// Tops: pictures N×C×H×W, of the size that `crop_size`, `crop_h` and `crop_w`, or `resize_param` give them, and labels
  /// (N), which mean nothing. Without a size nothing is declared, and the shapes have to be given.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard let pictures = try transform.imageShape(batch: batchSize) else { return LayerSignature(tops: []) }
    return LayerSignature(tops: Array([pictures, [batchSize]].prefix(topCount)))
  }

  public func forward(_ io: ForwardIO) {}
}
