import CaffeCore

/// Text from outside in a web page.
enum HTMLText {
  /// The text with what has a meaning in HTML replaced, for content and quoted attributes; what would steer the reader's
  /// eye (control characters, marks that turn the direction of writing) becomes a question mark.
  static func escaped(_ text: String) -> String { MarkupText.escaped(TerminalText.line(text, limit: 4000)) }

  /// A link to an http or https address; anything else stands there as text.
  ///
  /// - Parameter label: what is shown; nil shows the address.
  static func link(_ url: String, _ label: String? = nil) -> String {
    let text = escaped(label ?? url)
    guard IndexValues.fault(inURL: url) == nil else { return text }
    return "<a href=\"\(escaped(url))\" rel=\"noreferrer nofollow\">\(text)</a>"
  }
}
