/// A gist, at one of its revisions or at the latest.
public struct GistReference: Sendable, Hashable, CustomStringConvertible {
  /// 20 or 32 hexadecimal digits; the oldest gists have a decimal number.
  public let id: String
  /// The user it belongs to, where that was given.
  public let owner: String?
  /// 40 hexadecimal digits; nil is the latest.
  public let revision: String?
  /// The GitHub Enterprise server it lies on; nil is github.com.
  public let host: String?

  public init(id: String, owner: String? = nil, revision: String? = nil, host: String? = nil) {
    self.id = id
    self.owner = owner
    self.revision = revision
    self.host = host
  }

  /// Reads what people write for a gist: `ID`, `user/ID`, either with `@REVISION`, or any address of it: its page, the page of
  /// a revision or a file, its raw, download, archive, git or API address; on `gist.github.com`, on `github.com/gist` or on a
  /// GitHub Enterprise server. Nil when it is none of these.
  public init?(_ text: String) {
    let isAddress = text.contains("://")
    var parts = GistReference.parts(of: text)
    if isAddress {
      guard HTTPURL.isValid(text), let start = GistReference.pathStart(parts) else { return nil }
      parts.removeFirst(start)
    }
    guard let place = parts.prefix(2).firstIndex(where: { GistReference.isID($0) && !GistReference.isOwner($0, in: parts) }),
      isAddress || parts.count == place + 1
    else { return nil }
    let suffix = text.lastIndex(of: "@").map { String(text[text.index(after: $0)...]) }
    id = parts[place]
    owner = place == 1 ? parts[0] : nil
    revision =
      parts.dropFirst(place + 1).first(where: GistReference.isRevision)
      ?? suffix.flatMap { GistReference.isRevision($0) ? $0 : nil }
    if let suffix, !isAddress, !GistReference.isRevision(suffix) { return nil }
    host = HTTPURL.host(of: text).flatMap(GistReference.server)
  }

  /// `ID@revision`.
  public var description: String { id + (revision.map { "@\($0)" } ?? "") }

  /// Whether a text alone, without an address around it, can only mean a gist.
  public static func isCertain(_ text: String) -> Bool {
    guard let gist = GistReference(text) else { return false }
    return gist.owner != nil || text.contains("://") || gist.id.count == 20 || gist.id.count == 32
  }

  /// Scheme and host, then the path's components; without query, fragment, revision mark and extension.
  private static func parts(of text: String) -> [String] {
    let path = text.prefix { !"?#".contains($0) }
    let bare = text.contains("://") ? path : path.prefix { $0 != "@" }
    return bare.split(separator: "/").map { part in
      for ending in [".git", ".js", ".zip", ".tar.gz", ".json", ".pibb"] where part.hasSuffix(ending) {
        return String(part.dropLast(ending.count))
      }
      return String(part)
    }
  }

  /// Where the components that name the gist begin in an address.
  private static func pathStart(_ parts: [String]) -> Int? {
    guard parts.count >= 3 else { return nil }
    if let gist = parts.dropFirst(2).prefix(4).firstIndex(where: { $0 == "gist" || $0 == "gists" }) { return gist + 1 }
    return parts[1].hasPrefix("gist.") || parts[1].hasPrefix("gist-") ? 2 : nil
  }

  /// The GitHub Enterprise server behind `gist.HOST`; nil for github.com and the host of its raw files.
  private static func server(_ host: String) -> String? {
    let name = host.hasPrefix("gist.") ? String(host.dropFirst(5)) : host
    return ["github.com", "api.github.com", "www.github.com", "githubusercontent.com"].contains(name) ? nil : name
  }

  private static func isID(_ text: String) -> Bool {
    let isHexadecimal = text.allSatisfy { $0.isASCII && $0.isHexDigit && !$0.isUppercase }
    return isHexadecimal && (text.count == 20 || text.count == 32 || (text.count <= 10 && Int(text) != nil))
  }

  /// A user may be called what looks like an id; then a real one follows.
  private static func isOwner(_ part: String, in parts: [String]) -> Bool {
    parts.count > 1 && parts[0] == part && isID(parts[1])
  }

  private static func isRevision(_ text: String) -> Bool {
    text.count == 40 && text.allSatisfy { $0.isASCII && $0.isHexDigit && !$0.isUppercase }
  }
}
