/// YAML as it is written here: block collections, strings plain where every reader takes them for strings.
package enum YAMLText {
  /// A string as a scalar on one line.
  package static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

  /// A list on one line.
  static func list(_ items: [String]) -> String { "[\(items.joined(separator: ", "))]" }

  /// Lines behind `key:` or `-`, further in.
  static func nested(_ lines: [String]) -> [String] { lines.map { $0.isEmpty ? $0 : "  " + $0 } }

  /// Lines as an item of a list.
  static func item(_ lines: [String]) -> [String] {
    lines.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
  }

  /// Letters and a few marks that mean nothing to YAML where they stand, and no word or number that is no string.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
    guard isWord(first) || first == "/", last != ":", last != " " else { return false }
    var before = first
    for scalar in text.unicodeScalars {
      guard isWord(scalar) || " ./+()@%;'\"=~_-:#$^*&!?<>".unicodeScalars.contains(scalar) else { return false }
      if scalar == " " && before == ":" || scalar == "#" && before == " " { return false }
      before = scalar
    }
    return !isOtherThanString(text)
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII ? scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) : scalar.properties.isAlphabetic
  }

  /// What YAML readers of one age or another take for a number, a date, a truth value or nothing.
  static func isOtherThanString(_ text: String) -> Bool {
    let word = text.lowercased()
    if ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"].contains(word) { return true }
    guard let first = text.unicodeScalars.first, ("0"..."9").contains(first) else { return false }
    if ["0x", "0o", "0b"].contains(where: word.hasPrefix) { return true }
    return word.unicodeScalars.allSatisfy { "0123456789.,_+-: etz".unicodeScalars.contains($0) }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default: result += isShown(scalar) ? String(scalar) : escape(scalar)
      }
    }
    return result + "\""
  }

  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    guard YAMLCharacters.isAllowed(scalar), scalar != "\r" else { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return false
    default: return true
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let (letter, count) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
    return "\\\(letter)" + String(repeating: "0", count: count - digits.count) + digits
  }
}
