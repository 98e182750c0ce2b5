import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `dense_image_data_param` of SegNet's fork, by their prototxt names; defaults are that fork's.
public struct DenseImageDataParameters: LayerParameters {
  /// A text file with the paths of a picture and of its picture of labels a line.
  public var source: String?
  /// Pictures in a batch, at least 1.
  public var batchSize = 1
  /// Skips up to so many pictures at the start.
  public var randSkip = 0
  /// Whether the list is shuffled anew each epoch.
  public var shuffle = false
  /// Resizes pictures to this height; given together with `new_width`, or not at all.
  public var newHeight = 0
  /// Resizes pictures to this width.
  public var newWidth = 0
  /// Whether pictures are read in colour.
  public var isColor = true
  /// What paths in the list begin with.
  public var rootFolder = ""
  /// Cuts pictures to this height; given together with `crop_width`.
  public var cropHeight = 0
  /// Cuts pictures to this width.
  public var cropWidth = 0
  public init() {}
  public static let messageName = "DenseImageDataParameter"
  public static let fields: [Field<DenseImageDataParameters>] = [
    Field("source", 1, \.source), Field("batch_size", 4, \.batchSize, as: .uint32),
    Field("rand_skip", 7, \.randSkip, as: .uint32), Field("shuffle", 8, \.shuffle),
    Field("new_height", 9, \.newHeight, as: .uint32), Field("new_width", 10, \.newWidth, as: .uint32),
    Field("is_color", 11, \.isColor), Field("root_folder", 12, \.rootFolder),
    Field("crop_height", 13, \.cropHeight, as: .uint32), Field("crop_width", 14, \.cropWidth, as: .uint32),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("dense_image_data_param", 1115, schema)
}

/// Pictures and pictures of labels from a text file that lists pairs of them, as SegNet reads them.
///
/// The reading is done by a data source outside of the compute program; the layer declares what it makes.
///
/// ```prototxt
/// layer {
///   name: "scenes" type: "DenseImageData" top: "data" top: "label"
///   dense_image_data_param { source: "train.txt" batch_size: 4 shuffle: true new_height: 360 new_width: 480 }
/// }
/// ```
///
/// - Dialect: SegNet's; other forks have ImageSegData.
public struct DenseImageDataLayer: Layer {
  public static let type = "DenseImageData"
  public static let bottoms = 0...0
  public static let tops = 1...2
  public static let role = LayerRole.source
  private let parameters: DenseImageDataParameters
  private let topCount: Int

  public init(_ parameters: DenseImageDataParameters, in context: LayerContext) throws(LayerError) {
    guard let source = parameters.source, !source.isEmpty else {
      throw LayerError("source is missing: which list of pictures?", field: "dense_image_data_param")
    }
    guard parameters.batchSize > 0 else { throw LayerError("batch_size must be at least 1", field: "batch_size") }
    guard (parameters.newHeight > 0) == (parameters.newWidth > 0) else {
      throw LayerError("new_height and new_width go together", field: parameters.newHeight > 0 ? "new_height" : "new_width")
    }
    guard (parameters.cropHeight > 0) == (parameters.cropWidth > 0) else {
      throw LayerError("crop_height and crop_width go together", field: parameters.cropHeight > 0 ? "crop_height" : "crop_width")
    }
    self.parameters = parameters
    topCount = context.topCount
  }

  /// Tops: data N×C×H×W, with H and W from the crop, else the new size, else the first picture; labels N×1×H×W.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let p = parameters
    let (height, width) = p.cropHeight > 0 ? (p.cropHeight, p.cropWidth) : (p.newHeight, p.newWidth)
    guard height > 0 else { return LayerSignature(tops: []) }
    let image = try Shape(validating: [p.batchSize, p.isColor ? 3 : 1, height, width])
    return LayerSignature(tops: Array([image, Shape([p.batchSize, 1, height, width])].prefix(topCount)))
  }

  public func forward(_ io: ForwardIO) {}
}
