/// Text from outside in a Markdown page.
enum MarkdownText {
  /// The text in one line with every mark that Markdown, HTML or GitHub's own additions (tables, mentions, emoji codes,
  /// addresses that become links by themselves) give a meaning to put out of force.
  static func escaped(_ text: String) -> String {
    var result = ""
    let scalars = Array(TerminalText.line(text, limit: 4000).unicodeScalars)
    for (place, scalar) in scalars.enumerated() {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "@", ":", "/", "|", "`", "\\", "*", "_", "[", "]", "#", "!", "~", "$", "{", "}", "(", ")":
        result += "&#\(scalar.value);"
      // At the start of a line these make lists, headings and rules.
      case "+", "-", "=": result += result.isEmpty ? "&#\(scalar.value);" : String(scalar)
      case ".":
        let isNumber = result.allSatisfy(\.isNumber) && (place + 1 == scalars.count || scalars[place + 1] == " ")
        result += isNumber || hasBareHost(result) ? "&#46;" : "."
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// `www.` becomes a link by itself.
  private static func hasBareHost(_ text: String) -> Bool { text.lowercased().hasSuffix("www") }

  /// Text for code, without what ends it.
  static func plain(_ text: String) -> String { TerminalText.line(text, limit: 2000).replacing("`", with: "'") }

  /// A link to an http or https address; anything else is left out but its label.
  ///
  /// - Parameter label: Markdown.
  static func link(_ url: String, _ label: String) -> String {
    IndexValues.fault(inURL: url) == nil ? "[\(label)](<\(url.replacing("&", with: "&amp;"))>)" : label
  }
}
