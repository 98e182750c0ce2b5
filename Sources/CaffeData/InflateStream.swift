import CZlib

/// A stream of zlib that unpacks gzip.
final class InflateStream {
  /// Window of 32 KiB (15 bits), gzip wrapping (16).
  private static let windowBits: Int32 = 15 + 16

  private var state = z_stream()
  private let initialStatus: Int32

  init() {
    initialStatus = inflateInit2_(&state, InflateStream.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  }

  deinit { inflateEnd(&state) }

  /// Unpacks from `offset` until `chunk` is full or the input is used up.
  func step(
    _ bytes: [UInt8], from offset: Int, into chunk: inout [UInt8], source: String
  ) throws(DataFileError) -> (taken: Int, made: Int, isAtEnd: Bool) {
    let available = min(bytes.count - offset, 1 << 30)
    let room = chunk.count
    let status = bytes.withUnsafeBufferPointer { input in
      chunk.withUnsafeMutableBufferPointer { output in
        // zlib takes a pointer to mutable memory but does not write through it.
        state.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + offset })
        state.avail_in = UInt32(available)
        state.next_out = output.baseAddress
        state.avail_out = UInt32(room)
        return initialStatus == Z_OK ? inflate(&state, Z_NO_FLUSH) : initialStatus
      }
    }
    try InflateStream.check(status, message: state.msg, source: source)
    return (available - Int(state.avail_in), room - Int(state.avail_out), status == Z_STREAM_END)
  }

  /// Makes ready for another gzip member.
  func restart() -> Bool { inflateReset(&state) == Z_OK }

  /// The one place where zlib's status becomes an error.
  private static func check(
    _ status: Int32, message: UnsafePointer<CChar>?, source: String
  ) throws(DataFileError) {
    guard status != Z_OK, status != Z_STREAM_END else { return }
    let reason = message.map { String(cString: $0) } ?? (status == Z_BUF_ERROR ? "it is cut short" : "zlib status \(status)")
    throw DataFileError(path: source, "the gzip data is damaged: \(reason)")
  }
}
