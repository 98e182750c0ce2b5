import CaffeCore
import CaffeHDF5

/// The files that an HDF5Data layer reads, and the shapes of what is in them.
struct HDF5FileList: Sendable {
  /// The most bytes of a list.
  private static let maximumListSize = 1 << 26

  /// The paths to open, in the order of the list.
  let paths: [String]

  /// - Throws: `FileError` when the list cannot be read, `DataFileError` when it names no file.
  init(_ configuration: HDF5Configuration) throws {
    let bytes = try FileBytes.read(configuration.source, limit: HDF5FileList.maximumListSize)
    let names = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace).map(String.init)
    guard !names.isEmpty else { throw DataFileError(path: configuration.source, "the list names no HDF5 file") }
    paths = names.map { configuration.place.find($0, beside: configuration.source) }
  }

  /// The shapes of a file's datasets, which have as many rows each, at least one.
  ///
  /// - Throws: `HDF5Error` naming the file and the dataset that is missing or does not fit.
  static func shapes(of datasets: [String], in file: HDF5Reader) throws(HDF5Error) -> [Shape] {
    var shapes: [Shape] = []
    for name in datasets {
      let shape = try file.shape(of: name)
      guard shape.rank > 0, shape[0] > 0 else {
        throw HDF5Error(path: file.path, object: name, "it has no rows: its shape is \(shape)")
      }
      if let first = shapes.first, first[0] != shape[0] {
        throw HDF5Error(
          path: file.path, object: name, "it has \(shape[0]) rows, but \(datasets[0]) has \(first[0]); a row belongs to all tops")
      }
      shapes.append(shape)
    }
    return shapes
  }

  /// The rows of each file, all of which hold rows like those of the first.
  ///
  /// - Throws: `HDF5Error` naming the file and the dataset that does not fit.
  func rowCounts(_ datasets: [String]) throws(HDF5Error) -> [Int] {
    var (first, counts): ([Shape], [Int]) = ([], [])
    for path in paths {
      let shapes = try HDF5FileList.shapes(of: datasets, in: try HDF5Reader(path: path))
      if first.isEmpty { first = shapes }
      for (name, (shape, model)) in zip(datasets, zip(shapes, first)) where shape.dims.dropFirst() != model.dims.dropFirst() {
        throw HDF5Error(
          path: path, object: name, "its shape is \(shape), in \(paths[0]) it is \(model); only the number of rows may differ")
      }
      counts.append(shapes.first?[0] ?? 0)
    }
    return counts
  }
}
