import CZlib
import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads gzip files, and plain files as they are.
package enum Gzip {
  /// The most bytes a compressed file may have: 2 GiB.
  private static let maximumFileSize = 1 << 31

  /// The content of a file, unpacked when it is gzip.
  ///
  /// - Parameter limit: the most bytes that may come out.
  /// - Throws: `DataFileError` when it cannot be read, is damaged or cut short, or holds more than `limit` bytes.
  package static func read(_ path: String, limit: Int) throws(DataFileError) -> [UInt8] {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileBytes.read(path, limit: maximumFileSize)
    } catch {
      throw DataFileError(path: path, error.reason)
    }
    guard bytes.starts(with: [0x1F, 0x8B]) else {
      guard bytes.count <= limit else { throw DataFileError(path: path, "it has more than the \(limit) bytes expected") }
      return bytes
    }
    return try unpack(bytes, limit: limit, source: path)
  }

  /// The path of a file that is there as it is or with `.gz`.
  ///
  /// - Parameter hint: what the folder must hold, for the message.
  /// - Throws: `DataFileError` when there is neither.
  static func locate(_ path: String, hint: String) throws(DataFileError) -> String {
    for candidate in [path, path + ".gz"] where access(candidate, F_OK) == 0 { return candidate }
    throw DataFileError(path: path, "there is no such file, nor one with .gz; the folder must hold \(hint)")
  }

  /// Unpacks gzip data of one or more members.
  ///
  /// - Parameters:
  ///   - limit: the most bytes that may come out.
  ///   - source: the name that errors show.
  /// - Throws: `DataFileError` when it is damaged, cut short, or holds more than `limit` bytes.
  package static func unpack(_ bytes: [UInt8], limit: Int, source: String) throws(DataFileError) -> [UInt8] {
    let stream = InflateStream()
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var offset = 0
    while offset < bytes.count {
      let step = try stream.step(bytes, from: offset, into: &chunk, source: source)
      offset += step.taken
      guard output.count + step.made <= limit else {
        throw DataFileError(path: source, "it unpacks to more than the \(limit) bytes expected")
      }
      output += chunk[..<step.made]
      if step.isAtEnd, !stream.restart() { throw DataFileError(path: source, "cannot unpack the next part") }
      if step.isAtEnd, !bytes[offset...].starts(with: [0x1F, 0x8B]) { return output }
    }
    throw DataFileError(path: source, "the gzip data is cut short")
  }
}
