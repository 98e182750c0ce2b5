import Synchronization

/// What a source does with an item that cannot be used, and whom it tells.
public struct BadDataPolicy: Sendable {
  public enum Action: String, Sendable, CaseIterable {
    /// The run ends with an error that names the item.
    case stop
    /// The next item takes its place.
    case skip
  }

  public var action: Action
  /// Takes a line of text: about a skipped item, once each, or about data that is not what the net says.
  public var note: @Sendable (String) -> Void
  /// Takes which item was skipped and why, once each.
  public var onSkip: @Sendable (String) -> Void = { _ in }
  /// What to do about an item that ends the run, for the end of the error's words; nil leaves the error as it is.
  public var advice: String?

  public init(_ action: Action = .stop, note: @escaping @Sendable (String) -> Void = { _ in }) {
    self.action = action
    self.note = note
  }
}

extension BadDataPolicy {
  /// The error that ends a run at a bad item.
  func stopping(_ error: any Error) -> any Error { advice.map { BadItemError(reason: error, advice: $0) } ?? error }
}

/// An item that cannot be used and ends the run, with what can be done about it.
public struct BadItemError: Error, CustomStringConvertible {
  /// What names the item.
  public let reason: any Error
  public let advice: String

  public var description: String { "\(reason); \(advice)" }
}

/// Tells of each bad item once.
final class BadItemNotes: Sendable {
  /// The most items that are told of.
  private static let maximum = 10_000

  private let told = Mutex(Set<String>())
  private let policy: BadDataPolicy

  init(_ policy: BadDataPolicy) { self.policy = policy }

  func skipped(_ error: any Error) {
    let text = "\(error)"
    let count = told.withLock { told in told.count < BadItemNotes.maximum && told.insert(text).inserted ? told.count : nil }
    guard let count else { return }
    policy.note("Skipped \(text)")
    policy.onSkip(text)
    if count == BadItemNotes.maximum { policy.note("More bad items will be skipped without a word.") }
  }
}
