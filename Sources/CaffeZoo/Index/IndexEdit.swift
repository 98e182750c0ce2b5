import CaffeCore

/// Changes of an index, as functions from one index to the next.
extension ZooIndex {
  /// The index with one more model.
  ///
  /// - Throws: `ZooError` when the name is no name, or taken.
  public func adding(_ entry: IndexEntry) throws(ZooError) -> ZooIndex {
    try ZooIndex.check(entry)
    if let taken = self[entry.name] {
      let who = taken.added.map { " (added by \($0.by) on \($0.on))" } ?? ""
      throw ZooError(
        "the index has a model named \(entry.name) already: \(taken.title)\(who)",
        advice: "choose another --name, or change that entry with: caffe zoo index update \(entry.name)")
    }
    var result = self
    result[entry.name] = entry
    return result
  }

  /// The index with a model's entry replaced by one of the same name.
  ///
  /// - Throws: `ZooError` when there is none of that name.
  public func updating(_ entry: IndexEntry) throws(ZooError) -> ZooIndex {
    try ZooIndex.check(entry)
    _ = try self.entry(named: entry.name)
    var result = self
    result[entry.name] = entry
    return result
  }

  /// The index without a model.
  ///
  /// - Throws: `ZooError` when there is none of that name.
  public func removing(_ name: String) throws(ZooError) -> ZooIndex {
    _ = try entry(named: name)
    var result = self
    result[name] = nil
    return result
  }

  /// The entry of that name.
  ///
  /// - Throws: `ZooError` with the nearest name when there is none.
  public func entry(named name: String) throws(ZooError) -> IndexEntry {
    if let entry = self[name] { return entry }
    let near = nearest(to: name, among: entries.map(\.name))
    throw ZooError(
      "the index has no model named \(TerminalText.line(name, limit: 80))", advice: near.map { "nearest name: \($0)" })
  }

  /// What is written can be read again: names and addresses are checked before.
  private static func check(_ entry: IndexEntry) throws(ZooError) {
    guard IndexEntry.isName(entry.name) else {
      throw ZooError("\"\(TerminalText.line(entry.name, limit: 80))\" is no model's name", advice: IndexEntry.nameRule)
    }
    if case .directory = entry.source {
      throw ZooError(
        "\(entry.name) lies in a directory of this machine, which others cannot reach",
        advice: "publish it first, with: caffe zoo gist-upload DIR")
    }
    let text = IndexWriter.text(ZooIndex(title: "check", entries: [entry]))
    do throws(Diagnostics) { _ = try IndexReader.read(SourceFile(name: entry.name, text: text)) } catch {
      throw ZooError(error.map(\.message).joined(separator: "\n"), advice: "correct the model's readme.md")
    }
  }
}
