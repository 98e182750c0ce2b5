/// YAML whose indicators for anchors, aliases, tags and complex keys do nothing.
///
/// With aliases a few lines stand for more data than fits any memory. Whether a `*` is an alias depends on where in the
/// grammar it stands, which only the parser knows. So each such character is replaced by one that means nothing to YAML
/// before the text is parsed, and put back in the scalars that come out. A plain scalar that begins with a replaced
/// character is where the indicator would have acted.
struct InertYAML {
  /// The text to parse, of as many lines and columns as the original.
  let text: String
  private let base: UInt32

  private static let indicators: [Unicode.Scalar] = ["&", "*", "!", "?", ":"]
  /// Stand-ins come from this area for private use, 16 to a block.
  private static let area: Range<UInt32> = 0xF0000..<0xFFFF0

  /// - Returns: nil when every block of stand-ins occurs in the text already.
  init?(_ text: String) {
    guard let base = InertYAML.freeBlock(for: text) else { return nil }
    self.base = base
    var result = String.UnicodeScalarView()
    var last: Unicode.Scalar = "\n"  // that is no blank
    for scalar in text.unicodeScalars {
      // A colon makes a key of the collection before it; other colons are let be.
      let isKeyMark = scalar != ":" || last == "]" || last == "}"
      let place = isKeyMark ? InertYAML.indicators.firstIndex(of: scalar) : nil
      result.append(place.flatMap { Unicode.Scalar(base + UInt32($0)) } ?? scalar)
      if scalar != " ", scalar != "\t" { last = scalar }
    }
    self.text = String(result)
  }

  /// A scalar's text as it was meant.
  func restored(_ scalar: String) -> String {
    guard scalar.unicodeScalars.contains(where: { indicator(for: $0) != nil }) else { return scalar }
    return String(String.UnicodeScalarView(scalar.unicodeScalars.map { indicator(for: $0) ?? $0 }))
  }

  /// The indicator with which a plain scalar began; nil when there is none.
  func leadingIndicator(of scalar: String) -> Unicode.Scalar? { scalar.unicodeScalars.first.flatMap(indicator) }

  private func indicator(for scalar: Unicode.Scalar) -> Unicode.Scalar? {
    guard scalar.value >= base, scalar.value < base + UInt32(InertYAML.indicators.count) else { return nil }
    return InertYAML.indicators[Int(scalar.value - base)]
  }

  /// The first code point of a block that the text has neither as characters nor as escapes (`\U000F0123`).
  private static func freeBlock(for text: String) -> UInt32? {
    var used = Set<UInt32>()
    for scalar in text.unicodeScalars where area.contains(scalar.value) { used.insert(scalar.value >> 4) }
    for part in text.utf8.split(separator: UInt8(ascii: "\\")) where part.first == UInt8(ascii: "U") {
      if let value = UInt32(String(decoding: part.dropFirst().prefix(8), as: UTF8.self), radix: 16) { used.insert(value >> 4) }
    }
    return stride(from: area.lowerBound, to: area.upperBound, by: 16).first { !used.contains($0 >> 4) }
  }
}
