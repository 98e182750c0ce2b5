import CaffeCore
import Yams

/// Sorts `caffemodel`, `caffemodel_url`, `sha1` and their like into files of weights: one file, as the format wants it, or
/// several in the ways people found.
struct WeightsReader {
  /// A value with its place.
  fileprivate struct Value {
    let text: String
    let place: SourceLocation
  }

  /// What is said of one file.
  fileprivate struct Group {
    /// The number or word behind the keys; nil for keys without one.
    var suffix: String?
    var file: Value?
    var urls: [Value] = []
    var mirrors: [Value] = []
    var sha1: Value?
    var sha256: Value?
    var size: Value?

    func has(_ key: KnownKey) -> Bool {
      switch key {
      case .caffemodel: file != nil
      case .caffemodelURL: !urls.isEmpty
      case .mirrors: !mirrors.isEmpty
      case .sha1: sha1 != nil
      case .sha256: sha256 != nil
      default: size != nil
      }
    }
  }

  private var groups: [Group] = []
  private var last: (key: KnownKey, group: Int)?
  private var isSeveral = false

  /// Takes one key of the front matter.
  mutating func read(_ key: KnownKey, suffix: String?, _ entry: FrontMatterEntry, _ reader: inout NodeReader) {
    let values = values(key, entry.value, &reader)
    let isList = key != .mirrors && values.count > 1 && !(key == .caffemodelURL && files < 2 && files > 0)
    if isList || suffix != nil { tellSeveral(at: entry.value, &reader) }
    if isList { return spread(values, key) }
    guard !values.isEmpty else { return }
    let index = group(for: key, suffix: suffix, entry, &reader)
    for value in values { groups[index].set(key, value) }
    last = (key, index)
  }

  private var files: Int { groups.filter { $0.file != nil }.count }

  private func values(_ key: KnownKey, _ node: Node, _ reader: inout NodeReader) -> [Value] {
    let values = reader.texts(node, of: key.rawValue).map { Value(text: $0.text, place: reader.place(of: $0.node)) }
    guard key == .caffemodel, values.count == 1, node.scalar?.style == .plain else { return values }
    let names = values[0].text.split(separator: ",").map(\.trimmed)
    let areFiles = names.count > 1 && names.allSatisfy { $0.hasSuffix(".caffemodel") }
    return areFiles ? names.map { Value(text: $0, place: values[0].place) } : values
  }

  /// The first item belongs to the first file, the second to the second.
  private mutating func spread(_ values: [Value], _ key: KnownKey) {
    for (index, value) in values.enumerated() {
      if index == groups.count { groups.append(Group()) }
      groups[index].set(key, value)
    }
    last = nil
  }

  /// A key that comes again begins the next file. Where a key follows itself (all names, then all URLs), the second one
  /// belongs to the second file.
  private mutating func group(for key: KnownKey, suffix: String?, _ entry: FrontMatterEntry, _ reader: inout NodeReader) -> Int {
    if let suffix {
      if let index = groups.firstIndex(where: { $0.suffix == suffix }) { return index }
      if suffix == "1" || suffix == "0", let index = groups.firstIndex(where: { $0.suffix == nil && !$0.has(key) }) {
        return index
      }
      groups.append(Group(suffix: suffix))
      return groups.count - 1
    }
    let plain = groups.indices.filter { groups[$0].suffix == nil }
    if let last, last.key == key, let next = plain.first(where: { $0 > last.group }) { return next }
    let isColumn = plain.count > 1 && !groups[plain[0]].has(key) && groups[plain[0]].file != nil && last?.key == .caffemodel
    if isColumn { return plain[0] }
    if let index = plain.last, !groups[index].has(key) { return index }
    if !plain.isEmpty { tellSeveral(at: entry.value, &reader) }
    groups.append(Group())
    return groups.count - 1
  }

  /// Tells once how further weights are written.
  private mutating func tellSeveral(at node: Node, _ reader: inout NodeReader) {
    guard !isSeveral else { return }
    reader.tolerate(
      "further weights are listed under more_weights", at: node, hint: "write a list of maps: - caffemodel: … sha1: …")
    isSeveral = true
  }

  /// `more_weights`: a list of maps with the keys of the first weights.
  mutating func readMore(_ node: Node, _ reader: inout NodeReader) {
    let items = node.sequence.map(Array.init) ?? (reader.text(node) == nil && node.mapping == nil ? [] : [node])
    for item in items {
      var group = Group(suffix: "more \(groups.count)")
      for (word, keyNode, value) in reader.pairs(item, of: "more_weights", form: "a list of maps with caffemodel, sha1 …") {
        guard let key = KnownKey(spelled: word), KnownKey.ofWeights.contains(key) else {
          reader.tolerate("more_weights has no key \"\(TerminalText.line(word, limit: 40))\"; it is left out", at: keyNode)
          continue
        }
        for value in values(key, value, &reader) { group.set(key, value) }
      }
      groups.append(group)
    }
  }

  // MARK: Values

