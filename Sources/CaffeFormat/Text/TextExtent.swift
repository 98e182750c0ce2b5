import CaffeCore

/// Where fields of a prototxt begin and end, for changing a text and leaving the rest of it as it is.
package enum TextExtent {
  /// The bytes of a field from its name to the end of its value and a separator behind it; nil for fields that came from no text.
  package static func of(_ entry: Message.Entry) -> Range<Int>? {
    guard let place = entry.nameLocation else { return nil }
    var lexer = TextLexer(place.file, from: place.offset)
    _ = lexer.next()
    var token = lexer.next()
    if token.kind == .symbol(UInt8(ascii: ":")) { token = lexer.next() }
    let end = endOfValue(beginningWith: token, &lexer)
    let separator = lexer.next()
    let isSeparated = [",", ";"].contains { separator.kind == .symbol(UInt8(ascii: $0)) }
    return place.offset..<(isSeparated ? separator.offset + separator.length : end)
  }

  private static func endOfValue(beginningWith first: TextLexer.Token, _ lexer: inout TextLexer) -> Int {
    var (token, depth) = (first, 0)
    while token.kind != .end {
      if ["{", "<", "["].contains(where: { token.kind == .symbol(UInt8(ascii: $0)) }) { depth += 1 }
      if ["}", ">", "]"].contains(where: { token.kind == .symbol(UInt8(ascii: $0)) }) { depth -= 1 }
      let isSign = token.kind == .symbol(UInt8(ascii: "-"))
      if depth == 0, !isSign { break }
      token = lexer.next()
    }
    return token.offset + token.length
  }

  /// The field with the comment lines right above it and the rest of its line, which go when the field goes. A field that shares
  /// its line with others goes alone, with the blanks before it.
  package static func wholeLines(_ range: Range<Int>, in bytes: [UInt8]) -> Range<Int> {
    let newline = UInt8(ascii: "\n")
    let lineStart = bytes[..<range.lowerBound].lastIndex(of: newline).map { $0 + 1 } ?? 0
    let lineEnd = bytes[range.upperBound...].firstIndex(of: newline) ?? bytes.endIndex
    let after = bytes[range.upperBound..<lineEnd].drop { $0 == 32 || $0 == 9 || $0 == 13 }
    let isAlone = bytes[lineStart..<range.lowerBound].allSatisfy { $0 == 32 || $0 == 9 }
    guard isAlone, after.isEmpty || after.first == UInt8(ascii: "#") else {
      let blanks = bytes[..<range.lowerBound].reversed().prefix { $0 == 32 || $0 == 9 }.count
      return range.lowerBound - blanks..<range.upperBound
    }
    return startOfComments(above: lineStart, in: bytes)..<min(lineEnd + 1, bytes.count)
  }

  private static func startOfComments(above start: Int, in bytes: [UInt8]) -> Int {
    var start = start
    while start > 0 {
      let above = bytes[..<(start - 1)].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      guard bytes[above..<start].first(where: { $0 != 32 && $0 != 9 }) == UInt8(ascii: "#") else { break }
      start = above
    }
    return start
  }
}
