/// The backslash escapes of the text format's strings.
enum TextEscapes {
  /// A string that cannot be read, with the byte (within the literal) where it goes wrong.
  struct Failure: Error {
    let message: String
    let offset: Int
  }

  private static let simple: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
    UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): 92, UInt8(ascii: "'"): 39, UInt8(ascii: "\""): 34,
    UInt8(ascii: "?"): 63,
  ]

  /// The bytes that a literal, given with its quotes, stands for.
  static func unescape(_ literal: ArraySlice<UInt8>) throws(Failure) -> [UInt8] {
    var result: [UInt8] = []
    var index = literal.startIndex + 1
    let end = literal.endIndex - 1
    while index < end {
      guard literal[index] == UInt8(ascii: "\\") else {
        result.append(literal[index])
        index += 1
        continue
      }
      let start = index
      index += 1
      let kind = literal[index]
      index += 1
      if let byte = simple[kind] {
        result.append(byte)
      } else if (48...55).contains(kind) {
        result.append(octal(literal, &index, end))
      } else if let digits = [UInt8(ascii: "x"): 2, UInt8(ascii: "X"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8][kind] {
        let value = hexadecimal(literal, &index, end, digits)
        result += try encoded(value, isByte: digits == 2, at: start - literal.startIndex)
      } else {
        throw Failure(
          message: "unknown escape \\\(Character(UnicodeScalar(kind))) in a string", offset: start - literal.startIndex)
      }
    }
    return result
  }

  private static func octal(_ literal: ArraySlice<UInt8>, _ index: inout Int, _ end: Int) -> UInt8 {
    var value = Int(literal[index - 1] - 48)
    var digits = 1
    while digits < 3, index < end, (48...55).contains(literal[index]) {
      value = value * 8 + Int(literal[index] - 48)
      index += 1
      digits += 1
    }
    return UInt8(truncatingIfNeeded: value)
  }

  private static func hexadecimal(_ literal: ArraySlice<UInt8>, _ index: inout Int, _ end: Int, _ most: Int) -> UInt32? {
    let start = index
    while index < end, index - start < most, Character(UnicodeScalar(literal[index])).isHexDigit { index += 1 }
    return UInt32(String(decoding: literal[start..<index], as: UTF8.self), radix: 16)
  }

  private static func encoded(_ value: UInt32?, isByte: Bool, at offset: Int) throws(Failure) -> [UInt8] {
    guard let value else { throw Failure(message: "hexadecimal digits missing after the escape", offset: offset) }
    if isByte { return [UInt8(value)] }
    guard let scalar = UnicodeScalar(value) else { throw Failure(message: "no such Unicode character", offset: offset) }
    return Array(String(Character(scalar)).utf8)
  }

  /// The literal, with quotes, that stands for these bytes; what is not printable ASCII or sound UTF-8 becomes octal.
  static func escape(_ bytes: [UInt8], keepingUnicode: Bool) -> String {
    var result = "\""
    let letters: [UInt8: Character] = [10: "n", 13: "r", 9: "t", 34: "\"", 92: "\\"]
    if keepingUnicode {
      for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
        if scalar.value < 128 { append(UInt8(scalar.value)) } else { result.unicodeScalars.append(scalar) }
      }
    } else {
      bytes.forEach(append)
    }
    return result + "\""

    func append(_ byte: UInt8) {
      if let letter = letters[byte] {
        result += "\\\(letter)"
      } else if (32..<127).contains(byte) {
        result.unicodeScalars.append(UnicodeScalar(byte))
      } else {
        let digits = String(byte, radix: 8)
        result += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
  }
}
