import CaffeCore
import Logging
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Log lines as Caffe's glog writes them, `I0102 15:04:05.678901  4711 caffe.swift:1] text`, because people's log
/// parsers depend on it. They go to stderr, and to files if any are named.
struct GlogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info
  let progress: ProgressLine
  let files: LogFiles

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let letter = event.level >= .error ? "E" : event.level == .warning ? "W" : "I"
    let line = "\(letter)\(GlogHandler.stamp()) \(event.source):\(event.line)] \(event.message)"
    progress.clear()
    Console.note(line)
    files.write(line)
  }

  /// Month, day, time to the microsecond, process.
  private static func stamp() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var local = tm()
    localtime_r(&now.tv_sec, &local)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let micros = String(1_000_000 + now.tv_nsec / 1000).dropFirst()
    let day = two(local.tm_mon + 1) + two(local.tm_mday)
    return "\(day) \(two(local.tm_hour)):\(two(local.tm_min)):\(two(local.tm_sec)).\(micros) \(getpid())"
  }
}

/// Files that get a copy of the log.
final class LogFiles: Sendable {
  private let files: [AppendingFile]
  private let failed = Mutex<Set<String>>([])

  init(_ files: [AppendingFile]) { self.files = files }

  /// Adds a line to each; of one that cannot take it the terminal is told, once.
  func write(_ line: String) {
    for file in files {
      do throws(FileError) { try file.write(Array((line + "\n").utf8)) } catch {
        let isNew = failed.withLock { $0.insert(file.path).inserted }
        if isNew { Console.note("caffe: the log in a file is incomplete: \(error)") }
      }
    }
  }
}

/// One line at the bottom of a terminal that is written over and over; nothing when no person is watching.
///
/// Log lines may come from any thread, and clear it.
final class ProgressLine: Sendable {
  private struct State {
    var isDrawn = false
    var last: ContinuousClock.Instant?
  }

  private let isShown: Bool
  private let state = Mutex(State())

  init(isShown: Bool = Console.isTerminal) { self.isShown = isShown }

  /// Draws the text unless it was drawn a moment ago.
  func draw(_ text: @autoclosure () -> String) {
    guard isShown else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      if let last = state.last, now - last < .milliseconds(200) { return }
      (state.last, state.isDrawn) = (now, true)
      Console.write("\r\u{1B}[K" + text())
    }
  }

  func clear() {
    state.withLock { state in
      guard state.isDrawn else { return }
      state.isDrawn = false
      Console.write("\r\u{1B}[K")
    }
  }
}
