/// What `CSVTable` reads.
package enum CSVText {
  private static let special = Array(",\"\r\n".utf8)

  /// A field, in quotes where it needs them.
  package static func field(_ text: String) -> String {
    // Bytes, since a carriage return and a line feed are one character.
    guard text.utf8.contains(where: { special.contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
