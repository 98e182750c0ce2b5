import CaffeCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where words for people go: stderr, so that stdout holds results only.
enum Console {
  private static let quiet = Atomic(false)

  /// Whether nothing is written, as of several ranks only the first is heard.
  static var isQuiet: Bool {
    get { quiet.load(ordering: .relaxed) }
    set { quiet.store(newValue, ordering: .relaxed) }
  }

  /// Writes a line.
  static func note(_ text: String) { write(text + "\n") }

  /// Writes as it is, for progress lines.
  static func write(_ text: String) {
    guard !isQuiet else { return }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { systemWrite(STDERR_FILENO, $0.baseAddress, $0.count) }
      guard count > 0 else { return }  // nobody is listening
      bytes = bytes.dropFirst(count)
    }
  }

  /// Makes sure that results printed on stdout arrived.
  ///
  /// - Throws: `FileError` when stdout could not take them, for one on a full disk.
  static func flushResults() throws(FileError) {
    guard fflush(nil) == 0 else { throw FileError(path: "stdout", operation: "write the results") }
  }

  /// Whether a person is watching.
  static var isTerminal: Bool { !isQuiet && isatty(STDERR_FILENO) == 1 }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  #if canImport(Glibc)
    Glibc.write(descriptor, bytes, count)
  #else
    Darwin.write(descriptor, bytes, count)
  #endif
}
