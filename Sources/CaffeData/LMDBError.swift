import CLMDB

/// A database that cannot be opened, read or written: which one, what is wrong, what to do.
public struct LMDBError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The database's directory.
  public let path: String
  public let message: String

  public init(path: String, _ message: String) {
    self.path = path
    self.message = message
  }

  public var description: String { "\(path): \(message)" }
}

extension LMDBError {
  /// The one place where the library's status becomes an error.
  static func check(_ status: Int32, _ operation: String, path: String) throws(LMDBError) {
    guard status == 0 else { throw LMDBError(path: path, "cannot \(operation): \(String(cString: mdb_strerror(status)))") }
  }
}
