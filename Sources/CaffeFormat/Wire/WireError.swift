/// A binary file that does not hold what it should, with the byte where that shows.
public struct WireError: Error, Sendable, CustomStringConvertible {
  public let path: String
  /// Byte offset in the file.
  public let offset: Int
  public let message: String

  public init(path: String, offset: Int, message: String) {
    self.path = path
    self.offset = offset
    self.message = message
  }

  public var description: String { "\(path): byte \(offset): \(message)" }
}
