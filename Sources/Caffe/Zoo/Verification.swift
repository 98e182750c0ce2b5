import CaffeCore
import CaffeZoo

/// Runs the net on the inputs of the readme's `verify` and compares the answers.
struct Verification {
  private let readme: Readme
  private let directory: ModelDirectory
  private let options: NetOptions

  init(_ readme: Readme, _ directory: ModelDirectory, options: NetOptions) {
    self.readme = readme
    self.directory = directory
    self.options = options
  }

  func problems() -> Diagnostics {
    let cases = readme.frontMatter.verify
    guard !cases.isEmpty else {
      return Diagnostics([
        readme.problem(
          "there is nothing to verify", of: "verify", hint: "write verify with an input and its top answers", severity: .warning)
      ])
    }
    if let file = readme.frontMatter.weights.first?.file, directory[file] == nil {
      let hint = "caffe zoo download \(directory.path) fetches it"
      return Diagnostics([
        readme.problem("\(TerminalText.line(file, limit: 80)) is not here, so nothing was run", of: "verify", hint: hint)
      ])
    }
    do {
      let classifier = try Classifier(directory.path, options: options)
      return Diagnostics(cases.flatMap { check($0, classifier) })
    } catch let error as Diagnostics { return error } catch { return Diagnostics([readme.problem("\(error)", of: "verify")]) }
  }

  private func check(_ verify: VerifyCase, _ classifier: Classifier) -> [Diagnostic] {
    guard let file = directory[verify.input] else {
      let input = TerminalText.line(verify.input, limit: 80)
      return [readme.problem("\(input) is not here, so its answers were not compared", of: "verify", severity: .warning)]
    }
    do {
      let answers = try classifier.classify(directory.path(of: file), top: verify.top.count)
      guard answers.count == verify.top.count else {
        let input = TerminalText.line(verify.input, limit: 80)
        return [
          readme.problem("\(input): the net has \(answers.count) answers, verify promises \(verify.top.count)", of: "verify")
        ]
      }
      return zip(verify.top, answers).enumerated().compactMap { rank, pair in
        problem(rank + 1, verify, expected: pair.0, actual: pair.1)
      }
    } catch { return [readme.problem("\(error)", of: "verify")] }
  }

  private func problem(
    _ rank: Int, _ verify: VerifyCase, expected: VerifyCase.Answer, actual: Classifier.Answer
  ) -> Diagnostic? {
    let isSame = expected.label == actual.label || expected.label == String(actual.index)
    let isNear = expected.score.map { abs($0 - actual.score) <= verify.tolerance } ?? true
    guard !isSame || !isNear else { return nil }
    let score = NumberText.fixed(Double(actual.score), digits: 4)
    let wanted =
      expected.score.map { " (\(NumberText.fixed(Double($0), digits: 4)) ± \(NumberText.general(verify.tolerance)))" } ?? ""
    let words = "answer \(rank) is \"\(TerminalText.line(actual.label, limit: 80))\" (\(score))"
    let input = TerminalText.line(verify.input, limit: 80)
    return readme.problem("\(input): \(words), not \"\(TerminalText.line(expected.label, limit: 80))\"\(wanted)", of: "verify")
  }
}
