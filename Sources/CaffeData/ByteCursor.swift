/// A place in bytes that moves forward over the numbers and runs of a binary format; every step is checked.
///
/// Each function gives nil, and stays where it was, when the bytes end before what is asked for.
struct ByteCursor {
  let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }
  var remaining: Int { bytes.count - position }

  /// A number in groups of seven bits, the lowest first.
  mutating func varint() -> UInt64? {
    var (result, end) = (UInt64(0), position)
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard end < bytes.count else { return nil }
      let byte = bytes[end]
      end += 1
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        position = end
        return result
      }
    }
    return nil
  }

  /// A `varint` that is a count or an offset.
  mutating func size() -> Int? {
    let start = position
    guard let value = varint() else { return nil }
    guard value <= UInt64(Int.max) else {
      position = start
      return nil
    }
    return Int(value)
  }

  /// The next bytes.
  mutating func take(_ count: some BinaryInteger) -> UnsafeRawBufferPointer? {
    guard count >= 0, count <= remaining else { return nil }
    defer { position += Int(count) }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])
  }

  /// A run of bytes after its length.
  mutating func run() -> UnsafeRawBufferPointer? {
    let start = position
    guard let count = size(), let run = take(count) else {
      position = start
      return nil
    }
    return run
  }

  /// A number of fixed width, the lowest byte first.
  mutating func fixed<Value: FixedWidthInteger & BitwiseCopyable>(_: Value.Type = Value.self) -> Value? {
    guard let run = take(MemoryLayout<Value>.size) else { return nil }
    return Value(littleEndian: run.loadUnaligned(as: Value.self))
  }
}
