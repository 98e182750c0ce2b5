/// A record of a database that cannot be used: which database, which key, what is wrong.
public struct RecordError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The database's path.
  public let path: String
  /// The record's key as text.
  public let key: String
  /// What is wrong and what to do.
  public let message: String

  public init(path: String, key: String, _ message: String) {
    self.path = path
    self.key = key
    self.message = message
  }

  /// `mnist_train_lmdb, record 00000012: it is cut short …`
  public var description: String { "\(path), record \(key): \(message)" }
}

extension RecordError {
  /// The most bytes of a key that are shown.
  private static let shownKeyBytes = 80

  /// Adds the place to an error that `body` throws.
  static func locating<R>(path: String, key: some Collection<UInt8>, _ body: () throws -> R) throws(RecordError) -> R {
    do {
      return try body()
    } catch let error as RecordError {
      throw error
    } catch {
      let reason = (error as? ImageError)?.message ?? (error as? DatumError)?.message ?? "\(error)"
      throw RecordError(path: path, key: String(decoding: key.prefix(shownKeyBytes), as: UTF8.self), reason)
    }
  }
}
