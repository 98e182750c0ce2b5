/// What happens while a file is fetched, for those who watch.
public enum DownloadEvent: Sendable, Equatable {
  /// Another process is fetching the same file; this one waits for it.
  case waiting
  /// A server is asked for the bytes from `offset` on.
  case asking(url: String, offset: Int)
  /// Bytes at hand, and in all where that is known.
  case progress(bytes: Int, total: Int?)
  /// A new attempt will be made after a pause.
  case pausing(reason: String, seconds: Double)
  /// An address is given up; the next one's turn comes.
  case leaving(url: String, reason: String)
}

/// How a wanted file came.
public struct DownloadResult: Sendable, Equatable {
  public enum Origin: String, Sendable, Encodable {
    /// It was in its place, and right.
    case inPlace = "in place"
    /// From the cache.
    case cache
    /// From a server.
    case network
  }

  /// Where it lies.
  public let path: String
  public let origin: Origin
  public let sums: FileSums
  /// Bytes that came over the network.
  public let received: Int
}
