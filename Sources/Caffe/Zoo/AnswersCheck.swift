import CaffeCore
import CaffeGraph
import CaffeVision
import CaffeZoo

/// The labels and the expected answers against what the net puts out.
struct AnswersCheck {
  private(set) var problems = Diagnostics()
  private let readme: Readme
  private let directory: ModelDirectory
  private let classes: Int?
  private var labels: LabelFile?

  init(_ readme: Readme, _ directory: ModelDirectory, deploy: ShapedGraph?) {
    self.readme = readme
    self.directory = directory
    classes = deploy.flatMap(AnswersCheck.classes)
    checkLabels()
    for verify in readme.frontMatter.verify { check(verify) }
  }

  private mutating func add(_ message: String, _ key: String, hint: String? = nil, _ severity: Diagnostic.Severity = .error) {
    problems.append(readme.problem(message, of: key, hint: hint, severity: severity))
  }

  /// How many numbers per picture the net's only output (or `prob`) has.
  private static func classes(_ graph: ShapedGraph) -> Int? {
    let outputs = graph.graph.outputs
    let prob = outputs.first { graph.graph.values[$0].name == "prob" } ?? (outputs.count == 1 ? outputs[0] : nil)
    guard let shape = prob.map({ graph.shapes[$0] }), shape.rank > 1 else { return nil }
    return shape.count / max(1, shape[0])
  }

  private mutating func checkLabels() {
    guard let name = readme.frontMatter.labels, let file = directory[name] else { return }
    do throws(FileError) {
      let own = try LabelFile(contentsOf: directory.path(of: file))
      labels = own
      if let classes, own.labels.count != classes {
        add(
          "\(name) names \(own.labels.count) classes, but the net puts out \(classes)", "labels",
          hint: "one line per class, in their order")
      }
    } catch { add("\(error)", "labels") }
  }

  private mutating func check(_ verify: VerifyCase) {
    let input = TerminalText.line(verify.input, limit: 80)
    if let file = directory[verify.input] {
      if file.kind != .picture { add("the input \"\(input)\" is no picture (.jpg, .png)", "verify", .warning) }
    } else {
      add("the input \"\(input)\" is not in this directory", "verify", hint: "put it here; verify must work for everybody")
    }
    for answer in verify.top where !isClass(answer.label) {
      add("\(input): there is no class \"\(TerminalText.line(answer.label, limit: 80))\"", "verify")
    }
    if let classes, verify.top.count > classes { add("\(input): there are more answers than the \(classes) classes", "verify") }
  }

  /// A label, or the number of a class.
  private func isClass(_ label: String) -> Bool {
    if let labels, labels.labels.contains(label) { return true }
    if let number = Int(label), let classes { return (0..<classes).contains(number) }
    return labels == nil && (Int(label) != nil || classes == nil)
  }
}
