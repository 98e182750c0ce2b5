/// A doc comment, taken apart: what the page of a layer shows in different places.
struct DocComment {
  /// The prose, each paragraph or item of a list on a line of its own.
  private(set) var paragraphs: [String] = []
  /// The content of each block marked `prototxt`.
  private(set) var examples: [String] = []
  /// What stands behind `- Difference:`.
  private(set) var differences: [String] = []
  /// What stands behind `- Dialect:`.
  private(set) var dialects: [String] = []

  private static let fence = "```"
  /// What is for readers of the source.
  private static let callouts = ["- Parameter", "- Throws:", "- Returns:", "- Precondition:"]

  /// Where the next line belongs.
  private enum Place {
    case newParagraph
    case paragraph
    case example
    case otherBlock
    case difference
    case dialect
    case callout
  }

  /// - Parameter lines: the comment without its slashes.
  init(_ lines: [String]) {
    var place = Place.newParagraph
    for line in lines { place = add(line, at: place) }
  }

  /// All that is said in prose, as one line.
  var text: String { paragraphs.joined(separator: " ") }

  /// - Returns: where the line after this one belongs.
  private mutating func add(_ line: String, at place: Place) -> Place {
    if line.hasPrefix(DocComment.fence) { return fence(line, at: place) }
    switch place {
    case .otherBlock: return .otherBlock
    case .example:
      examples[examples.count - 1] += line + "\n"
      return .example
    default: return line.isEmpty ? .newParagraph : prose(line, at: place)
    }
  }

  private mutating func fence(_ line: String, at place: Place) -> Place {
    if place == .example || place == .otherBlock { return .newParagraph }
    guard line == DocComment.fence + "prototxt" else { return .otherBlock }
    examples.append("")
    return .example
  }

  private mutating func prose(_ line: String, at place: Place) -> Place {
    if let text = line.rest(after: "- Difference: ") {
      differences.append(text)
      return .difference
    }
    if let text = line.rest(after: "- Dialect: ") {
      dialects.append(text)
      return .dialect
    }
    if DocComment.callouts.contains(where: line.hasPrefix) { return .callout }
    if place == .newParagraph || line.hasPrefix("- ") {
      paragraphs.append(line)
      return .paragraph
    }
    let more = " " + line.drop { $0 == " " }
    switch place {
    case .paragraph: paragraphs[paragraphs.count - 1] += more
    case .difference: differences[differences.count - 1] += more
    case .dialect: dialects[dialects.count - 1] += more
    default: break
    }
    return place
  }
}

extension String {
  /// What follows a beginning; nil for a text that begins otherwise.
  fileprivate func rest(after beginning: String) -> String? {
    hasPrefix(beginning) ? String(dropFirst(beginning.count)) : nil
  }
}
