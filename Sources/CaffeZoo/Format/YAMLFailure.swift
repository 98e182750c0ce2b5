import CaffeCore
import Yams

/// Words for what the YAML parser did not understand.
struct YAMLFailure {
  let source: SourceFile
  let firstLine: Int
  /// The limit that the parser's own one stands in for.
  let depth: Int
  let inert: InertYAML

  func failure(for error: any Error) -> BoundedYAML.Failure {
    guard let error = error as? YamlError else { return .malformed(Diagnostic("this is no YAML", at: place(nil))) }
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      if problem.hasPrefix("Maximum nesting") { return .refused(YAMLWalk.tooDeep(depth, at: place(mark))) }
      let words = (context.map { $0.text + ": " } ?? "") + problem
      return .malformed(Diagnostic("this is no YAML: \(words)", at: place(mark)))
    case .duplicatedKeysInMapping(let keys, let context):
      let key = inert.restored(keys.first ?? "")
      return .malformed(Diagnostic("the key \"\(key)\" stands here more than once", at: place(context.mark)))
    case .reader(let problem, _, _, _): return .refused(Diagnostic("this is no YAML: \(problem)", at: place(nil)))
    default: return .refused(Diagnostic("this is no YAML: \(error)", at: place(nil)))
    }
  }

  private func place(_ mark: Mark?) -> SourceLocation {
    source.location(line: firstLine - 1 + max(1, mark?.line ?? 1), column: mark?.column ?? 1)
  }
}
