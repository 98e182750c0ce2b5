/// Writes an index in its one canonical form: entries sorted by name, keys in one order, one a line, so that git merges
/// edits of different models by itself.
public struct IndexWriter {
  private var lines: [String] = []

  /// The file's text; reading it gives an equal index.
  public static func text(_ index: ZooIndex) -> String {
    var writer = IndexWriter()
    writer.add("format: \(index.format)")
    writer.add("title: \(YAMLText.scalar(index.title))")
    writer.add(index.others, "")
    writer.add(index.entries.isEmpty ? "models: {}" : "models:")
    for entry in index.entries { writer.add(entry) }
    return writer.lines.map { $0 + "\n" }.joined()
  }

  private mutating func add(_ line: String) { lines.append(line) }

  private mutating func add(_ key: String, _ value: String?, _ indent: String) {
    if let value { add("\(indent)\(key): \(YAMLText.scalar(value))") }
  }

  private mutating func add(_ others: [OtherKey], _ indent: String) {
    for other in others { add("\(indent)\(YAMLText.scalar(other.key)): \(other.value)") }
  }

  private mutating func add(_ entry: IndexEntry) {
    let indent = "    "
    // A name such as 1e5 must not become a number.
    add("  \(YAMLText.scalar(entry.name)):")
    add("title", entry.title, indent)
    add("task", entry.task, indent)
    addList("authors", entry.authors, indent)
    add("license", entry.license, indent)
    add("summary", entry.summary, indent)
    add("\(indent)source:")
    add(entry.source)
    if !entry.weights.isEmpty { add("\(indent)weights:") }
    for weights in entry.weights { add(weights) }
    if !entry.metrics.isEmpty { add("\(indent)metrics:") }
    for metric in entry.metrics { add("\(indent)  \(YAMLText.scalar(metric.name)): \(YAMLText.scalar(metric.value))") }
    if let added = entry.added {
      add("\(indent)added:")
      add("by", added.by, indent + "  ")
      add("on", added.on, indent + "  ")
    }
    add(entry.others, indent)
  }

  private mutating func add(_ source: ModelSource) {
    let indent = "      "
    switch source {
    case .bundled(let name): add("bundled", name, indent)
    case .gist(let gist):
      add("gist", gist.id, indent)
      add("owner", gist.owner, indent)
      add("host", gist.host, indent)
      add("revision", gist.revision, indent)
    case .archive(let url, let sha256):
      add("archive", url, indent)
      add("sha256", sha256, indent)
    case .directory(let path): add("directory", path, indent)
    }
  }

  private mutating func add(_ weights: PublishedWeights) {
    let indent = "        "
    add("      - file: \(YAMLText.scalar(weights.file))")
    add("url", weights.url, indent)
    addList("mirrors", weights.mirrors, indent)
    add("sha1", weights.sha1, indent)
    add("sha256", weights.sha256, indent)
    if let size = weights.size { add("\(indent)size: \(size)") }
  }

  private mutating func addList(_ key: String, _ values: [String], _ indent: String) {
    guard !values.isEmpty else { return }
    add("\(indent)\(key):")
    for value in values { add("\(indent)  - \(YAMLText.scalar(value))") }
  }
}
