import CaffeCore
import Crypto

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The checksums and the size of a file.
public struct FileSums: Sendable, Equatable {
  /// 40 hexadecimal digits, lower case.
  public let sha1: String
  /// 64 hexadecimal digits, lower case.
  public let sha256: String
  /// In bytes.
  public let size: Int

  /// The sums of bytes at hand.
  public init(of bytes: [UInt8]) {
    var sums = RunningSums()
    bytes.withUnsafeBytes { sums.take($0) }
    self = sums.result
  }

  /// The sums of a file, read piece by piece.
  ///
  /// - Throws: `FileError` when it cannot be read.
  public init(contentsOf path: String) throws(FileError) {
    var sums = RunningSums()
    try sums.take(contentsOf: path)
    self = sums.result
  }

  fileprivate init(sha1: String, sha256: String, size: Int) { (self.sha1, self.sha256, self.size) = (sha1, sha256, size) }

  /// How these differ from what was published, as the end of a sentence; nil when they do not.
  public func mismatch(with published: PublishedWeights) -> String? {
    if let size = published.size, size != self.size { return "has \(self.size) bytes, not \(size)" }
    if let sha1 = published.sha1, sha1 != self.sha1 { return "has SHA-1 \(self.sha1), not \(sha1)" }
    if let sha256 = published.sha256, sha256 != self.sha256 { return "has SHA-256 \(self.sha256), not \(sha256)" }
    return nil
  }
}

/// Sums of bytes that come piece by piece.
struct RunningSums {
  private var sha1 = Insecure.SHA1()
  private var sha256 = SHA256()
  private(set) var size = 0

  mutating func take(_ bytes: UnsafeRawBufferPointer) {
    sha1.update(bufferPointer: bytes)
    sha256.update(bufferPointer: bytes)
    size += bytes.count
  }

  mutating func take(contentsOf path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "open") }
    defer { close(descriptor) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      guard count >= 0 else { throw FileError(path: path, operation: "read") }
      guard count > 0 else { return }
      take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  var result: FileSums {
    func text(_ digest: some Sequence<UInt8>) -> String {
      digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
    return FileSums(sha1: text(sha1.finalize()), sha256: text(sha256.finalize()), size: size)
  }
}
