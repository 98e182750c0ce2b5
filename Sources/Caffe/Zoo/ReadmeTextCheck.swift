import CaffeCore
import CaffeZoo

/// The words of a readme: what a new model's author has to fill in, and whether the licence is said.
struct ReadmeTextCheck {
  /// How a place to fill in begins.
  static let placeholder = "TODO"

  private(set) var problems = Diagnostics()

  init(_ readme: Readme, _ directory: ModelDirectory) {
    let body = readme.body
    guard !body.allSatisfy(\.isWhitespace) else {
      problems.append(
        Diagnostic(
          "the readme says nothing about the model", at: readme.location(of: ""),
          hint: "tell which data it was trained with, what was chosen, how good it is and what its input is"))
      return
    }
    checkPlaceholders(readme.source)
    if directory.files(.licence).isEmpty, !ReadmeTextCheck.tellsLicence(body) {
      problems.append(
        readme.problem(
          "the licence's text is neither a file (LICENSE) nor a section of the readme", of: "license",
          hint: "add a section \"## Licence\" with its terms", severity: .warning))
    }
  }

  private mutating func checkPlaceholders(_ source: SourceFile) {
    for number in 1...source.lineCount {
      let line = source.line(number)
      guard ReadmeTextCheck.isPlaceholder(line) else { continue }
      let place = SourceLocation(file: source, offset: source.start(ofLine: number), length: line.utf8.count)
      problems.append(Diagnostic("this is not filled in", at: place, hint: "write it, or delete the line"))
    }
  }

  static func isPlaceholder(_ text: String) -> Bool { text == placeholder || text.hasPrefix(placeholder + ":") }

  private static func tellsLicence(_ body: String) -> Bool {
    body.split(whereSeparator: \.isNewline).contains { line in
      let word = line.lowercased()
      return (word.hasPrefix("#") || word.hasPrefix("**")) && (word.contains("licence") || word.contains("license"))
    }
  }
}
