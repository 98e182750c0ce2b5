import CaffeCore
import CaffeZoo
import Synchronization

/// Shows a transfer: on a terminal one line that changes, with rate and time left; in a log a line per tenth.
final class TransferProgress: Sendable {
  private struct State {
    var start = ContinuousClock.now
    var first = 0
    var shown = ContinuousClock.now - .seconds(1)
    var tenth = -1
    var isLineOpen = false
  }
  private let state = Mutex(State())

  func show(_ event: DownloadEvent) {
    switch event {
    case .waiting: say("waiting for another caffe that is fetching the same")
    case .asking(let url, let offset):
      say(offset > 0 ? "\(url), from byte \(offset) on" : url)
      state.withLock { ($0.start, $0.first, $0.tenth) = (.now, offset, -1) }
    case .progress(let bytes, let total): step(bytes, total)
    case .pausing(let reason, let seconds): say("\(reason); asking again in \(NumberText.fixed(seconds, digits: 1)) s")
    case .leaving(let url, let reason): say("\(url): \(reason)")
    }
  }

  private func say(_ text: String) {
    let isLineOpen = state.withLock { state in
      defer { state.isLineOpen = false }
      return state.isLineOpen
    }
    Console.note((isLineOpen ? "\n" : "") + TerminalText.line(text, limit: 400))
  }

  private func step(_ bytes: Int, _ total: Int?) {
    let now = ContinuousClock.now
    let isWhole = bytes == total
    let line: String? = state.withLock { state in
      let tenth = total.map { $0 > 0 ? bytes * 10 / $0 : 10 } ?? bytes >> 24
      let isDue = Console.isTerminal ? now - state.shown > .milliseconds(100) || isWhole : tenth > state.tenth
      guard isDue else { return nil }
      (state.shown, state.tenth) = (now, tenth)
      state.isLineOpen = Console.isTerminal && !isWhole
      return TransferProgress.line(bytes, total, rate: Double(bytes - state.first) / max((now - state.start).inSeconds, 1e-3))
    }
    guard let line else { return }
    Console.write(Console.isTerminal ? "\r\u{1B}[K\(line)\(isWhole ? "\n" : "")" : line + "\n")
  }

  /// `[=====>    ] 52 %, 12.3 of 24.0 MB, 3.1 MB/s, 4 s left`
  private static func line(_ bytes: Int, _ total: Int?, rate: Double) -> String {
    let speed = "\(NumberText.megabytes(Int(rate)))/s"
    guard let total, total > 0 else { return "\(NumberText.megabytes(bytes)), \(speed)" }
    let filled = min(20, bytes * 20 / total)
    let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: 20 - filled)
    let left = rate > 0 ? Int((Double(max(0, total - bytes)) / rate).rounded(.up)) : 0
    let rest = bytes == total ? "" : ", \(left) s left"
    return
      "[\(bar)] \(bytes * 100 / total) %, \(NumberText.fixed(Double(bytes) / 1e6, digits: 1)) of \(NumberText.megabytes(total)), \(speed)\(rest)"
  }
}
