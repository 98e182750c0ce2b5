import CaffeCore

/// An index as a page of a GitHub wiki: Markdown, grouped by task. What comes from outside stays text.
public struct WikiPage: Sendable {
  /// The file's name in its repository.
  public static let fileName = "Model-Zoo.md"

  private let index: ZooIndex
  private let address: String?

  /// - Parameter address: where the index can be subscribed to.
  public init(_ index: ZooIndex, address: String? = nil) {
    self.index = index
    self.address = address
  }

  /// The page.
  public var markdown: String {
    let groups = Dictionary(grouping: index.entries) { $0.task ?? IndexPage.otherTask }.sorted { $0.key < $1.key }
    let parts = [head] + groups.map { task, entries in table(task, entries) } + groups.flatMap { $0.value.map(section) } + [foot]
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var head: String {
    var lines = ["# " + MarkdownText.escaped(index.title), "", "Fetch a model and run it:", ""]
    if let address, let safe = try? RepositoryAddress(address) {
      lines.append(
        "    caffe zoo index subscribe NAME \(MarkdownText.plain(RepositoryAddress.withoutPassword(safe.description)))")
    }
    return (lines + ["    caffe zoo pull NAME", "    caffe classify NAME cat.jpg"]).joined(separator: "\n")
  }

  private var foot: String {
    "---\n\nThis page is made from `\(ZooIndex.fileName)` by `caffe zoo index render`: change the index, not the page. "
      + "To add a model: `caffe zoo index add SOURCE --name NAME`, then `caffe zoo index publish`."
  }

  private func table(_ task: String, _ entries: [IndexEntry]) -> String {
    let rows = entries.map { entry in
      let metrics = entry.metrics.map { "\(MarkdownText.escaped($0.name)) \(MarkdownText.escaped($0.value))" }.joined(
        separator: "<br>")
      return "| [`\(entry.name)`](#\(WikiPage.anchor(entry.name))) | \(MarkdownText.escaped(entry.title)) "
        + "| \(entry.license.map(MarkdownText.escaped) ?? "**none given**") | \(metrics) |"
    }
    return "## \(MarkdownText.escaped(task))\n\n| name | model | licence | measured |\n|---|---|---|---|\n"
      + rows.joined(separator: "\n")
  }

  /// GitHub makes a heading's anchor from its letters, digits, underscores and dashes.
  private static func anchor(_ name: String) -> String { name.replacing(".", with: "") }

  private func section(_ entry: IndexEntry) -> String {
    var lines = ["### \(MarkdownText.escaped(entry.name))", ""]
    if let summary = entry.summary { lines += [MarkdownText.escaped(summary), ""] }
    if !entry.authors.isEmpty { lines.append("- Authors: \(MarkdownText.escaped(entry.authors.joined(separator: ", ")))") }
    lines.append("- Licence: \(entry.license.map(MarkdownText.escaped) ?? "**none given**")")
    let source = MarkdownText.escaped(entry.source.title)
    lines.append("- Source: " + (entry.source.page.map { MarkdownText.link($0, source) } ?? source))
    lines += entry.weights.flatMap(WikiPage.lines)
    if let added = entry.added { lines.append("- Added: \(MarkdownText.escaped("\(added.on) by \(added.by)"))") }
    return (lines + ["", "`caffe zoo pull \(entry.name)`"]).joined(separator: "\n")
  }

  private static func lines(_ weights: PublishedWeights) -> [String] {
    let file = MarkdownText.escaped(weights.file)
    let size = weights.size.map { ", \(NumberText.megabytes($0))" } ?? ""
    let mirrors = weights.mirrors.enumerated().map { ", " + MarkdownText.link($1, "mirror \($0 + 1)") }.joined()
    return ["- Weights: " + (weights.url.map { MarkdownText.link($0, file) } ?? file) + size + mirrors]
      + (weights.sha256.map { ["- SHA-256: `\(MarkdownText.plain($0))`"] } ?? [])
      + (weights.sha1.map { ["- SHA-1: `\(MarkdownText.plain($0))`"] } ?? [])
  }
}
