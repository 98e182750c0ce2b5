import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `data_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct DataParameters: LayerParameters {
  public enum DB: Int32, ProtoEnum {
    case LEVELDB = 0
    case LMDB = 1
    public static let schema = makeSchema("DB")
  }
  public var source: String?
  public var batchSize = 0
  public var backend = DB.LEVELDB
  public var prefetch = 4
  public var randSkip = 0
  public var forceEncodedColor = false
  /// Moved to transform_param in 2014; the upgrade of V1 files does it.
  public var scale: Float = 1
  public var meanFile: String?
  public var cropSize = 0
  public var mirror = false
  public init() {}
  public static let messageName = "DataParameter"
  public static let fields: [Field<DataParameters>] = [
    Field("source", 1, \.source), Field("batch_size", 4, \.batchSize, as: .uint32), Field("backend", 8, \.backend),
    Field("prefetch", 10, \.prefetch, as: .uint32), Field("rand_skip", 7, \.randSkip, as: .uint32),
    Field("force_encoded_color", 9, \.forceEncodedColor), Field("scale", 2, \.scale), Field("mean_file", 3, \.meanFile),
    Field("crop_size", 5, \.cropSize, as: .uint32), Field("mirror", 6, \.mirror),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("data_param", 107, v1: 11, schema)
}

/// Images and labels from a database. The reading is done by a data source outside of the compute program; the layer
/// declares what it makes.
public struct DataLayer: Layer {
  public static let type = "Data"
  public static let bottoms = 0...0
  public static let tops = 1...2
  public static let role = LayerRole.source
  private let batchSize: Int
  private let topCount: Int
  private let transform: TransformationParameter

  public init(_ parameters: DataParameters, in context: LayerContext) throws(LayerError) {
    guard let source = parameters.source, !source.isEmpty else {
      throw LayerError("source is missing: which database?", field: "data_param")
    }
    guard parameters.batchSize > 0 else { throw LayerError("batch_size must be at least 1", field: "batch_size") }
    batchSize = parameters.batchSize
    topCount = context.topCount
    transform = context.definition.transform ?? TransformationParameter()
  }

  /// Tops: data N×C×H×W and labels (N); known once the database's first record, or crop_size, is. Pictures are taken to be in
  /// colour unless the layer says otherwise.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard let image = try transform.imageShape(batch: batchSize) else { return LayerSignature(tops: []) }
    return LayerSignature(tops: Array([image, Shape([batchSize])].prefix(topCount)))
  }

  public func forward(_ io: ForwardIO) {}
}
