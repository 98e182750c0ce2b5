/// What `CSVTable` reads.
package enum CSVText {
  /// A field, in quotes where it needs them.
  package static func field(_ text: String) -> String {
    guard text.contains(where: { ",\"\r\n\r\n".contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
