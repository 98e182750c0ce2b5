/// A database that cannot be opened, read or written: which one, what is wrong, what to do.
public struct DatabaseError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The database's directory, or a file in it.
  public let path: String
  public let message: String

  public init(path: String, _ message: String) {
    self.path = path
    self.message = message
  }

  public var description: String { "\(path): \(message)" }
}
