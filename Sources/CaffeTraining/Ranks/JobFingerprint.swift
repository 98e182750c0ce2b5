/// What all ranks of a job must have alike. Two that differ would train two things at once, or wait for each other for ever.
public struct JobFingerprint: Sendable, Codable {
  /// One thing to compare.
  public struct Part: Sendable, Codable, Equatable {
    /// What it is, as an error calls it.
    public let name: String
    public let text: String
    /// What to do about a difference.
    public var advice = ""
  }

  /// Where the rank runs.
  public let host: String
  public private(set) var parts: [Part] = []

  public init(host: String) { self.host = host }

  public mutating func add(_ name: String, _ text: String, advice: String = "") {
    parts.append(Part(name: name, text: text, advice: advice))
  }

  /// What differs between rank 0's and another's; nil when nothing does.
  func difference(from other: JobFingerprint, rank: Int) -> String? {
    for (mine, theirs) in zip(parts, other.parts) where mine != theirs {
      let start = "rank \(rank) (\(other.host)) has another \(mine.name) than rank 0 (\(host))"
      return "\(start): \(JobFingerprint.difference(mine.text, theirs.text))\(mine.advice.isEmpty ? "" : "; \(mine.advice)")"
    }
    guard parts.count == other.parts.count else {
      return "rank \(rank) (\(other.host)) works on something else than rank 0 (\(host))"
    }
    return nil
  }

  /// The first line in which two texts differ.
  private static func difference(_ mine: String, _ theirs: String) -> String {
    let texts = [mine, theirs].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    let line = zip(texts[0], texts[1]).enumerated().first { $1.0 != $1.1 }?.offset ?? texts.map(\.count).min() ?? 0
    let shown = texts.map { lines in
      line < lines.count ? "\"\(lines[line].drop { $0 == " " }.prefix(longest))\"" : "nothing"
    }
    let place = texts.contains { $0.count > 1 } ? "line \(line + 1) is " : ""
    return "\(place)\(shown[1]), not \(shown[0])"
  }

  /// Characters of a line that an error shows.
  private static let longest = 120

  /// Compares all ranks' with rank 0's.
  ///
  /// - Throws: `RankError` on rank 0 that names the rank and what differs, on the others one that says so.
  public func compare(over ranks: any Communicator) throws {
    let all = try ranks.gather(RankRecord.bytes(self))
    var problem: String?
    for (rank, bytes) in all.enumerated().dropFirst() where problem == nil {
      problem = difference(from: try RankRecord.value(JobFingerprint.self, bytes), rank: rank)
    }
    let isDifferent = try ranks.maximum([problem == nil ? 0 : 1])[0] == 1
    if let problem { throw RankError(problem) }
    if isDifferent { throw RankError("the ranks differ, as rank 0 says") }
  }
}
