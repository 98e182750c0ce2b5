import CaffeCore

/// Joins two edits of one index, model by model and key by key.
///
/// Edits of different models, and of different keys of one model, go together; the same edit made twice is one. What
/// cannot go together is told by model and key.
public struct IndexMerge {
  /// Whose version counts where both changed the same thing.
  public enum Side: String, Sendable, CaseIterable { case ours, theirs }

  /// Something that both changed, each in another way.
  public struct Conflict: Sendable, Equatable, CustomStringConvertible {
    /// The model; nil for the index itself.
    public let model: String?
    /// The key; nil where one side removed the model.
    public let key: String?
    /// Each side's value.
    public let ours: String
    public let theirs: String

    public var description: String {
      let place = [model, key].compactMap { $0 }.joined(separator: ": ")
      func line(_ text: String) -> String { TerminalText.line(text, limit: 120) }
      return "\(place): here \(line(ours)), there \(line(theirs))"
    }
  }

  /// All that cannot go together.
  public struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
    public let conflicts: [Conflict]

    public var description: String {
      "somebody else changed the same in the index:\n" + conflicts.map { "  \($0)\n" }.joined()
        + "  nothing was published, and your edit is kept; --prefer ours publishes it, --prefer theirs drops it"
    }
  }

  private var conflicts: [Conflict] = []
  private let preference: Side?

  /// The index with the edits of both.
  ///
  /// - Parameters:
  ///   - base: what both began with.
  ///   - preference: whose version counts in a conflict; nil makes conflicts an error.
  /// - Throws: `Failure` with every conflict.
  public static func merge(base: ZooIndex, ours: ZooIndex, theirs: ZooIndex, preferring preference: Side? = nil) throws(Failure)
    -> ZooIndex
  {
    var merge = IndexMerge(preference: preference)
    var result = ZooIndex()
    result.title = merge.pick(base.title, ours.title, theirs.title, nil, "title") { $0 }
    result.others = merge.pick(base.others, ours.others, theirs.others, nil, "other keys", IndexMerge.text)
    for name in Set((base.entries + ours.entries + theirs.entries).map(\.name)).sorted() {
      result[name] = merge.entry(name, base[name], ours[name], theirs[name])
    }
    guard merge.conflicts.isEmpty else { throw Failure(conflicts: merge.conflicts) }
    return result
  }

  private init(preference: Side?) { self.preference = preference }

  private mutating func entry(_ name: String, _ base: IndexEntry?, _ ours: IndexEntry?, _ theirs: IndexEntry?) -> IndexEntry? {
    if ours == theirs || theirs == base { return ours }
    if ours == base { return theirs }
    guard let ours, let theirs else {
      return choose(ours, theirs, Conflict(model: name, key: nil, ours: IndexMerge.word(ours), theirs: IndexMerge.word(theirs)))
    }
    // Two different models that were given one name do not go together, whichever keys are alike.
    guard let base else {
      return choose(
        ours, theirs,
        Conflict(model: name, key: nil, ours: IndexMerge.word(adding: ours), theirs: IndexMerge.word(adding: theirs)))
    }
    return keys(base, ours, theirs)
  }

  private static func word(_ entry: IndexEntry?) -> String { entry == nil ? "removed" : "changed" }

  private static func word(adding entry: IndexEntry) -> String {
    "\"\(entry.title)\" was added" + (entry.added.map { " by \($0.by)" } ?? "")
  }

  private mutating func keys(_ base: IndexEntry, _ ours: IndexEntry, _ theirs: IndexEntry) -> IndexEntry {
    func pick<Value: Equatable>(_ key: String, _ path: KeyPath<IndexEntry, Value>, _ text: (Value) -> String) -> Value {
      self.pick(base[keyPath: path], ours[keyPath: path], theirs[keyPath: path], ours.name, key, text)
    }
    func optional(_ text: String?) -> String { text ?? "nothing" }
    var result = IndexEntry(
      name: ours.name, title: pick("title", \.title) { $0 }, source: pick("source", \.source, IndexMerge.text))
    result.task = pick("task", \.task, optional)
    result.authors = pick("authors", \.authors) { $0.joined(separator: ", ") }
    result.license = pick("license", \.license, optional)
    result.summary = pick("summary", \.summary, optional)
    result.weights = pick("weights", \.weights) { $0.map { "\($0.file) \($0.sha1 ?? $0.url ?? "")" }.joined(separator: ", ") }
    result.metrics = pick("metrics", \.metrics) { $0.map { "\($0.name) \($0.value)" }.joined(separator: ", ") }
    result.added = pick("added", \.added) { optional($0.map { "\($0.by) on \($0.on)" }) }
    result.others = pick("other keys", \.others, IndexMerge.text)
    return result
  }

  private static func text(_ keys: [OtherKey]) -> String { keys.map { "\($0.key): \($0.value)" }.joined(separator: ", ") }

  private static func text(_ source: ModelSource) -> String { source.title }

  private mutating func pick<Value: Equatable>(
    _ base: Value, _ ours: Value, _ theirs: Value, _ model: String?, _ key: String, _ text: (Value) -> String
  ) -> Value {
    if ours == theirs || theirs == base { return ours }
    if ours == base { return theirs }
    return choose(ours, theirs, Conflict(model: model, key: key, ours: text(ours), theirs: text(theirs)))
  }

  private mutating func choose<Value>(_ ours: Value, _ theirs: Value, _ conflict: @autoclosure () -> Conflict) -> Value {
    if preference == nil { conflicts.append(conflict()) }
    return preference == .theirs ? theirs : ours
  }
}
