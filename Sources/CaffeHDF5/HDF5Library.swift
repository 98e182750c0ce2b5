@preconcurrency import CHDF5
import Synchronization

/// The door to libhdf5.
///
/// The library keeps global state and not every build has a lock of its own, so every call happens inside `locked`.
/// The lock is not recursive: what runs inside must not call `locked` again.
enum HDF5Library {
  private static let lock = Mutex(())

  /// Runs `body` while no other thread is inside the library.
  static func locked<Value: Sendable, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    let result = lock.withLock { _ in
      prepare()
      return Result { () throws(Failure) in try body() }
    }
    return try result.get()
  }

  /// Messages go into errors instead of to the terminal, and no filter code is loaded from plug-in folders.
  ///
  /// Done at each entry, because builds with thread support keep the first setting per thread; it costs nothing.
  private static func prepare() {
    H5dont_atexit()  // what is written is closed long before; tidying up after a damaged file can go in circles
    H5open()
    H5Eset_auto2(0, nil, nil)
    H5PLset_loading_state(0)
  }

  /// What the last failed call said: the innermost cause.
  static func lastMessage() -> String {
    var messages: [String] = []
    withUnsafeMutablePointer(to: &messages) { pointer in
      _ = H5Ewalk2(0, H5E_WALK_UPWARD, collectMessage, pointer)
    }
    H5Eclear2(0)
    return messages.first.map(reason) ?? "the HDF5 library gave no reason"
  }

  /// A message as it is, or what the operating system said where the library wraps that in a list of its variables.
  private static func reason(_ message: String) -> String {
    guard let start = message.firstRange(of: "error message = '")?.upperBound,
      let end = message[start...].firstIndex(of: "'")
    else { return message }
    return String(message[start..<end])
  }
}

/// Appends one entry of libhdf5's error stack to the array of strings behind `target`.
private let collectMessage: H5E_walk2_t = { _, entry, target in
  guard let text = entry?.pointee.desc, let target else { return 0 }
  target.assumingMemoryBound(to: [String].self).pointee.append(String(cString: text))
  return 0
}
