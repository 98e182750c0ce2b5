import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `hdf5_data_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct HDF5DataParameters: LayerParameters {
  /// A text file that lists HDF5 files, one a line.
  public var source: String?
  /// Rows in a batch, at least 1.
  public var batchSize = 0
  /// Whether files, and rows within a file, are shuffled anew each epoch.
  public var shuffle = false
  public init() {}
  public static let messageName = "HDF5DataParameter"
  public static let fields: [Field<HDF5DataParameters>] = [
    Field("source", 1, \.source), Field("batch_size", 2, \.batchSize, as: .uint32), Field("shuffle", 3, \.shuffle),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("hdf5_data_param", 112, v1: 13, schema)
}

/// Rows of HDF5 datasets: each top is the dataset of its name.
///
/// The reading is done by a data source outside of the compute program; the layer declares what it makes.
///
/// ```prototxt
/// layer {
///   name: "rows" type: "HDF5Data" top: "data" top: "label"
///   hdf5_data_param { source: "train_files.txt" batch_size: 10 }
/// }
/// ```
public struct HDF5DataLayer: Layer {
  public static let type = "HDF5Data"
  public static let bottoms = 0...0
  public static let tops = 1...Int.max
  public static let role = LayerRole.source

  public init(_ parameters: HDF5DataParameters, in context: LayerContext) throws(LayerError) {
    guard let source = parameters.source, !source.isEmpty else {
      throw LayerError("source is missing: which list of HDF5 files?", field: "hdf5_data_param")
    }
    guard parameters.batchSize > 0 else { throw LayerError("batch_size must be at least 1", field: "batch_size") }
    guard context.definition.transform == nil else {
      throw LayerError("HDF5 rows are taken as they are; leave transform_param out", field: "transform_param")
    }
  }

  /// Tops: N×…, with the rows' shapes from the first file.
  public func signature(of bottoms: [Shape]) -> LayerSignature { LayerSignature(tops: []) }

  public func forward(_ io: ForwardIO) {}
}
