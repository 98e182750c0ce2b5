import CaffeZoo

/// The readme of a new model: what is known, and places for what its author has to tell.
enum ReadmeDraft {
  static func text(_ matter: FrontMatter, hasTraining: Bool) -> String {
    let todo = ReadmeTextCheck.placeholder
    let sections = [
      ("Data", "\(todo): which data was it trained and tested with, where is that from, and under which terms?"),
      ("Modelling choices", "\(todo): what is the net after (cite it), what differs, and how was it trained?"),
      ("Accuracy", "\(todo): how good is it, measured on what? Put the numbers under `metrics` in the front matter, too."),
      ("Input", "\(todo): what does the net take and put out, and how are pictures prepared?"),
      ("Licence", "\(todo): who holds the rights to the weights, and what may people do with them?"),
    ]
    let title = matter.name.map { TerminalText.line($0) } ?? ""
    let words = sections.map { "## \($0)\n\n\($1)\n" }.joined(separator: "\n")
    return
      "\(matter.yaml)\n# \(title)\n\n\(todo): what the model does, in a sentence or two.\n\n\(words)\n\(files(matter, hasTraining))"
  }

  private static func files(_ matter: FrontMatter, _ hasTraining: Bool) -> String {
    var rows = ["| `deploy.prototxt` | the net for use |"]
    if hasTraining { rows.append("| `train_val.prototxt` | training and validation |") }
    rows += matter.weights.map { "| `\($0.file)` | the trained weights |" }
    return "## Files\n\n| file | use |\n|---|---|\n" + rows.map { $0 + "\n" }.joined()
  }
}
