import CaffeCore
import CaffeFormat

extension WeightSet {
  /// Reads weights of either kind, told apart by content.
  ///
  /// - Throws: `WrongFileKind`, `HDF5Error`, `FileError`, `WireError` or `BlobError`.
  public static func load(path: String) throws -> WeightSet {
    try FileKind.weights.reading(path) {
      HDF5Reader.isHDF5(path: path) ? try WeightSet(hdf5: path) : try WeightSet.read(path: path)
    }
  }

  /// Writes weights: HDF5 when the name ends in `.h5`, a `.caffemodel` else. The file appears whole or not at all.
  ///
  /// - Throws: `HDF5Error` or `FileError`.
  public func save(path: String) throws {
    if path.hasSuffix(".h5") { try writeHDF5(path: path) } else { try write(path: path) }
  }

  /// Reads Caffe's HDF5 weights: `/data/LAYER/INDEX`, where a layer's name may hold `/`.
  ///
  /// - Throws: `HDF5Error`, for one when the file has no group `data`.
  public init(hdf5 path: String) throws {
    let file = try HDF5Reader(path: path)
    guard file.contains("data") else {
      throw HDF5Error(path: path, object: nil, "there is no group \"data\": these are no weights of Caffe's")
    }
    var order: [String] = []
    var blobs: [String: [(index: Int, place: String)]] = [:]
    for dataset in try file.datasets(under: "data") {
      guard let slash = dataset.lastIndex(of: "/"), let index = Int(dataset[dataset.index(after: slash)...]) else { continue }
      let layer = String(dataset[..<slash])
      if blobs[layer] == nil { order.append(layer) }
      blobs[layer, default: []].append((index, dataset))
    }
    self.init()
    for layer in order {
      let places = (blobs[layer] ?? []).sorted { $0.index < $1.index }
      layers.append(Layer(name: layer, blobs: try places.map { BlobRecord(try file.tensor("data/\($0.place)")) }))
    }
  }

  /// Writes Caffe's HDF5 weights; the file appears whole or not at all.
  ///
  /// - Throws: `HDF5Error`.
  public func writeHDF5(path: String) throws {
    let file = try HDF5Writer(path: path)
    for layer in layers {
      for (index, blob) in layer.blobs.enumerated() {
        try file.write(blob.tensor, to: "data/\(layer.name)/\(index)")
        if let diff = blob.diff { try file.write(try Tensor(blob.shape, values: diff.floats), to: "diff/\(layer.name)/\(index)") }
      }
    }
    try file.commit()
  }
}
