import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `window_data_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct WindowDataParameters: LayerParameters {
  /// A window file: pictures, each with labelled windows and their overlaps with objects.
  public var source: String?
  /// Windows in a batch, at least 1.
  public var batchSize = 0
  /// Windows that overlap an object at least this much are examples of its class.
  public var fgThreshold: Float = 0.5
  /// Windows that overlap every object less than this are background.
  public var bgThreshold: Float = 0.5
  /// The share of a batch that shows objects.
  public var fgFraction: Float = 0.25
  /// Pixels of surroundings around a window, counted in the crop.
  public var contextPad = 0
  /// `warp` stretches a window to the crop, `square` takes the square around it.
  public var cropMode = "warp"
  /// Whether pictures stay in memory.
  public var cacheImages = false
  /// What paths in the file begin with.
  public var rootFolder = ""
  /// What pixels are multiplied with once the mean is taken off; where it is 1, transform_param's counts.
  public var scale: Float = 1
  /// Moved to transform_param in 2014.
  public var meanFile: String?
  /// Moved to transform_param in 2014.
  public var cropSize = 0
  /// Moved to transform_param in 2014.
  public var mirror = false
  public init() {}
  public static let messageName = "WindowDataParameter"
  public static let fields: [Field<WindowDataParameters>] = [
    Field("source", 1, \.source), Field("scale", 2, \.scale), Field("mean_file", 3, \.meanFile),
    Field("batch_size", 4, \.batchSize, as: .uint32), Field("crop_size", 5, \.cropSize, as: .uint32),
    Field("mirror", 6, \.mirror), Field("fg_threshold", 7, \.fgThreshold), Field("bg_threshold", 8, \.bgThreshold),
    Field("fg_fraction", 9, \.fgFraction), Field("context_pad", 10, \.contextPad, as: .uint32),
    Field("crop_mode", 11, \.cropMode), Field("cache_images", 12, \.cacheImages), Field("root_folder", 13, \.rootFolder),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("window_data_param", 129, v1: 20, schema)
}

/// Windows of pictures with their classes, sampled from a window file: how R-CNN is trained. Girshick et al., CVPR 2014.
///
/// Of each batch the first windows are background, the share `fg_fraction` at the end shows objects. A line with `#` and a number
/// begins a picture in the file; its path, channels, height, width and number of windows follow, then for each window `label
/// overlap x1 y1 x2 y2`. The reading is done by a data source outside of the compute program; the layer declares what it makes.
///
/// ```prototxt
/// layer {
///   name: "windows" type: "WindowData" top: "data" top: "label"
///   window_data_param { source: "train_windows.txt" batch_size: 128 context_pad: 16 }
///   transform_param { crop_size: 227 mirror: true }
/// }
/// ```
///
/// - Difference: Caffe 1.0 forgets `scale` of V1 files, which its upgrade moves to transform_param; here it counts.
/// - Difference: which windows come, and which are mirrored, depends on the seed and the number of the item.
/// - Difference: a part of a window that lies outside of its picture by so much that nothing can be seen leaves the crop empty.
public struct WindowDataLayer: Layer {
  public static let type = "WindowData"
  public static let bottoms = 0...0
  public static let tops = 2...2
  public static let role = LayerRole.source
  private let batchSize: Int
  private let transform: TransformationParameter

  public init(_ parameters: WindowDataParameters, in context: LayerContext) throws(LayerError) {
    guard let source = parameters.source, !source.isEmpty else {
      throw LayerError("source is missing: which window file?", field: "window_data_param")
    }
    guard parameters.batchSize > 0 else { throw LayerError("batch_size must be at least 1", field: "batch_size") }
    guard ["warp", "square"].contains(parameters.cropMode) else {
      throw LayerError("crop_mode is warp or square, not \"\(parameters.cropMode)\"", field: "crop_mode")
    }
    transform = context.definition.transform ?? TransformationParameter()
    guard transform.cropSize > 0 else {
      throw LayerError("transform_param { crop_size } is missing: how large are the windows?", field: "window_data_param")
    }
    batchSize = parameters.batchSize
  }

  /// Tops: data N×3×crop×crop and labels (N), 0 for background.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard let image = try transform.imageShape(batch: batchSize) else { return LayerSignature(tops: []) }
    return LayerSignature(tops: [image, Shape([batchSize])])
  }

  public func forward(_ io: ForwardIO) {}
}
