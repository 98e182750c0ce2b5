/// A file of CIFAR-10's binary version: records of one label byte and 3072 pixel bytes.
package struct CIFARBinary: Sendable, Equatable {
  /// Bytes of a picture: red, green and blue planes (C, H, W) = (3, 32, 32).
  package static let imageSize = 3 * 32 * 32
  private static let recordSize = 1 + imageSize
  private static let classCount = 10
  /// The most bytes a file may hold: 1 GiB; the published ones have 30,730,000.
  private static let maximumSize = 1 << 30
  /// The published files, by set.
  package static let trainingFiles = (1...5).map { "data_batch_\($0).bin" }
  package static let testFile = "test_batch.bin"

  private let content: [UInt8]

  /// Reads a file, gzip or plain.
  ///
  /// - Throws: `DataFileError` when it cannot be read, is no whole number of records, or a label is not 0 to 9.
  package init(path: String) throws(DataFileError) {
    try self.init(Gzip.read(path, limit: CIFARBinary.maximumSize), source: path)
  }

  /// Reads the format from memory.
  ///
  /// - Throws: `DataFileError`, as for a file.
  package init(_ content: [UInt8], source: String) throws(DataFileError) {
    guard !content.isEmpty, content.count % CIFARBinary.recordSize == 0 else {
      let message = "\(content.count) bytes are no whole number of records of \(CIFARBinary.recordSize) bytes"
      throw DataFileError(path: source, message)
    }
    for start in stride(from: 0, to: content.count, by: CIFARBinary.recordSize) {
      guard content[start] < CIFARBinary.classCount else {
        throw DataFileError(path: source, "record \(start / CIFARBinary.recordSize) has the label \(content[start]), not 0 to 9")
      }
    }
    self.content = content
  }

  /// The number of records, N.
  package var count: Int { content.count / CIFARBinary.recordSize }

  /// The class of a record, 0 to 9.
  package func label(_ index: Int) -> Int { Int(content[index * CIFARBinary.recordSize]) }

  /// The picture of a record: red, green and blue planes, `imageSize` bytes.
  package func pixels(_ index: Int) -> ArraySlice<UInt8> {
    let start = index * CIFARBinary.recordSize + 1
    return content[start..<start + CIFARBinary.imageSize]
  }
}
