/// A gist, at one of its revisions or at the latest.
public struct GistReference: Sendable, Hashable, CustomStringConvertible {
  /// 20 or 32 hexadecimal digits; the oldest gists have a decimal number.
  public let id: String
  /// The user it belongs to, where that was given.
  public let owner: String?
  /// 40 hexadecimal digits; nil is the latest.
  public let revision: String?
  /// The web host it lies on: `gist.github.com`, or a GitHub Enterprise server's.
  public let host: String?

  public init(id: String, owner: String? = nil, revision: String? = nil, host: String? = nil) {
    self.id = id
    self.owner = owner
    self.revision = revision
    self.host = host
  }

  /// `ID@revision`.
  public var description: String { id + (revision.map { "@\($0)" } ?? "") }
}
