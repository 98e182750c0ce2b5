import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeHDF5

extension SourceFile {
  /// Texts beyond this are no prototxt.
  private static let maximumBytes = 64 << 20

  /// Reads a text file.
  ///
  /// - Throws: `FileError`, also for files above 64 MB.
  public convenience init(path: String) throws(FileError) {
    let bytes = try FileBytes.read(path, limit: SourceFile.maximumBytes)
    self.init(name: path, bytes: bytes)
  }
}

extension NetDefinition {
  /// Reads a prototxt of any age.
  ///
  /// - Throws: `FileError`, `WrongFileKind`, or `Diagnostics` with every mistake at its line and column.
  public init(path: String, registry: LayerRegistry) throws {
    self = try FileKind.net.reading(path) { try NetDefinition(try SourceFile(path: path), schema: registry.schema) }
  }
}
