import Foundation

/// What GitHub's API means by a status that brings no gist.
struct GistLimits {
  private let head: HTTPHead

  init(_ head: HTTPHead) { self.head = head }

  private var retryAfter: Double? { head.retryAfter }

  private var isExhausted: Bool {
    [403, 429].contains(head.status) && (head.headers["x-ratelimit-remaining"] == "0" || retryAfter != nil || head.status == 429)
  }

  /// Seconds after which asking again makes sense; nil when it does not, or not soon.
  func pause(before attempt: Int) -> Double? {
    if isExhausted { return retryAfter.flatMap { $0 <= 60 ? $0 : nil } }
    return [500, 502, 503, 504].contains(head.status) ? min(retryAfter ?? Double(1 << (attempt - 1)), 60) : nil
  }

  /// - Parameters:
  ///   - subject: what was asked for.
  ///   - words: GitHub's own.
  func explanation(subject: String, words: String, hasToken: Bool) -> ZooError {
    let said = words.isEmpty ? "" : ": \(words)"
    if isExhausted {
      return ZooError(
        "\(subject): GitHub's limit of requests is reached\(reset)\(said)",
        advice: hasToken ? "try again after that" : "with GITHUB_TOKEN set there are 5,000 requests an hour instead of 60")
    }
    switch head.status {
    case 401: return ZooError("\(subject): GitHub does not know the token (401)\(said)", advice: "renew GITHUB_TOKEN")
    case 403: return ZooError("\(subject): GitHub forbids it (403)\(said)", advice: "the token needs the scope \"gist\"")
    case 404:
      return ZooError(
        "\(subject): there is none (404)",
        advice: hasToken
          ? "it was removed, or is not yours to see or change" : "it was removed, or GITHUB_TOKEN is needed to see it")
    case 422: return ZooError("\(subject): GitHub does not accept the content (422)\(said)", advice: nil)
    case 500...: return ZooError("\(subject): GitHub is in trouble (\(head.status))\(said)", advice: "try again a little later")
    default: return ZooError("\(subject): GitHub answers \(head.status)\(said)", advice: nil)
    }
  }

  /// ` until 14:05 UTC`.
  private var reset: String {
    guard let text = head.headers["x-ratelimit-reset"], let seconds = Int(text), seconds > 0, seconds < 1 << 40 else { return "" }
    let minutes = seconds / 60 % 1_440
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    return " until \(two(minutes / 60)):\(two(minutes % 60)) UTC"
  }
}
