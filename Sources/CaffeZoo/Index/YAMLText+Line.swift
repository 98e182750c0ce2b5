import Yams

extension YAMLText {
  /// A value of a key that this program does not know, in one line.
  static func line(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.style == .plain && isTyped(scalar.string) ? scalar.string : YAMLText.scalar(scalar.string)
    case .sequence(let sequence): "[" + sequence.map { line($0) }.joined(separator: ", ") + "]"
    case .mapping(let mapping): "{" + mapping.map { "\(line($0.key)): \(line($0.value))" }.joined(separator: ", ") + "}"
    case .alias: "null"
    }
  }

  /// Numbers, truth values and null keep their kind; so do words, which are the same either way.
  private static func isTyped(_ text: String) -> Bool {
    func isWord(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) }
    guard let first = text.utf8.first, isWord(first) || first == 0x2D && text.utf8.count > 1 || first == 0x2E else {
      return false
    }
    return text.utf8.allSatisfy { isWord($0) || "+-._".utf8.contains($0) } && !text.hasPrefix("--") && !text.hasPrefix("..")
  }
}
