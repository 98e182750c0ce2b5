import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file of training data (MNIST's IDX, CIFAR's binary) that cannot be read: which one and what is wrong.
public struct DataFileError: Error, Equatable, Sendable, CustomStringConvertible {
  public let path: String
  public let message: String

  public init(path: String, _ message: String) {
    self.path = path
    self.message = message
  }

  public var description: String { "\(path): \(message)" }
}

extension FileError {
  /// What failed and why, without the path.
  var reason: String { "cannot \(operation): \(String(cString: strerror(code)))" }
}
