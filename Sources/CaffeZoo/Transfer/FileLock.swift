import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A lock that several processes can want, held as long as the value lives. The system lets go of it when the process dies.
final class FileLock {
  private let descriptor: Int32

  /// Waits for the lock.
  ///
  /// - Parameters:
  ///   - path: the lock's file, made when missing.
  ///   - onWait: called once when another process holds it.
  ///   - shouldStop: asked while waiting.
  /// - Throws: `FileError`; `CancellationError` when stopped.
  init(_ path: String, onWait: () -> Void, shouldStop: () -> Bool) throws {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "open the lock") }
    var isWaiting = false
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else {
        throw FileError(path: path, operation: "lock")
      }
      if !isWaiting { onWait() }
      isWaiting = true
      if shouldStop() { throw CancellationError() }
      usleep(50_000)
    }
  }

  /// Runs too when waiting ends in an error.
  deinit { if descriptor >= 0 { close(descriptor) } }
}
