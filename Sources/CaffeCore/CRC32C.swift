/// The checksum of LevelDB's and TensorBoard's files: CRC-32 with Castagnoli's polynomial (RFC 3720), eight bytes at a step.
package enum CRC32C {
  private static let polynomial: UInt32 = 0x82F6_3B78

  /// Table k has the remainders of a byte that k zero bytes follow; all eight lie one after the other.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      tables[byte] = (0..<8).reduce(UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? polynomial : 0) }
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = before >> 8 ^ tables[Int(before & 0xFF)]
    }
    return tables
  }()

  /// The checksum of bytes.
  package static func sum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    tables.withUnsafeBufferPointer { ~extend(~0, bytes, $0) }
  }

  /// The form in which both store a checksum: a sum over bytes that hold sums would be weak.
  package static func masked(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let sum = sum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  private static func extend(_ start: UInt32, _ bytes: UnsafeRawBufferPointer, _ tables: UnsafeBufferPointer<UInt32>) -> UInt32 {
    var (sum, place) = (start, 0)
    while place + 8 <= bytes.count {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) ^ UInt64(sum)
      sum = 0
      for byte in 0..<8 { sum ^= tables[(7 - byte) * 256 + Int(word >> UInt64(8 * byte) & 0xFF)] }
      place += 8
    }
    while place < bytes.count {
      sum = sum >> 8 ^ tables[Int((sum ^ UInt32(bytes[place])) & 0xFF)]
      place += 1
    }
    return sum
  }
}
