import CaffeCore

extension FrontMatter {
  /// The front matter in its strict form, from `---` to `---`: keys in a fixed order, one value a line, quotes where YAML
  /// needs them. Reading it gives the same front matter.
  ///
  /// The keys of the first weights stand by themselves, where Caffe's scripts look for them; further weights are maps of the
  /// same keys in the list `more_weights`.
  public var yaml: String { "---\n\(FrontMatterWriter.lines(self).map { $0 + "\n" }.joined())---\n" }
}

/// Writes the strict form.
enum FrontMatterWriter {
  static func lines(_ matter: FrontMatter) -> [String] {
    var lines = scalar(.name, matter.name) + scalar(.task, matter.task) + list(.authors, matter.authors)
    if let first = matter.weights.first { lines += weights(first) }
    lines += block(.moreWeights, matter.weights.dropFirst().flatMap { YAMLText.item(weights($0)) })
    lines += scalar(.license, matter.license)
    lines += scalar(.caffeCommit, matter.caffeCommit) + scalar(.caffeVersion, matter.caffeVersion)
    lines += scalar(.gistID, matter.gistID) + scalar(.gistRevision, matter.gistRevision)
    lines += block(.preprocessing, matter.preprocessing.map(preprocessing) ?? [])
    lines += scalar(.labels, matter.labels)
    lines += block(.metrics, matter.metrics.map { "- \(YAMLText.scalar($0.name)): \(YAMLText.scalar($0.value))" })
    lines += block(.verify, matter.verify.flatMap { YAMLText.item(verifyCase($0)) })
    return lines + matter.others.flatMap { OtherValue.lines(ofKey: $0.key, text: $0.value) }
  }

  private static func scalar(_ key: KnownKey, _ text: String?) -> [String] { text.map { [line(key.rawValue, $0)] } ?? [] }

  private static func line(_ key: String, _ text: String) -> String { "\(key): \(YAMLText.scalar(text))" }

  private static func list(_ key: KnownKey, _ items: [String]) -> [String] {
    block(key, items.map { "- \(YAMLText.scalar($0))" })
  }

  private static func block(_ key: KnownKey, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : ["\(key.rawValue):"] + YAMLText.nested(lines)
  }

  private static func weights(_ weights: PublishedWeights) -> [String] {
    var lines = scalar(.caffemodel, weights.file) + scalar(.caffemodelURL, weights.url) + list(.mirrors, weights.mirrors)
    lines += scalar(.sha1, weights.sha1) + scalar(.sha256, weights.sha256)
    return lines + (weights.size.map { ["\(KnownKey.size.rawValue): \($0)"] } ?? [])
  }

  private static func preprocessing(_ value: PublishedPreprocessing) -> [String] {
    var lines: [String] = []
    if let resize = value.resize { lines.append("resize: \(YAMLText.list(resize.map(String.init)))") }
    if let crop = value.crop { lines.append("crop: \(crop)") }
    if let order = value.channelOrder { lines.append("channel_order: \(order.rawValue)") }
    if !value.mean.isEmpty {
      lines.append("mean: \(value.mean.count == 1 ? number(value.mean[0]) : YAMLText.list(value.mean.map(number)))")
    }
    if let file = value.meanFile { lines.append(line("mean_file", file)) }
    if let scale = value.scale { lines.append("scale: \(number(scale))") }
    return lines
  }

  private static func verifyCase(_ value: VerifyCase) -> [String] {
    let answers = value.top.flatMap { answer in
      YAMLText.item([line("label", answer.label)] + (answer.score.map { ["score: \(number($0))"] } ?? []))
    }
    let tolerance = value.tolerance == VerifyCase(input: "", top: []).tolerance ? [] : ["tolerance: \(number(value.tolerance))"]
    return [line("input", value.input), "top:"] + YAMLText.nested(answers) + tolerance
  }

  /// The shortest digits that read as the same number.
  private static func number(_ value: Float) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
