import CaffeCore

/// A look at the characters of a YAML text before it is parsed.
enum YAMLCharacters {
  /// More brackets than this open at once is a bomb, whatever they mean; the parser's own limit is 1,000.
  private static let openBrackets = 64

  /// The first character that YAML does not have, or that ends lines for YAML and for nobody else.
  static func problem(in text: String, of source: SourceFile, firstLine: Int) -> Diagnostic? {
    var line = firstLine
    var column = 1
    var open = 0
    var endsLine = false
    for scalar in text.unicodeScalars {
      let place: () -> SourceLocation = { source.location(line: line, column: column) }
      if endsLine, scalar != "\n" { return Diagnostic("a carriage return ends no line", at: place()) }
      endsLine = scalar == "\r"
      guard isAllowed(scalar) else {
        return Diagnostic("the character U+\(hexadecimal(scalar)) is not allowed in YAML", at: place())
      }
      if scalar == "[" || scalar == "{" { open += 1 } else if scalar == "]" || scalar == "}" { open = max(0, open - 1) }
      if open > openBrackets { return Diagnostic("the YAML has collections more than \(openBrackets) deep", at: place()) }
      if scalar == "\n" { (line, column) = (line + 1, 1) } else { column += 1 }
    }
    return nil
  }

  /// What may stand in the text as it is; the rest is written with escapes.
  static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }

  private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
