import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `image_data_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ImageDataParameters: LayerParameters {
  /// What a line's second part is, in the forks that read pictures of labels.
  public enum LabelType: Int32, ProtoEnum {
    /// Nothing.
    case NONE = 0
    /// One number a picture.
    case IMAGE = 1
    /// A picture whose pixels are labels.
    case PIXEL = 2
    public static let schema = makeSchema("LabelType")
  }
  /// A text file with a picture's path and its label a line; the label stands behind the last space.
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
  /// Moved to `transform_param` in 2014; the upgrade of V1 files does it.
  public var scale: Float = 1
  /// Moved to `transform_param` in 2014; the upgrade of V1 files does it.
  public var meanFile: String?
  /// Moved to `transform_param` in 2014; the upgrade of V1 files does it.
  public var cropSize = 0
  /// Moved to `transform_param` in 2014; the upgrade of V1 files does it.
  public var mirror = false
  /// What labels are (DeepLab and PSPNet).
  public var labelType: LabelType?
  /// Numbers behind a picture's path, at least 1; Caffe has one. With more the labels are N×`label_count`.
  public var labelCount = 1
  public init() {}
  public static let messageName = "ImageDataParameter"
  public static let fields: [Field<ImageDataParameters>] = [
    Field("source", 1, \.source), Field("batch_size", 4, \.batchSize, as: .uint32),
    Field("rand_skip", 7, \.randSkip, as: .uint32), Field("shuffle", 8, \.shuffle),
    Field("new_height", 9, \.newHeight, as: .uint32), Field("new_width", 10, \.newWidth, as: .uint32),
    Field("is_color", 11, \.isColor), Field("root_folder", 12, \.rootFolder), Field("scale", 2, \.scale),
    Field("mean_file", 3, \.meanFile), Field("crop_size", 5, \.cropSize, as: .uint32), Field("mirror", 6, \.mirror),
    Field("label_type", 1013, \.labelType), Field("label_count", 1014, \.labelCount, as: .uint32),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("image_data_param", 115, v1: 15, schema)

  /// Checks what every layer with these parameters needs.
  ///
  /// - Throws: `LayerError` naming the field that is wrong.
  func check() throws(LayerError) {
    guard let source, !source.isEmpty else {
      throw LayerError("source is missing: which list of pictures?", field: "image_data_param")
    }
    guard batchSize > 0 else { throw LayerError("batch_size must be at least 1", field: "batch_size") }
    guard labelCount > 0 else { throw LayerError("label_count must be at least 1", field: "label_count") }
    guard (newHeight > 0) == (newWidth > 0) else {
      throw LayerError("new_height and new_width go together", field: newHeight > 0 ? "new_height" : "new_width")
    }
  }

  /// N×C×H×W from the crop or the new size; nil when only the pictures tell.
  ///
  /// - Throws: `ShapeError` when it would be too large.
  func imageShape(_ transform: TransformationParameter) throws(ShapeError) -> Shape? {
    if let cropped = try transform.imageShape(batch: batchSize, isColor: isColor) { return cropped }
    guard newHeight > 0 else { return nil }
    return try Shape(validating: [batchSize, isColor ? 3 : 1, newHeight, newWidth])
  }
}

/// Pictures and labels from a text file that lists them.
///
/// The reading is done by a data source outside of the compute program; the layer declares what it makes.
///
/// ```prototxt
/// layer {
///   name: "pictures" type: "ImageData" top: "data" top: "label"
///   image_data_param { source: "train.txt" batch_size: 32 shuffle: true new_height: 256 new_width: 256 }
///   transform_param { crop_size: 227 mirror: true }
/// }
/// ```
///
/// - Difference: labels are any numbers, and `label_count` of them stand behind each path; Caffe 1.0 takes one whole number.
/// - Difference: the order of an epoch depends on the seed and the epoch's number, so that a training can go on in it.
/// - Difference: a line without a label is an error where the layer has a label top; empty lines are passed over.
public struct ImageDataLayer: Layer {
  public static let type = "ImageData"
  public static let bottoms = 0...0
  public static let tops = 1...2
  public static let role = LayerRole.source
  private let parameters: ImageDataParameters
  private let transform: TransformationParameter
  private let topCount: Int

  public init(_ parameters: ImageDataParameters, in context: LayerContext) throws(LayerError) {
    try parameters.check()
    self.parameters = parameters
    transform = context.definition.transform ?? TransformationParameter()
    topCount = context.topCount
  }

  /// Tops: data N×C×H×W, with H and W from `crop_size`, else `new_height` and `new_width`, else the first picture; labels (N), or
  /// N×`label_count`.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard let image = try parameters.imageShape(transform) else { return LayerSignature(tops: []) }
    return LayerSignature(tops: tops(givenFirst: image))
  }

  public func tops(givenFirst shape: Shape) -> [Shape] {
    let labels = parameters.labelCount > 1 ? [parameters.labelCount] : []
    return Array([shape, Shape(shape.dims.prefix(1) + labels)].prefix(topCount))
  }

  public func forward(_ io: ForwardIO) {}
}
