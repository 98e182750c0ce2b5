/// Words from outside (names, licences, answers of servers) as they may be shown on a terminal.
public enum TerminalText {
  /// The text in one line of at most `limit` characters, with what would steer a terminal replaced by `?`: control
  /// characters, escape sequences, and marks that turn the direction of writing.
  public static func line(_ text: String, limit: Int = 200) -> String {
    let shown = plain(text, keepingLines: false)
    return shown.count > limit ? shown.prefix(limit - 1) + "…" : shown
  }

  /// The text with its lines kept.
  public static func plain(_ text: String) -> String { plain(text, keepingLines: true) }

  private static func plain(_ text: String, keepingLines: Bool) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where scalar != "\u{FEFF}" {
      switch scalar {
      case "\n" where keepingLines: result.append(scalar)
      case "\n", "\t", "\r": result.append(" ")
      default:
        let category = scalar.properties.generalCategory
        let steers = category == .control || category == .format || category == .lineSeparator || category == .paragraphSeparator
        result.append(steers ? "?" : scalar)
      }
    }
    return String(result)
  }
}
