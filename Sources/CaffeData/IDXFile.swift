/// A file in MNIST's IDX format: unsigned bytes in a block of one or more dimensions.
package struct IDXFile: Sendable, Equatable {
  /// The most bytes a file may hold: 1 GiB.
  private static let maximumSize = 1 << 30
  /// The type code of unsigned bytes, the only one MNIST uses.
  private static let unsignedByte: UInt8 = 0x08

  /// Extent per dimension: (N) for labels, (N, H, W) for images.
  package let dims: [Int]
  /// The elements, last dimension fastest.
  package let bytes: [UInt8]

  /// Reads a file, gzip or plain.
  ///
  /// - Parameter rank: the number of dimensions the file must have: 1 for labels, 3 for images.
  /// - Throws: `DataFileError` when it is not such a file, or its length is not what its dimensions say.
  package init(path: String, rank: Int) throws(DataFileError) {
    try self.init(Gzip.read(path, limit: IDXFile.maximumSize), rank: rank, source: path)
  }

  /// Reads the format from memory.
  ///
  /// - Throws: `DataFileError`, as for a file.
  package init(_ content: [UInt8], rank: Int, source: String) throws(DataFileError) {
    let headerSize = 4 + 4 * rank
    guard content.count >= 4, content[0] == 0, content[1] == 0, content[2] == IDXFile.unsignedByte else {
      throw DataFileError(path: source, "not an IDX file of bytes: its first bytes are \(content.prefix(4))")
    }
    guard Int(content[3]) == rank else {
      let kind = rank == 1 ? "labels (1 dimension)" : "images (\(rank) dimensions)"
      throw DataFileError(path: source, "\(kind) are expected, the file has \(content[3]) dimensions")
    }
    guard content.count >= headerSize else { throw DataFileError(path: source, "the file ends inside its header") }
    dims = (0..<rank).map { axis in
      content[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) }
    }
    let needed = dims.reduce(1.0) { $0 * Double($1) }
    guard Double(content.count - headerSize) == needed else {
      let shape = dims.map(String.init).joined(separator: "x")
      throw DataFileError(path: source, "\(shape) elements are claimed, \(content.count - headerSize) bytes are there")
    }
    bytes = Array(content[headerSize...])
  }
}