  /// The files, once all keys are read.
  func finish(_ reader: inout NodeReader) -> [PublishedWeights] {
    groups.compactMap { weights($0, &reader) }
  }

  private func weights(_ group: Group, _ reader: inout NodeReader) -> PublishedWeights? {
    let urls = group.urls.map { url($0, &reader) }
    let sha1 = group.sha1.flatMap { digest($0, "sha1", digits: 40, &reader) }
    let sha256 = group.sha256.flatMap { digest($0, "sha256", digits: 64, &reader) }
    let size = group.size.flatMap { reader.count($0.text, at: $0.place, of: "size") }
    let address = group.file.flatMap { WeightsReader.isURL($0.text) ? url($0, &reader) : nil }
    guard let file = file(group, address: address, urls.first, &reader) else { return nil }
    var weights = PublishedWeights(file: file, url: urls.first ?? address)
    weights.mirrors = urls.dropFirst() + group.mirrors.map { url($0, &reader) }
    (weights.sha1, weights.sha256, weights.size) = (sha1, sha256, size)
    return weights
  }

  private static func isURL(_ text: String) -> Bool { text.contains("://") }

  /// - Parameter address: what stands for the file's name, when that is an address.
  private func file(_ group: Group, address: String?, _ url: String?, _ reader: inout NodeReader) -> String? {
    guard let value = group.file else { return file(ofURL: url, group, &reader) }
    let isURL = address != nil
    let text = address.map { WeightsReader.lastPart(of: $0) } ?? value.text
    if let fault = FileNameFault.of(text) {
      reader.fail(fault, at: value.place)
      return nil
    }
    let isWhole = WeightsReader.endings.contains(where: text.lowercased().hasSuffix)
    let name = isWhole ? text : text + ".caffemodel"
    let shown = TerminalText.line(name, limit: 80)
    if isURL {
      reader.tolerate(
        "caffemodel is a file's name, not its address; \"\(shown)\" is read", at: value.place,
        hint: "the address is caffemodel_url")
    } else if !isWhole {
      reader.tolerate(
        "caffemodel is a file's whole name; \"\(shown)\" is read", at: value.place, hint: "write it with its extension")
    }
    return name
  }

  private static let endings = [".caffemodel", ".h5", ".hdf5", ".binaryproto", ".zip", ".gz", ".tar", ".tgz"]

  private func file(ofURL url: String?, _ group: Group, _ reader: inout NodeReader) -> String? {
    guard let url, let value = group.urls.first else { return nil }
    let name = WeightsReader.lastPart(of: url)
    guard name.hasSuffix(".caffemodel"), FileNameFault.of(name) == nil else { return nil }
    reader.fail(
      "there is no caffemodel for this address; \"\(name)\" is read", at: value.place, hint: "write caffemodel: \(name)")
    return name
  }

  private static func lastPart(of url: String) -> String {
    let path = url.prefix { $0 != "?" && $0 != "#" }
    return path.split(separator: "/").last.map(String.init) ?? ""
  }

  /// The address in `<url>` or `[text](url)`.
  private func url(_ value: Value, _ reader: inout NodeReader) -> String {
    var url = value.text
    // People put links into links.
    while let inner = WeightsReader.inner(of: url) { url = inner }
    if url != value.text {
      reader.tolerate("an address stands by itself, without Markdown", at: value.place, hint: "write \(url)")
    }
    return url
  }

  /// What stands in `<…>`, or behind the text of a Markdown link; nil for anything else.
  private static func inner(of text: String) -> String? {
    if text.hasPrefix("<"), text.hasSuffix(">"), text.count > 1 { return text.dropFirst().dropLast().trimmed }
    guard text.hasPrefix("["), text.hasSuffix(")"), let middle = text.range(of: "](") else { return nil }
    return text[middle.upperBound...].dropLast().trimmed
  }

  private func digest(_ value: Value, _ key: String, digits: Int, _ reader: inout NodeReader) -> String? {
    let text = value.text.lowercased()
    guard text.utf8.count == digits, text.allSatisfy(\.isHexDigit) else {
      reader.fail(
        "\(key) has \(digits) hexadecimal digits; this is \"\(TerminalText.line(value.text, limit: 80))\"", at: value.place)
      return nil
    }
    if text != value.text { reader.tolerate("\(key) is written in lower case", at: value.place, hint: "write \(text)") }
    return text
  }
}

extension WeightsReader.Group {
  fileprivate mutating func set(_ key: KnownKey, _ value: WeightsReader.Value) {
    switch key {
    case .caffemodel: file = file ?? value
    case .caffemodelURL: urls.append(value)
    case .mirrors: mirrors.append(value)
    case .sha1: sha1 = sha1 ?? value
    case .sha256: sha256 = sha256 ?? value
    default: size = size ?? value
    }
  }
}

/// What is wrong with a file's name in the front matter.
enum FileNameFault {
  static func of(_ name: String) -> String? {
    do throws(ZooError) { _ = try FileName(name, in: "caffemodel") } catch { return error.message }
    return nil
  }
}
