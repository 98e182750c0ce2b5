import CCurl

/// An exchange that came to no good end below the level of status codes.
public struct HTTPFailure: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    /// The caller asked to stop.
    case stopped
    /// The host's name has no address.
    case noHost
    case noConnection
    /// The server's certificate is not to be trusted, or TLS does not come about.
    case notTrusted
    /// Nothing came for too long.
    case timedOut
    /// The connection broke.
    case cut
    case tooManyRedirects
    /// No URL of http or https.
    case badAddress
    /// An address that may not be asked: a private one behind a public one.
    case refused
    /// libcurl is not installed.
    case noLibrary
    case other
  }

  public let reason: Reason
  public let url: String
  /// What the client library said.
  public let detail: String

  /// Whether the same request may succeed a little later.
  public var isTransient: Bool { [.noConnection, .timedOut, .cut, .other].contains(reason) }

  public var description: String { "\(TerminalText.line(HTTPURL.withoutSecrets(url))): \(cause)" }

  /// The reason in words, without the address.
  var cause: String {
    let detail = TerminalText.line(detail)
    switch reason {
    case .stopped: return "stopped"
    case .noHost: return "the host is not known (\(detail))"
    case .noConnection: return "no connection (\(detail))"
    case .notTrusted: return "the server is not to be trusted (\(detail))"
    case .timedOut: return "nothing came for too long (\(detail))"
    case .cut: return "the connection broke (\(detail))"
    case .tooManyRedirects: return "more redirects than are followed"
    case .badAddress: return "not an address of http or https"
    case .refused: return detail
    case .noLibrary: return "libcurl is not installed; on Debian: apt-get install libcurl4"
    case .other: return detail
    }
  }
}

extension HTTPFailure.Reason {
  init(_ outcome: ccurl_outcome) {
    self =
      switch outcome {
      case CCURL_STOPPED: .stopped
      case CCURL_NO_HOST: .noHost
      case CCURL_NO_CONNECTION: .noConnection
      case CCURL_NOT_TRUSTED: .notTrusted
      case CCURL_TIMED_OUT: .timedOut
      case CCURL_CUT: .cut
      case CCURL_TOO_MANY_REDIRECTS: .tooManyRedirects
      case CCURL_BAD_ADDRESS: .badAddress
      default: .other
      }
  }
}
