/// An image that cannot be read or written: which one, what is wrong, what to do.
public struct ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file's path, or a name for bytes from elsewhere (a database key).
  public let source: String
  public let message: String

  public init(source: String, _ message: String) {
    self.source = source
    self.message = message
  }

  public var description: String { "\(source): \(message)" }
}
