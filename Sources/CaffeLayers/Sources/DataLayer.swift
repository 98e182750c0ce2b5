import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `data_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct DataParameters: LayerParameters {
  public enum DB: Int32, ProtoEnum {
    /// Caffe's first database.
    case LEVELDB = 0
    /// A directory with `data.mdb`.
    case LMDB = 1
    public static let schema = makeSchema("DB")
  }
  /// The database.
  public var source: String?
  /// Records in a batch, at least 1.
  public var batchSize = 0
  /// The kind of database; what lies at `source` decides, and the log says when the two differ.
  public var backend = DB.LEVELDB
  /// Batches that are made ahead of their use.
  public var prefetch = 4
  /// Passes over a random number of records below this at the start.
  public var randSkip = 0
  /// Decodes pictures in colour; `force_color` of `transform_param` does the same.
  public var forceEncodedColor = false
  /// Moved to `transform_param` in 2014; the upgrade of V1 files does it.
  public var scale: Float = 1
  /// Moved to `transform_param` in 2014; the upgrade of V1 files does it.
  public var meanFile: String?
  /// Moved to `transform_param` in 2014; the upgrade of V1 files does it.
  public var cropSize = 0
  /// Moved to `transform_param` in 2014; the upgrade of V1 files does it.
  public var mirror = false
  /// NVIDIA's: threads that read.
  public var threads = 0
  /// NVIDIA's: threads that decode.
  public var parserThreads = 0
  /// NVIDIA's: whether records stay in memory.
  public var cache = false
  /// NVIDIA's and Intel's: whether records are shuffled.
  public var shuffle = false
  public init() {}
  public static let messageName = "DataParameter"
  public static let fields: [Field<DataParameters>] = [
    Field("source", 1, \.source), Field("batch_size", 4, \.batchSize, as: .uint32), Field("backend", 8, \.backend),
    Field("prefetch", 10, \.prefetch, as: .uint32), Field("rand_skip", 7, \.randSkip, as: .uint32),
    Field("force_encoded_color", 9, \.forceEncodedColor), Field("scale", 2, \.scale), Field("mean_file", 3, \.meanFile),
    Field("crop_size", 5, \.cropSize, as: .uint32), Field("mirror", 6, \.mirror),
    Field("threads", 1011, \.threads, as: .uint32, ignored: threadCounts),
    Field("parser_threads", 1012, \.parserThreads, as: .uint32, ignored: threadCounts),
    Field("cache", 1013, \.cache, ignored: "the system keeps what was read in memory"),
    Field("shuffle", 1014, \.shuffle, ignored: "records come in the order of their keys; shuffle when converting"),
  ]
  private static let threadCounts = "reading has a thread of its own in any case"
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("data_param", 107, v1: 11, schema)
}

/// Images and labels from a database: value = (pixel − mean) · scale, as `transform_param` says.
///
/// The reading is done by a data source outside of the compute program; the layer declares what it makes. `mirror` flips a coin
/// in the TEST phase too, as in Caffe.
///
/// ```prototxt
/// layer {
///   name: "digits" type: "Data" top: "data" top: "label"
///   data_param { source: "train_lmdb" batch_size: 64 backend: LMDB }
///   transform_param { scale: 0.00390625 crop_size: 28 }
/// }
/// ```
///
/// - Difference: a training that goes on from a snapshot goes on in its data; Caffe 1.0 begins with the first record again.
/// - Difference: a LevelDB database is read without changing it; `backend` may be left out or wrong.
/// - Difference: random skips, crops and mirrors depend on the seed and on the number of the item, not on the order of draws.
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

  public func tops(givenFirst shape: Shape) -> [Shape] { Array([shape, Shape(Array(shape.dims.prefix(1)))].prefix(topCount)) }

  public func forward(_ io: ForwardIO) {}
}
