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

  public init(_ action: Action = .stop, note: @escaping @Sendable (String) -> Void = { _ in }) {
    self.action = action
    self.note = note
  }
}

/// Tells of each bad item once.
final class BadItemNotes: Sendable {
  /// The most items that are told of.
  private static let maximum = 10_000

  private let told = Mutex(Set<String>())
  private let note: @Sendable (String) -> Void

  init(_ policy: BadDataPolicy) { note = policy.note }

  func skipped(_ error: any Error) {
    let text = "\(error)"
    let count = told.withLock { told in told.count < BadItemNotes.maximum && told.insert(text).inserted ? told.count : nil }
    guard let count else { return }
    note("Skipped \(text)")
    if count == BadItemNotes.maximum { note("More bad items will be skipped without a word.") }
  }
}
