import CaffeCore

/// Cuts the protobuf text format into tokens.
///
/// Grammar: the published text-format specification of protocol buffers; comments run from `#` to the line's end.
struct TextLexer {
  enum Kind: Equatable {
    case identifier, number, string
    /// One of `{ } < > [ ] : , ; - . /`
    case symbol(UInt8)
    case end
    /// A byte that starts no token, or a string that does not end.
    case invalid(String)
  }

  struct Token {
    let kind: Kind
    let offset: Int
    let length: Int
    /// The end of the token before, for pointing at what is missing.
    let previousEnd: Int
  }

  let file: SourceFile
  private var position = 0

  /// - Parameter offset: where to begin, for a part of a file that was read before.
  init(_ file: SourceFile, from offset: Int = 0) {
    self.file = file
    position = offset
    if offset == 0, file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The characters of a token.
  func text(_ token: Token) -> String {
    String(decoding: file.bytes[token.offset..<token.offset + token.length], as: UTF8.self)
  }

  mutating func next() -> Token {
    let previousEnd = position
    skipBlanksAndComments()
    let start = position
    let kind = scan()
    return Token(kind: kind, offset: start, length: position - start, previousEnd: previousEnd)
  }

  private var current: UInt8? { position < file.bytes.count ? file.bytes[position] : nil }

  private mutating func skipBlanksAndComments() {
    while let byte = current {
      if byte == UInt8(ascii: "#") {
        while let byte = current, byte != UInt8(ascii: "\n") { position += 1 }
      } else if byte == 32 || (9...13).contains(byte) {
        position += 1
      } else {
        return
      }
    }
  }

  private mutating func scan() -> Kind {
    guard let byte = current else { return .end }
    if byte.isIdentifierStart {
      while let byte = current, byte.isIdentifierPart { position += 1 }
      return .identifier
    }
    if byte.isDigit || (byte == UInt8(ascii: ".") && follower.map(\.isDigit) == true) { return scanNumber() }
    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return scanString(byte) }
    position += 1
    if Self.symbols.contains(byte) { return .symbol(byte) }
    while let byte = current, byte & 0xC0 == 0x80 { position += 1 }
    return .invalid("unexpected character")
  }

  private static let symbols = Set("{}<>[]:,;-./".utf8)

  private var follower: UInt8? { position + 1 < file.bytes.count ? file.bytes[position + 1] : nil }

  /// Takes letters along, so that `0x1F`, `1e-5f` and the mistake `12abc` are one token each.
  private mutating func scanNumber() -> Kind {
    let isHex = current == UInt8(ascii: "0") && (follower == UInt8(ascii: "x") || follower == UInt8(ascii: "X"))
    var last: UInt8 = 0
    while let byte = current {
      let isExponentSign =
        !isHex && (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
        && (last == UInt8(ascii: "e") || last == UInt8(ascii: "E"))
      guard byte.isIdentifierPart || byte == UInt8(ascii: ".") || isExponentSign else { break }
      last = byte
      position += 1
    }
    return .number
  }

  private mutating func scanString(_ quote: UInt8) -> Kind {
    position += 1
    while let byte = current, byte != UInt8(ascii: "\n") {
      position += 1
      if byte == quote { return .string }
      if byte == UInt8(ascii: "\\"), let escaped = current, escaped != UInt8(ascii: "\n") { position += 1 }
    }
    return .invalid("this string has no closing quote on its line")
  }
}

extension UInt8 {
  fileprivate var isDigit: Bool { (48...57).contains(self) }
  fileprivate var isIdentifierStart: Bool { (65...90).contains(self) || (97...122).contains(self) || self == 95 }
  fileprivate var isIdentifierPart: Bool { isIdentifierStart || isDigit }
}
