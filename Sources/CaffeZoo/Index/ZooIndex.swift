/// A list of models: what an `index.yaml` holds.
public struct ZooIndex: Sendable, Equatable {
  /// The format this program writes, and the newest it reads.
  public static let newestFormat = 1
  /// The file's name in its repository.
  public static let fileName = "index.yaml"

  /// `format`: the version of the format.
  public var format = ZooIndex.newestFormat
  /// `title`: what the index is called on its pages.
  public var title: String
  /// `models`, sorted by name.
  public private(set) var entries: [IndexEntry]
  /// Keys that this program does not know, kept as they are.
  public var others: [OtherKey] = []

  public init(format: Int = ZooIndex.newestFormat, title: String = "Model zoo", entries: [IndexEntry] = []) {
    self.format = format
    self.title = title
    self.entries = entries.sorted { $0.name < $1.name }
  }

  /// The entry of that name; setting nil removes it.
  public subscript(name: String) -> IndexEntry? {
    get { entries.first { $0.name == name } }
    set {
      entries.removeAll { $0.name == name }
      guard let newValue else { return }
      entries.insert(newValue, at: entries.firstIndex { $0.name > newValue.name } ?? entries.count)
    }
  }
}

/// What an index says about one model.
public struct IndexEntry: Sendable, Equatable {
  /// Who added the model, and when.
  public struct Addition: Sendable, Equatable {
    /// A person's name, in any words.
    public var by: String
    /// `YYYY-MM-DD`.
    public var on: String

    public init(by: String, on: String) {
      self.by = by
      self.on = on
    }
  }

  /// The short name the model is pulled by.
  public var name: String
  /// What people call it.
  public var title: String
  /// What it does, for grouping: classification, detection …
  public var task: String?
  public var authors: [String] = []
  /// The licence's name, or a sentence.
  public var license: String?
  /// One sentence.
  public var summary: String?
  /// Where its directory is.
  public var source: ModelSource
  /// Its weights, the main ones first.
  public var weights: [PublishedWeights] = []
  /// What was measured.
  public var metrics: [PublishedMetric] = []
  public var added: Addition?
  /// Keys that this program does not know, kept as they are.
  public var others: [OtherKey] = []

  public init(name: String, title: String, source: ModelSource) {
    self.name = name
    self.title = title
    self.source = source
  }

  /// Whether a text can be a model's short name: `[a-z0-9][a-z0-9._-]*`, 64 letters at most.
  public static func isName(_ text: String) -> Bool {
    func isPlain(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
    guard let first = text.utf8.first, isPlain(first), text.utf8.count <= 64 else { return false }
    return text.utf8.allSatisfy { isPlain($0) || "._-".utf8.contains($0) }
  }

  /// What a name must be, for messages.
  static let nameRule = "a name is 1 to 64 of a-z, 0-9, '.', '_' and '-', and begins with a letter or digit"
}
