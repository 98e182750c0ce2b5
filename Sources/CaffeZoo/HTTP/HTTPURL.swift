/// The parts of an http address that the zoo looks at.
public enum HTTPURL {
  /// Whether a text is an address of http or https with a host.
  public static func isValid(_ text: String) -> Bool { host(of: text) != nil }

  /// The host, in lower case and without port; nil for what is no address of http or https.
  public static func host(of url: String) -> String? {
    guard let authority = authority(of: url) else { return nil }
    let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
    return host.isEmpty || host == "[]" ? nil : host.lowercased()
  }

  /// Scheme, host and port, for comparing who is asked.
  public static func origin(of url: String) -> String? {
    authority(of: url).map { "\(url.prefix { $0 != ":" }.lowercased())://\($0.lowercased())" }
  }

  /// Whether a port is written in the address.
  static func hasPort(_ url: String) -> Bool {
    guard let authority = authority(of: url) else { return false }
    return authority.drop { $0 != "]" }.contains(":") || (!authority.hasPrefix("[") && authority.contains(":"))
  }

  /// The address without a user's name and password, for messages.
  static func withoutSecrets(_ url: String) -> String {
    guard let start = url.firstRange(of: "://")?.upperBound else { return url }
    let end = url[start...].firstIndex { "/?#".contains($0) } ?? url.endIndex
    guard let at = url[start..<end].lastIndex(of: "@") else { return url }
    return url[..<start] + "…" + url[at...]
  }

  /// The last part of the path, without what follows `?` or `#`.
  static func lastComponent(of url: String) -> String {
    let path = url.prefix { $0 != "?" && $0 != "#" }
    return path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
  }

  /// Host and port, without a user's name.
  private static func authority(of url: String) -> Substring? {
    guard let separator = url.firstRange(of: "://"), ["http", "https"].contains(url[..<separator.lowerBound].lowercased()),
      !url.unicodeScalars.contains(where: { $0.value <= 32 || $0.value == 127 })
    else { return nil }
    let authority = url[separator.upperBound...].prefix { !"/?#".contains($0) }
    return authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
  }
}
