/// Where a git repository is: `https://…`, `ssh://…`, `user@host:path`, or a path of this machine.
public struct RepositoryAddress: Sendable, Hashable, CustomStringConvertible {
  public let description: String

  /// - Throws: `ZooError` for what git would take for an option or for a program to run.
  public init(_ text: String) throws(ZooError) {
    if let fault = RepositoryAddress.fault(in: text) {
      let shown = RepositoryAddress.withoutPassword(TerminalText.line(text, limit: 120))
      throw ZooError(
        "\"\(shown)\" is no address of a git repository: it \(fault)",
        advice: "such as https://github.com/USER/REPOSITORY.wiki.git")
    }
    description = text
  }

  private static func fault(in text: String) -> String? {
    if text.isEmpty { return "is empty" }
    if text.hasPrefix("-") { return "begins with a dash" }
    if text.utf8.count > 2000 { return "is longer than 2000 bytes" }
    if TerminalText.line(text, limit: .max) != text { return "holds characters that are not shown" }
    if text.contains("::") { return "names a program to run" }
    if let end = text.firstRange(of: "://")?.lowerBound {
      let scheme = text[..<end].lowercased()
      return ["https", "http", "ssh", "git", "file"].contains(scheme) ? nil : "has the protocol \(scheme)"
    }
    return nil
  }

  /// The address with the password of `https://user:password@host` left out.
  static func withoutPassword(_ text: String) -> String {
    text.replacing(/:\/\/[^\/\s@]*@/) { _ in "://" }
  }
}
