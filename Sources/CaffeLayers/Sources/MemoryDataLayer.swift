import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `memory_data_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct MemoryDataParameters: LayerParameters {
  /// N, pictures in a batch.
  public var batchSize = 0
  /// C, 3 for colour.
  public var channels = 0
  /// H, in pixels.
  public var height = 0
  /// W, in pixels.
  public var width = 0
  public init() {}
  public static let messageName = "MemoryDataParameter"
  public static let fields: [Field<MemoryDataParameters>] = [
    Field("batch_size", 1, \.batchSize, as: .uint32), Field("channels", 2, \.channels, as: .uint32),
    Field("height", 3, \.height, as: .uint32), Field("width", 4, \.width, as: .uint32),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("memory_data_param", 119, v1: 22, schema)
}

/// Pictures and labels that the program around the net hands over (`MemoryData`, by the layer's name in `NetOptions.memoryData`).
///
/// As many as a multiple of `batch_size`; they are used again and again until others are set. Values go to the net as they are,
/// pictures go through `transform_param`.
///
/// ```prototxt
/// layer {
///   name: "given" type: "MemoryData" top: "data" top: "label"
///   memory_data_param { batch_size: 10 channels: 3 height: 32 width: 32 }
/// }
/// ```
public struct MemoryDataLayer: Layer {
  public static let type = "MemoryData"
  public static let bottoms = 0...0
  public static let tops = 2...2
  public static let role = LayerRole.source
  private let dims: [Int]

  public init(_ parameters: MemoryDataParameters, in context: LayerContext) throws(LayerError) {
    let p = parameters
    for (field, value) in [("batch_size", p.batchSize), ("channels", p.channels), ("height", p.height), ("width", p.width)]
    where value <= 0 {
      throw LayerError("\(field) must be at least 1", field: field)
    }
    dims = [p.batchSize, p.channels, p.height, p.width]
  }

  /// Tops: data N×C×H×W and labels (N), of the parameters' sizes.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    LayerSignature(tops: [try Shape(validating: dims), Shape([dims[0]])])
  }

  public func forward(_ io: ForwardIO) {}
}
