import CaffeCore
import CaffeZoo

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A directory that appears whole or not at all: filled under another name beside its place, then renamed.
final class DraftDirectory {
  let destination: String
  /// Where it is filled.
  let temporary: String
  private var names: [String] = []

  /// - Throws: `ZooError` when something is at the place already, `FileError` when nothing can be written there.
  init(for destination: String) throws {
    self.destination = destination
    temporary = "\(destination).\(getpid()).partial"
    var status = stat()
    guard lstat(destination, &status) != 0 else {
      throw ZooError("\(destination) exists already; nothing was written", advice: "name a directory that is not there yet")
    }
    guard mkdir(temporary, 0o755) == 0 else { throw FileError(path: destination, operation: "make the directory") }
  }

  func path(_ name: String) -> String { "\(temporary)/\(name)" }

  /// - Throws: `ZooError` when the draft has a file of that name, `FileError`.
  func copy(_ source: String, as name: String) throws {
    try add(name)
    try AtomicFile.copy(source, to: path(name))
  }

  /// Writes a text, over what was written under that name.
  ///
  /// - Throws: `FileError`.
  func write(_ text: String, as name: String) throws {
    if !names.contains(name) { names.append(name) }
    try AtomicFile.write(Array(text.utf8), to: path(name))
  }

  private func add(_ name: String) throws(ZooError) {
    guard !names.contains(name) else {
      throw ZooError("two files would be called \(name)", advice: "give one of them another name first")
    }
    names.append(name)
  }

  /// - Throws: `FileError`; nothing is at the place then.
  func commit() throws(FileError) {
    guard rename(temporary, destination) == 0 else {
      throw FileError(path: destination, operation: "rename the finished directory")
    }
  }

  /// Removes what was written.
  func abandon() {
    for name in names { unlink(path(name)) }
    rmdir(temporary)
  }
}
