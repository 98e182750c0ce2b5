import CaffeZoo

/// What `--json` says of a model that an index lists.
struct ModelDescription: Encodable {
  struct Weights: Encodable {
    let file: String
    let url: String?
    let mirrors: [String]
    let sha1: String?
    let sha256: String?
    let size: Int?
  }

  let name: String
  let index: String?
  let title: String
  let task: String?
  let authors: [String]
  let license: String?
  let summary: String?
  let source: String
  /// The source's web page.
  let page: String?
  let weights: [Weights]
  let metrics: [String: String]

  /// - Parameter index: the index's name, where there are several.
  init(_ entry: IndexEntry, index: String? = nil) {
    (name, self.index, title, task, authors) = (entry.name, index, entry.title, entry.task, entry.authors)
    (license, summary, source, page) = (entry.license, entry.summary, entry.source.title, entry.source.page)
    weights = entry.weights.map {
      Weights(file: $0.file, url: $0.url, mirrors: $0.mirrors, sha1: $0.sha1, sha256: $0.sha256, size: $0.size)
    }
    metrics = Dictionary(entry.metrics.map { ($0.name, $0.value) }) { first, _ in first }
  }
}
