import CaffeCore

/// Several indexes as one list of models.
public struct IndexCatalogue: Sendable {
  /// A model and the index that lists it.
  public struct Hit: Sendable, Equatable {
    public let index: String
    public let entry: IndexEntry

    /// `index/model`, which is never ambiguous.
    public var fullName: String { "\(index)/\(entry.name)" }
  }

  /// The models of all indexes, by name and then by index in the order given.
  public let hits: [Hit]

  /// - Parameter indexes: names and indexes; of two that list the same model in the same words, the first counts.
  public init(_ indexes: [(name: String, index: ZooIndex)]) {
    hits = indexes.flatMap { name, index in index.entries.map { Hit(index: name, entry: $0) } }.enumerated()
      .sorted { ($0.element.entry.name, $0.offset) < ($1.element.entry.name, $1.offset) }.map(\.element)
  }

  /// The model of that name.
  ///
  /// - Parameter name: `model`, or `index/model`.
  /// - Throws: `ZooError` with the nearest names when there is none, with the full names when there are several.
  public func entry(named name: String) throws(ZooError) -> Hit {
    let found = hits.filter { $0.entry.name == name || $0.fullName == name }
    guard let first = found.first else {
      let names = Set(hits.map { name.contains("/") ? $0.fullName : $0.entry.name }).sorted()
      let near = names.first { name.count > 2 && $0.contains(name.lowercased()) } ?? nearest(to: name, among: names)
      throw ZooError(
        "no index lists a model named \(TerminalText.line(name, limit: 80))",
        advice: near.map { "nearest name: \($0)" } ?? "caffe zoo search WORDS finds models by what they do")
    }
    guard found.dropFirst().allSatisfy({ $0.entry == first.entry }) else {
      throw ZooError(
        "\(found.count) indexes list a model named \(name)", advice: "say which: " + found.map(\.fullName).joined(separator: ", ")
      )
    }
    return first
  }

  /// The models in which every word occurs, the best first.
  ///
  /// - Parameter words: in any case; none finds all.
  public func search(_ words: [String]) -> [Hit] {
    let words = words.flatMap { $0.lowercased().split(whereSeparator: \.isWhitespace).map(String.init) }
    let scored = hits.enumerated().compactMap { place, hit in
      IndexCatalogue.score(hit.entry, words).map { (place: place, score: $0, hit: hit) }
    }
    return scored.sorted { ($1.score, $0.place) < ($0.score, $1.place) }.map(\.hit)
  }

  /// What a word counts where it occurs: most as the name, least in the summary; nil when one occurs nowhere.
  private static func score(_ entry: IndexEntry, _ words: [String]) -> Int? {
    let places: [(text: String, weight: Int)] = [
      (entry.name, 16), (entry.title, 8), (entry.task ?? "", 8), (entry.authors.joined(separator: "\n"), 4),
      (entry.license ?? "", 2), (entry.summary ?? "", 1),
    ].map { ($0.0.lowercased(), $0.1) }
    var total = entry.name == words.joined(separator: " ") ? 1000 : 0
    for word in words {
      let score = places.reduce(0) { sum, place in
        guard place.text.contains(word) else { return sum }
        let isWhole = place.text.split { !$0.isLetter && !$0.isNumber }.contains { $0 == word }
        return sum + place.weight * (isWhole ? 2 : 1)
      }
      if score == 0 { return nil }
      total += score
    }
    return total
  }
}

extension IndexCatalogue {
  /// The bundled index and the copies of the subscribed ones.
  ///
  /// - Returns: the catalogue, and what kept an index out of it.
  /// - Throws: `Diagnostics` or `ZooError` when the list of subscriptions is wrong.
  public static func load(_ places: ZooPlaces) throws -> (catalogue: IndexCatalogue, problems: [String]) {
    var indexes = [(name: IndexSubscriptions.bundledName, index: BundledIndex.index)]
    var problems: [String] = []
    for item in try IndexSubscriptions(places).items {
      do { indexes.append((item.name, try IndexRepository.read(in: "\(places.indexes)/\(item.name)").index)) } catch {
        problems.append(
          "the index \(item.name) is left out: \(error)\n  fetch it again with: caffe zoo index refresh \(item.name)")
      }
    }
    return (IndexCatalogue(indexes), problems)
  }
}
