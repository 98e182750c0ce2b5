import CaffeCore
import Yams

/// Reads `preprocessing`.
enum PreprocessingReader {
  static func read(_ node: Node, _ reader: inout NodeReader) -> PublishedPreprocessing? {
    let form = "a map with resize, crop, channel_order, mean, mean_file, scale"
    let pairs = reader.pairs(node, of: "preprocessing", form: form)
    guard !pairs.isEmpty else { return nil }
    var result = PublishedPreprocessing()
    for (word, keyNode, value) in pairs {
      switch word.lowercased() {
      case "resize": result.resize = resize(value, &reader)
      case "crop", "crop_size": result.crop = reader.count(value, of: "crop")
      case "channel_order", "channels": result.channelOrder = order(value, &reader)
      case "mean", "mean_value": result.mean = mean(value, &reader)
      case "mean_file": result.meanFile = reader.text(value, of: "mean_file")
      case "scale": result.scale = reader.number(value, of: "scale")
      default:
        reader.tolerate(
          "preprocessing has no key \"\(TerminalText.line(word, limit: 40))\"; it is left out", at: keyNode, hint: "it is \(form)"
        )
      }
    }
    return result == PublishedPreprocessing() ? nil : result
  }

  /// `256`, `[256, 320]` (height, width) or `256x320`.
  private static func resize(_ node: Node, _ reader: inout NodeReader) -> [Int]? {
    let parts: [Int?]
    if let items = node.sequence {
      parts = items.map { $0.scalar.flatMap { Int($0.string) } }
    } else {
      let words = (reader.text(node) ?? "").split { "x×, ".contains($0) }
      parts = words.map { Int($0) }
    }
    let sizes = parts.compactMap { $0 }.filter { $0 > 0 }
    guard sizes.count == parts.count, (1...2).contains(sizes.count) else {
      reader.fail("resize is [height, width] in pixels", at: node)
      return nil
    }
    return sizes.count == 1 ? [sizes[0], sizes[0]] : sizes
  }

  private static func order(_ node: Node, _ reader: inout NodeReader) -> PublishedPreprocessing.ChannelOrder? {
    guard let text = reader.text(node, of: "channel_order") else { return nil }
    switch text.lowercased() {
    case "bgr": return .bgr
    case "rgb": return .rgb
    case "gray", "grey": return .gray
    default:
      reader.fail("channel_order is BGR, RGB or gray, not \"\(TerminalText.line(text, limit: 40))\"", at: node)
      return nil
    }
  }

  /// `104`, `[104, 117, 123]` or `104, 117, 123`.
  private static func mean(_ node: Node, _ reader: inout NodeReader) -> [Float] {
    let words: [String]
    if let items = node.sequence {
      words = items.map { $0.scalar?.string ?? "?" }
    } else {
      words = (reader.text(node) ?? "").split { $0 == "," || $0 == " " }.map(String.init)
    }
    let numbers = words.compactMap(Float.init).filter(\.isFinite)
    guard numbers.count == words.count, node.mapping == nil else {
      reader.fail("mean is a number, or one per channel: [104, 117, 123]", at: node)
      return []
    }
    return numbers
  }
}

/// Reads `metrics`: a list of `name: value`, or a map.
enum MetricsReader {
  static func read(_ node: Node, _ reader: inout NodeReader) -> [PublishedMetric] {
    guard let items = node.sequence else { return metrics(node, &reader) }
    return items.flatMap { metrics($0, &reader) }
  }

  private static func metrics(_ node: Node, _ reader: inout NodeReader) -> [PublishedMetric] {
    reader.pairs(node, of: "metrics", form: "a list of `name: value`").compactMap { name, _, value in
      reader.text(value, of: "a metric").map { PublishedMetric(name: name, value: $0) }
    }
  }
}

/// Reads `verify`: a list of inputs with their answers, or one.
enum VerifyReader {
  private static let form = "a list of maps with input, top, tolerance"

  static func read(_ node: Node, _ reader: inout NodeReader) -> [VerifyCase] {
    guard let items = node.sequence else { return verifyCase(node, &reader).map { [$0] } ?? [] }
    return items.compactMap { verifyCase($0, &reader) }
  }

  private static func verifyCase(_ node: Node, _ reader: inout NodeReader) -> VerifyCase? {
    var result = VerifyCase(input: "", top: [])
    let pairs = reader.pairs(node, of: "verify", form: form)
    for (word, keyNode, value) in pairs {
      switch word.lowercased() {
      case "input": result.input = reader.text(value, of: "input") ?? ""
      case "top": result.top = answers(value, &reader)
      case "tolerance": result.tolerance = tolerance(value, &reader)
      default:
        reader.tolerate(
          "verify has no key \"\(TerminalText.line(word, limit: 40))\"; it is left out", at: keyNode, hint: "it is \(form)")
      }
    }
    guard !pairs.isEmpty else { return nil }
    if result.input.isEmpty { reader.fail("this case has no input", at: node, hint: "write input: a picture of this directory") }
    if result.top.isEmpty { reader.fail("this case has no answers", at: node, hint: "write top: the answers, best first") }
    return result.input.isEmpty || result.top.isEmpty ? nil : result
  }

  private static func tolerance(_ node: Node, _ reader: inout NodeReader) -> Float {
    guard let value = reader.number(node, of: "tolerance") else { return 0.01 }
    if value < 0 { reader.fail("tolerance is not negative", at: node) }
    return max(0, value)
  }

  /// Maps of `label` and `score`, or labels alone.
  private static func answers(_ node: Node, _ reader: inout NodeReader) -> [VerifyCase.Answer] {
    let items = node.sequence.map(Array.init) ?? [node]
    return items.compactMap { item in
      if let label = reader.text(item) { return VerifyCase.Answer(label: label) }
      var answer = VerifyCase.Answer(label: "")
      for (word, keyNode, value) in reader.pairs(item, of: "top", form: "a list of maps with label, score") {
        switch word.lowercased() {
        case "label": answer.label = reader.text(value, of: "label") ?? ""
        case "score": answer.score = reader.number(value, of: "score")
        default: reader.tolerate("an answer has no key \"\(TerminalText.line(word, limit: 40))\"; it is left out", at: keyNode)
        }
      }
      if answer.label.isEmpty { reader.fail("this answer has no label", at: item) }
      return answer.label.isEmpty ? nil : answer
    }
  }
}
