import CaffeCore

extension IndexEntry {
  /// What an index says about a model, from the model's own front matter.
  ///
  /// - Parameters:
  ///   - name: the short name it gets.
  ///   - frontMatter: the model's.
  ///   - source: where its directory is; a directory that is published as a gist counts as that gist.
  ///   - summary: one sentence.
  ///   - added: by whom, and when.
  public init(name: String, frontMatter: FrontMatter, source: ModelSource, summary: String? = nil, added: Addition? = nil) {
    self.init(name: name, title: frontMatter.name ?? name, source: IndexEntry.published(source, frontMatter))
    task = frontMatter.task
    authors = frontMatter.authors
    license = frontMatter.license.map { IndexEntry.line($0) }
    self.summary = summary
    weights = frontMatter.weights
    var seen = Set<String>()
    metrics = frontMatter.metrics.filter { seen.insert($0.name).inserted }
    self.added = added
  }

  private static func published(_ source: ModelSource, _ frontMatter: FrontMatter) -> ModelSource {
    guard case .directory = source, let id = frontMatter.gistID, let revision = frontMatter.gistRevision else { return source }
    return .gist(GistReference(id: id, revision: revision))
  }

  /// Licences may be paragraphs; an index has them in one line.
  private static func line(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

  /// The first sentence of a readme's text, for a summary; nil when there is none.
  ///
  /// - Parameter body: the readme without its front matter.
  public static func firstSentence(of body: String) -> String? {
    let paragraphs = body.replacing("\r\n", with: "\n").split(separator: "\n\n").map { $0.split(separator: "\n") }
    let marks = ["#", ">", "|", "-", "*", "```", "!", "<", "    "]
    let text = paragraphs.lazy.map { lines in lines.filter { !$0.hasPrefix("#") } }
      .first { lines in lines.first.map { line in !marks.contains { line.hasPrefix($0) } } ?? false }
    guard let text else { return nil }
    let line = TerminalText.line(text.joined(separator: " "), limit: 2000)
    let end = line.firstRange(of: ". ")?.lowerBound ?? line.lastIndex(of: ".") ?? line.endIndex
    let sentence = line[..<end]
    return sentence.isEmpty ? nil : sentence.count > 280 ? sentence.prefix(279) + "…" : sentence + "."
  }
}

extension IndexEntry {
  /// What an index says about a fetched model, from its readme.
  ///
  /// - Parameters:
  ///   - model: the model's directory.
  ///   - name: the short name it gets.
  ///   - summary: one sentence; nil takes the readme's first.
  ///   - addedBy: a person's name.
  ///   - day: when, as `YYYY-MM-DD`.
  /// - Throws: `ZooError` when there is no readme, `Diagnostics` with everything that is wrong in its front matter.
  public init(from model: FetchedModel, name: String, summary: String? = nil, addedBy: String, on day: String) throws {
    guard let bytes = model.readme else {
      throw ZooError("\(model.source.title) has no readme.md", advice: "caffe zoo new DIR starts one")
    }
    let readme = Readme(SourceFile(name: "\(model.source.title): readme.md", bytes: bytes))
    try Diagnostics(readme.problems.filter { $0.severity == .error }).throwIfErrors()
    self.init(
      name: name, frontMatter: readme.frontMatter, source: model.source,
      summary: summary ?? IndexEntry.firstSentence(of: readme.body), added: Addition(by: addedBy, on: day))
  }
}
