import CaffeCore

/// What an index should say before it is published, beyond what it must say to be read.
public enum IndexCheck {
  /// Everything that should be better, model by model, in the order of the index.
  public static func advice(on index: ZooIndex) -> [String] { index.entries.flatMap { advice(on: $0) } }

  /// Everything that should be better in one entry.
  public static func advice(on entry: IndexEntry) -> [String] {
    var result: [String] = []
    if entry.license == nil { result.append("license is missing: nobody may use the model without one") }
    if entry.task == nil { result.append("task is missing: the page shows the model under \"other\"") }
    if entry.added == nil { result.append("added is missing: say by whom and when") }
    switch entry.source {
    case .gist(let gist) where gist.revision == nil:
      result.append("source: the gist has no revision: its owner can change it unseen")
    case .archive(_, nil): result.append("source: the archive has no sha256: it can be changed unseen")
    default: break
    }
    if entry.weights.isEmpty { result.append("weights are missing") }
    for weights in entry.weights { result += advice(on: weights, of: entry.source) }
    return result.map { "\(entry.name): \($0)" }
  }

  private static func advice(on weights: PublishedWeights, of source: ModelSource) -> [String] {
    var result: [String] = []
    if case .bundled = source {} else if weights.url == nil { result.append("\(weights.file) has no url") }
    if weights.sha1 == nil, weights.sha256 == nil {
      result.append("\(weights.file) has neither sha256 nor sha1: it cannot be verified")
    }
    return result
  }
}
