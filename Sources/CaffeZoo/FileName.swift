/// A file's name as it came from outside (front matter, a gist, an archive), checked so that joining it to a directory
/// can never lead out of that directory.
public struct FileName: Sendable, Hashable, CustomStringConvertible {
  /// One path component.
  public let description: String

  /// - Parameters:
  ///   - text: the name.
  ///   - place: where it was found, for the message, such as `readme.md: caffemodel`.
  /// - Throws: `ZooError` for a name that is empty, longer than 255 bytes, `.` or `..`, begins with a dot, or holds a
  ///   slash, a backslash, a control character or a mark that turns the direction of writing.
  public init(_ text: String, in place: String) throws(ZooError) {
    guard let reason = FileName.fault(in: text) else {
      description = text
      return
    }
    throw ZooError(
      "\(place): the file name \"\(TerminalText.line(text, limit: 80))\" \(reason)", advice: "give a plain file name")
  }

  private static func fault(in text: String) -> String? {
    if text.isEmpty { return "is empty" }
    if text.utf8.count > 255 { return "is longer than 255 bytes" }
    if text.contains("/") || text.contains("\\") { return "leads to another directory" }
    if text.hasPrefix(".") { return "begins with a dot" }
    if TerminalText.line(text, limit: 255) != text { return "holds characters that are not shown" }
    return nil
  }
}
