import CaffeCore
import Crypto

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What tells a file's content from every other: its hashes and its size.
public struct FileDigest: Sendable, Equatable {
  /// 40 hexadecimal digits, lower case.
  public let sha1: String
  /// 64 hexadecimal digits, lower case.
  public let sha256: String
  /// In bytes.
  public let size: Int

  /// Reads a regular file once, a megabyte at a time.
  ///
  /// - Throws: `FileError`.
  public init(contentsOf path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "open the file") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path: path, operation: "read it as a file", code: EINVAL)
    }
    var (short, long, size) = (Insecure.SHA1(), SHA256(), 0)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError(path: path, operation: "read the file") }
      if count == 0 { break }
      buffer.withUnsafeBytes { bytes in
        let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
        short.update(bufferPointer: part)
        long.update(bufferPointer: part)
      }
      size += count
    }
    sha1 = FileDigest.text(short.finalize())
    sha256 = FileDigest.text(long.finalize())
    self.size = size
  }

  private static func text(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
