@preconcurrency import CHDF5

/// How a dataset stores one number. Used inside `HDF5Library.locked`.
struct HDF5Number {
  private enum Kind {
    case signed, unsigned, float
  }

  /// In bytes: 1, 2, 4 or 8.
  let size: Int
  private let kind: Kind
  private let isBigEndian: Bool

  /// - Returns: nil when the type is not one of plain integers and IEEE floats; odd bit layouts are not understood.
  init?(_ type: HDF5Handle) {
    let known: [(id: hid_t, size: Int, kind: Kind, isBigEndian: Bool)] = [
      (H5T_STD_I8LE_g, 1, .signed, false), (H5T_STD_I8BE_g, 1, .signed, true), (H5T_STD_I16LE_g, 2, .signed, false),
      (H5T_STD_I16BE_g, 2, .signed, true), (H5T_STD_I32LE_g, 4, .signed, false), (H5T_STD_I32BE_g, 4, .signed, true),
      (H5T_STD_I64LE_g, 8, .signed, false), (H5T_STD_I64BE_g, 8, .signed, true), (H5T_STD_U8LE_g, 1, .unsigned, false),
      (H5T_STD_U8BE_g, 1, .unsigned, true), (H5T_STD_U16LE_g, 2, .unsigned, false), (H5T_STD_U16BE_g, 2, .unsigned, true),
      (H5T_STD_U32LE_g, 4, .unsigned, false), (H5T_STD_U32BE_g, 4, .unsigned, true), (H5T_STD_U64LE_g, 8, .unsigned, false),
      (H5T_STD_U64BE_g, 8, .unsigned, true), (H5T_IEEE_F32LE_g, 4, .float, false), (H5T_IEEE_F32BE_g, 4, .float, true),
      (H5T_IEEE_F64LE_g, 8, .float, false), (H5T_IEEE_F64BE_g, 8, .float, true),
    ]
    guard let found = type.use({ id in known.first { H5Tequal(id, $0.id) > 0 } }) else { return nil }
    (size, kind, isBigEndian) = (found.size, found.kind, found.isBigEndian)
  }

  /// Converts all numbers in `bytes`.
  ///
  /// - Precondition: `target` has room for them.
  func convert(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<Float>) {
    switch (kind, size) {
    case (.float, 4): each(UInt32.self, bytes, target) { Float(bitPattern: $0) }
    case (.float, _): each(UInt64.self, bytes, target) { Float(Double(bitPattern: $0)) }
    case (.signed, 1): each(Int8.self, bytes, target) { Float($0) }
    case (.signed, 2): each(Int16.self, bytes, target) { Float($0) }
    case (.signed, 4): each(Int32.self, bytes, target) { Float($0) }
    case (.signed, _): each(Int64.self, bytes, target) { Float($0) }
    case (.unsigned, 1): each(UInt8.self, bytes, target) { Float($0) }
    case (.unsigned, 2): each(UInt16.self, bytes, target) { Float($0) }
    case (.unsigned, 4): each(UInt32.self, bytes, target) { Float($0) }
    case (.unsigned, _): each(UInt64.self, bytes, target) { Float($0) }
    }
  }

  /// The first number in `bytes` as an integer, fractions cut off; nil when it is none or too large.
  func integer(_ bytes: UnsafeRawBufferPointer) -> Int? {
    guard bytes.count >= size else { return nil }
    let bits = (0..<size).reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[isBigEndian ? $1 : size - 1 - $1]) }
    switch kind {
    case .unsigned: return Int(exactly: bits)
    case .signed: return Int(Int64(bitPattern: bits << UInt64(64 - 8 * size)) >> Int64(64 - 8 * size))
    case .float:
      let value = size == 4 ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))) : Double(bitPattern: bits)
      return Int(exactly: value.rounded(.towardZero))
    }
  }

  private func each<Bits: FixedWidthInteger>(
    _ type: Bits.Type, _ bytes: UnsafeRawBufferPointer, _ target: UnsafeMutablePointer<Float>, _ value: (Bits) -> Float
  ) {
    for index in 0..<bytes.count / size {
      let bits = bytes.loadUnaligned(fromByteOffset: index * size, as: Bits.self)
      target[index] = value(isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
    }
  }
}
