@preconcurrency import CHDF5

/// An object of libhdf5, closed when the last reference goes. Lives and dies inside `HDF5Library.locked`.
final class HDF5Handle {
  private let id: hid_t
  private let close: (hid_t) -> herr_t

  /// Takes ownership of what a library call returned.
  init(_ id: hid_t, closing close: @escaping (hid_t) -> herr_t) {
    self.id = id
    self.close = close
  }

  deinit { _ = close(id) }

  /// Gives `body` the identifier, which stays valid until it returns.
  func use<Result, Failure: Error>(_ body: (hid_t) throws(Failure) -> Result) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(id)
  }
}

/// Names the place that library calls are about, and turns their status into errors.
struct HDF5Place {
  let path: String
  let object: String?

  /// The one place where the library's status, negative for failure, becomes an error.
  @discardableResult
  func check<Status: SignedInteger>(_ status: Status, _ operation: String) throws(HDF5Error) -> Status {
    guard status < 0 else { return status }
    throw HDF5Error(path: path, object: object, "cannot \(operation): \(HDF5Library.lastMessage())")
  }

  /// Owns the object a library call returned.
  func own(
    _ id: hid_t, _ operation: String, closing close: @escaping (hid_t) -> herr_t
  ) throws(HDF5Error) -> HDF5Handle {
    HDF5Handle(try check(id, operation), closing: close)
  }

  func error(_ message: String) -> HDF5Error { HDF5Error(path: path, object: object, message) }
}
