import CaffeCore

/// The file or database that takes the values of a blob, item by item.
public enum FeatureFormat: String, Sendable, CaseIterable {
  case lmdb, leveldb
  /// One dataset, named as the blob, of all items.
  case hdf5
  /// An array that numpy reads.
  case npy

  /// The kind that a file's name says by its ending; nil where it says none.
  public init?(path: String) {
    guard let name = path.split(separator: "/").last, let dot = name.lastIndex(of: ".") else { return nil }
    switch name[dot...].dropFirst().lowercased() {
    case "h5", "hdf5": self = .hdf5
    case "npy": self = .npy
    case "lmdb": self = .lmdb
    case "leveldb": self = .leveldb
    default: return nil
    }
  }

  /// A new output of that kind, which appears under its path when it is committed.
  ///
  /// - Parameters:
  ///   - blob: what the values are called.
  ///   - items: how many will come in all, each of `shape`.
  /// - Throws: what writing there throws.
  package func writer(path: String, blob: String, items: Int, shape: Shape) throws -> any FeatureWriter {
    switch self {
    case .lmdb: try FeatureDatabase(DatabaseWriter(path: path, kind: .lmdb))
    case .leveldb: try FeatureDatabase(DatabaseWriter(path: path, kind: .leveldb))
    case .hdf5: try FeatureRows(path: path, dataset: blob, items: items)
    case .npy: try FeatureArray(path: path, items: items, shape: shape)
    }
  }

  /// Whether the number and the shape of the items must be known before the first.
  package var isArray: Bool { self == .hdf5 || self == .npy }
}

/// Takes the values of a blob, batch after batch.
package protocol FeatureWriter {
  /// Adds the items of a batch: n×….
  mutating func add(_ batch: Tensor) throws
  /// Puts what was written in its place.
  mutating func commit() throws
}
