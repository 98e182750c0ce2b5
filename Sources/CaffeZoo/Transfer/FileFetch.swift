import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The part of a download that asks servers: each address in turn, each several times, until the partial file is whole and right.
final class FileFetch {
  private let job: Download
  private let partial: PartialFile
  private var received = 0
  private var reasons: [String] = []
  private var isContradicted = false

  /// - Parameter fault: what is wrong with the file that is there now, which a failure is to mention.
  init(_ job: Download, partial path: String, fault: String?) throws(FileError) {
    self.job = job
    reasons = [fault].compactMap { $0 }
    partial = try PartialFile(path)
  }

  /// - Returns: the sums of the whole file, which lies where the partial one grew, and the bytes that came.
  /// - Throws: as `Download.run`.
  func run() throws -> (FileSums, Int) {
    // An earlier process may have been killed between the last byte and the renaming.
    if job.isChecked, partial.size > 0, try isRight() { return (partial.sums.result, received) }
    for address in DownloadAddress.candidates(for: job.file) {
      do {
        if try fetch(from: address.url, attempts: address.isGuess ? 1 : job.options.attempts) {
          return (partial.sums.result, received)
        }
      } catch let error as FileError {
        // A full disk is no better with half a file on it.
        if error.code == ENOSPC || error.code == EFBIG || error.code == EDQUOT { partial.remove() }
        throw error
      }
    }
    // When no address has the right file and one denies what has come, the next run is better off without it.
    if partial.size == 0 || isContradicted { partial.remove() }
    throw ZooError(
      "\(job.file.file) could not be fetched:\n" + reasons.map { "  \($0)" }.joined(separator: "\n"), advice: advice)
  }

  private var advice: String? {
    guard !reasons.isEmpty else { return "no address is given; the readme's caffemodel_url says where weights are" }
    if isContradicted { return "run it again to begin anew" }
    if partial.size > 0 { return "what has come (\(partial.size) bytes) is kept; run it again to go on" }
    return job.isChecked ? "if you have the file from elsewhere: caffe zoo cache add FILE" : nil
  }

  /// The most requests to one address, however little each brings.
  private static let mostRequests = 1_000
  /// Bytes that count as progress: with fewer, an attempt has failed.
  private static let progress = 1 << 14

  /// Asks one address until the file is right (true) or nothing better is to be expected (false).
  private func fetch(from url: String, attempts: Int) throws -> Bool {
    var (failures, wrongWholes) = (0, 0)
    for _ in 0..<FileFetch.mostRequests {
      let before = partial.size
      let attempt = FileAttempt(job, partial: partial, url: url)
      defer { received += attempt.received }
      switch try attempt.run() {
      case .whole:
        if try isRight() { return true }
        let reason = partial.sums.result.mismatch(with: job.file) ?? ""
        let wasResumed = attempt.isContinuation || partial.isResumed
        try partial.restart(validator: nil)
        // The beginning may be of another file; only what came in one piece speaks against the server.
        wrongWholes += 1
        guard wasResumed, wrongWholes < 2 else { return leave(url, "the file there \(reason)") }
      case .over(let reason):
        isContradicted = isContradicted || attempt.contradictsPartial
        return leave(url, reason)
      case .again(let reason, let wished):
        failures = partial.size >= before + FileFetch.progress ? 1 : failures + 1
        guard failures < attempts else { return leave(url, attempts > 1 ? "\(reason), \(failures) times in a row" : reason) }
        guard try pause(reason, wished ?? job.options.backOff(before: failures)) else {
          return leave(url, "\(reason); the server asks to wait \(Int(wished ?? 0)) s")
        }
      }
    }
    return leave(url, "the connection broke \(FileFetch.mostRequests) times")
  }

  private func isRight() throws -> Bool {
    guard partial.sums.result.mismatch(with: job.file) == nil else { return false }
    try partial.flush()
    return true
  }

  private func leave(_ url: String, _ reason: String) -> Bool {
    let shown = TerminalText.line(HTTPURL.withoutSecrets(url))
    reasons.append("\(shown): \(reason)")
    job.report(.leaving(url: shown, reason: reason))
    return false
  }

  /// False when the pause is longer than what is borne.
  private func pause(_ reason: String, _ seconds: Double) throws -> Bool {
    guard seconds <= job.options.longestPause else { return false }
    job.report(.pausing(reason: reason, seconds: seconds))
    var rest = seconds
    while rest > 0 {
      if job.client.shouldStop() { throw CancellationError() }
      job.options.pause(min(rest, 0.2))
      rest -= 0.2
    }
    return true
  }
}
