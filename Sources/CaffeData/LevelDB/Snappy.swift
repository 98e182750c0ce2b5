/// Unpacks Snappy's block format, in which LevelDB keeps its blocks; every length and distance is checked.
enum Snappy {
  /// The most bytes that a packed byte can stand for: a copy of 64 bytes takes three.
  private static let maximumRatio = 22

  /// The content; nil when the bytes are damaged.
  static func unpack(_ packed: UnsafeRawBufferPointer) -> [UInt8]? {
    var input = ByteCursor(packed)
    guard let size = input.size(), size <= packed.count * maximumRatio else { return nil }
    var isWhole = false
    let content = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let result = fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<size]), from: &input)
      isWhole = result == size
      count = isWhole ? size : 0
    }
    return isWhole ? content : nil
  }

  /// The number of bytes that came out before the end, or before the first fault.
  private static func fill(_ output: UnsafeMutableRawBufferPointer, from input: inout ByteCursor) -> Int {
    var filled = 0
    while let tag = input.fixed(UInt8.self) {
      let isDone =
        tag & 3 == 0
        ? copyLiteral(tag, from: &input, to: output, &filled) : copyBack(tag, from: &input, to: output, &filled)
      guard isDone else { return -1 }
    }
    return filled
  }

  /// Bytes that stand in the input as they are.
  private static func copyLiteral(
    _ tag: UInt8, from input: inout ByteCursor, to output: UnsafeMutableRawBufferPointer, _ filled: inout Int
  ) -> Bool {
    var length = Int(tag >> 2)
    if length >= 60 {
      guard let bytes = input.take(length - 59) else { return false }
      length = bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard length < output.count - filled, let literal = input.take(length + 1) else { return false }
    UnsafeMutableRawBufferPointer(rebasing: output[filled...]).copyMemory(from: literal)
    filled += length + 1
    return true
  }

  /// Bytes that came before; they may overlap what they become.
  private static func copyBack(
    _ tag: UInt8, from input: inout ByteCursor, to output: UnsafeMutableRawBufferPointer, _ filled: inout Int
  ) -> Bool {
    var length = Int(tag >> 2) + 1
    let distance: Int?
    switch tag & 3 {
    case 1:
      length = Int(tag >> 2 & 7) + 4
      distance = input.fixed(UInt8.self).map { Int(tag >> 5) << 8 | Int($0) }
    case 2: distance = input.fixed(UInt16.self).map { Int($0) }
    default: distance = input.fixed(UInt32.self).map { Int($0) }
    }
    guard let distance, distance > 0, distance <= filled, length <= output.count - filled else { return false }
    if distance >= length {
      UnsafeMutableRawBufferPointer(rebasing: output[filled...]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output)[filled - distance..<filled - distance + length]))
    } else {
      for place in filled..<filled + length { output[place] = output[place - distance] }
    }
    filled += length
    return true
  }
}
