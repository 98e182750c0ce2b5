/// What stopped a job of the model zoo, and what to do about it.
public struct ZooError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What went wrong, with the place, name or address it happened to.
  public let message: String
  /// What a person can do; nil where there is nothing but to try again.
  public let advice: String?

  public init(_ message: String, advice: String? = nil) {
    self.message = message
    self.advice = advice
  }

  public var description: String {
    let text = TerminalText.plain(message)
    return advice.map { "\(text)\n  \(TerminalText.plain($0))" } ?? text
  }
}
