/// What is asked of a web server.
public struct HTTPRequest: Sendable {
  public var method = "GET"
  /// `http:` or `https:`.
  public var url: String
  /// Header names and values, in order.
  public var headers: [(name: String, value: String)] = []
  public var body: [UInt8]?
  /// Whether the answer may come compressed; limits then count what it unfolds to.
  public var acceptsCompression = false
  /// Whether addresses of private networks and of this machine are refused from the first connection on. Otherwise they are
  /// refused only once a public address has answered, so that no redirect leads from outside to inside.
  public var isPublicOnly = false

  public init(url: String) { self.url = url }
}

/// The beginning of an answer.
public struct HTTPHead: Sendable {
  /// 200, 404 …
  public var status = 0
  /// By name in lower case; of a repeated header, the last value.
  public var headers: [String: String] = [:]
  /// Whether the answer came from a public address, as opposed to a private network's or this machine's.
  public var isPublic = false

  /// The body's length in bytes, as `Content-Length` says.
  public var contentLength: Int? { headers["content-length"].flatMap(Int.init).flatMap { $0 >= 0 ? $0 : nil } }

  /// The seconds after which the server wants to be asked again; more than a million counts as a million.
  var retryAfter: Double? { headers["retry-after"].flatMap(Double.init).flatMap { $0 >= 0 ? min($0, 1e6) : nil } }

  /// Takes a header line in; a status line begins anew, as a redirect's answer does.
  mutating func take(_ line: String) {
    if line.hasPrefix("HTTP/") {
      let words = line.split(separator: " ")
      (status, headers) = (words.count > 1 ? Int(words[1]) ?? 0 : 0, [:])
    } else if let colon = line.firstIndex(of: ":"), headers.count < 200 {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      headers[line[..<colon].lowercased()] = String(value)
    }
  }
}

/// A whole answer, for small ones.
public struct HTTPResponse: Sendable {
  public var head: HTTPHead
  public var body: [UInt8]
}
