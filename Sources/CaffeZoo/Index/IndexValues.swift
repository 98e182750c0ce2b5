/// What may stand in an index: each function tells what is wrong with a value, or nil.
enum IndexValues {
  /// A line of text that people read.
  static func fault(inText text: String, limit: Int = 400) -> String? {
    if text.isEmpty { return "is empty" }
    if text.utf8.count > limit { return "is longer than \(limit) bytes" }
    if TerminalText.line(text, limit: .max) != text { return "holds characters that are not shown" }
    return nil
  }

  /// An address that pages link to and programs fetch.
  static func fault(inURL url: String) -> String? {
    let scheme = ["https://", "http://"].first { url.lowercased().hasPrefix($0) }
    guard let scheme else { return "is no http or https address" }
    if url.utf8.count > 2000 { return "is longer than 2000 bytes" }
    if !url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"<>\"`\\^{|}".utf8.contains($0) }) {
      return "holds characters that an address cannot have"
    }
    let host = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    if host.isEmpty || host.hasPrefix(":") { return "names no host" }
    return host.contains("@") ? "holds a user name or password" : nil
  }

  /// A checksum or revision.
  static func fault(inHex text: String, digits: [Int]) -> String? {
    if digits.contains(text.utf8.count), text.utf8.allSatisfy({ isHexDigit($0) }) { return nil }
    return "is not \(digits.map(String.init).joined(separator: " or ")) hexadecimal digits"
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20) }

  /// A gist's number: hexadecimal of 20 or 32 digits, or decimal for the oldest.
  static func fault(inGist id: String) -> String? {
    let isOld = (1...19).contains(id.utf8.count) && id.utf8.allSatisfy { (0x30...0x39).contains($0) }
    return isOld ? nil : fault(inHex: id, digits: [20, 32])
  }

  /// A GitHub user's name.
  static func fault(inOwner name: String) -> String? {
    let isName =
      (1...39).contains(name.utf8.count) && name.utf8.allSatisfy { $0 == 0x2D || isLetterOrDigit($0) } && !name.hasPrefix("-")
    return isName ? nil : "is no user name"
  }

  /// A web host, with a port where it has one.
  static func fault(inHost host: String) -> String? {
    let isHost = (1...253).contains(host.utf8.count) && host.utf8.allSatisfy { isLetterOrDigit($0) || ".-:".utf8.contains($0) }
    return isHost && !host.hasPrefix("-") ? nil : "is no host name"
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
  }

  /// A day of the calendar as `YYYY-MM-DD`.
  static func fault(inDay text: String) -> String? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let digits = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2D }
    guard digits, parts.map(\.count) == [4, 2, 2], let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
      (1...12).contains(month)
    else { return "is no day such as 2026-01-31" }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    return (1...days).contains(day) ? nil : "is no day such as 2026-01-31"
  }

  /// The largest file of weights that is believed: a tebibyte.
  static let largestSize = 1 << 40
}
