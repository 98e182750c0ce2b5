import CaffeCore

/// The model zoo as this machine sees it: the indexes, what was pulled, and the ways to get more.
public struct ModelZoo: Sendable {
  public let places: ZooPlaces
  public var fetch: ModelFetch
  public var options = DownloadOptions()
  /// Told what happens while weights come.
  public var report: @Sendable (DownloadEvent) -> Void = { _ in }
  /// Told what a model is before its weights are fetched: name, licence, size.
  public var announce: @Sendable (String) -> Void = { _ in }

  public init(places: ZooPlaces, fetch: ModelFetch = ModelFetch()) {
    self.places = places
    self.fetch = fetch
  }

  public var store: ModelStore { ModelStore(places) }
  public var cache: ContentCache { ContentCache(places) }

  /// A model that was brought here.
  public struct Pulled: Sendable {
    public let name: String
    public let directory: String
    /// How its weights came, the main ones first; empty when they were not wanted.
    public let weights: [DownloadResult]
    public let frontMatter: FrontMatter
  }

  /// The directory of a model that is named, pulled on first use.
  ///
  /// - Parameters:
  ///   - name: `model`, or `index/model`.
  ///   - withWeights: whether its weights are needed too.
  /// - Throws: `ZooError`, `FileError`, `HTTPFailure`.
  public func directory(of name: String, withWeights: Bool) throws -> String {
    if let directory = try pulledDirectory(of: name) {
      if withWeights { try compareWeights(in: directory) }
      return directory
    }
    return try pull(named: name, withWeights: withWeights).directory
  }

  /// Makes sure that a pulled model has its weights, and that they are right unless they were found so before.
  private func compareWeights(in directory: String) throws {
    var origin = ModelOrigin(of: directory)
    if origin?.isUnchanged(in: directory) == true { return }
    let results = try download(directory)
    origin?.mark(results)
    try origin?.write(to: directory)
  }

  /// Where a model lies that was pulled; for `index/model` only when it came through that index.
  private func pulledDirectory(of name: String) throws(ZooError) -> String? {
    let parts = name.split(separator: "/").map(String.init)
    guard let last = parts.last, store.contains(last) else { return nil }
    let directory = try store.directory(of: last)
    return parts.count == 1 || ModelOrigin(of: directory)?.index == parts[0] ? directory : nil
  }

  /// Brings a model here: by its name in an index, or from a gist or an archive.
  ///
  /// - Parameters:
  ///   - text: `model`, `index/model`, a gist in any spelling, or the address of an archive.
  ///   - name: what it will be called here; nil is its name in the index, or one made of its title.
  ///   - replaces: whether files that were changed here are given up.
  /// - Throws: `ZooError`, `FileError`, `HTTPFailure`.
  public func pull(_ text: String, name: String? = nil, withWeights: Bool = true, replaces: Bool = false) throws -> Pulled {
    if let source = try ModelZoo.source(text) {
      let model = try fetch.fetch(source)
      return try ModelPull(self, model, entry: nil, name: name, withWeights: withWeights, replaces: replaces).run()
    }
    return try pull(named: text, as: name, withWeights: withWeights, replaces: replaces)
  }

  private func pull(named text: String, as name: String? = nil, withWeights: Bool, replaces: Bool = false) throws -> Pulled {
    let (catalogue, problems) = try IndexCatalogue.load(places)
    for problem in problems { announce(problem) }
    let hit = try catalogue.entry(named: text)
    let entry = hit.entry
    let model = try fetch.fetch(entry.source)
    return try ModelPull(
      self, model, entry: entry, index: hit.index, name: name ?? entry.name, withWeights: withWeights, replaces: replaces
    ).run()
  }

  /// Brings the weights of a model's directory into it, as Caffe's `download_model_binary.py` does.
  ///
  /// - Returns: how each file came, the main one first.
  /// - Throws: `ZooError` when the readme is missing or names no weights; as `Download.run`.
  public func download(_ directory: String) throws -> [DownloadResult] {
    guard Folder.isThere(directory) else { throw ZooError("there is no directory \(directory)", advice: nil) }
    guard let readme = ModelStore.readme(in: directory) else {
      throw ZooError("\(directory) has no readme.md that says where its weights are", advice: "caffe zoo new writes one")
    }
    let weights = ModelOrigin.weights(of: directory, readme)
    guard !weights.isEmpty else { throw readme.withoutWeights }
    return try download(weights, into: directory, isPublic: ModelOrigin(of: directory)?.isPublic ?? false)
  }

  /// Brings files of weights into a directory.
  func download(_ weights: [PublishedWeights], into directory: String, isPublic: Bool) throws -> [DownloadResult] {
    var options = options
    options.isPublicOnly = isPublic
    return try weights.map { file in
      let job = Download(file, cache: cache, client: fetch.client, options: options, report: report)
      return try job.run(into: directory)
    }
  }

  /// What a text names other than a model of an index; nil when it can only be a model's name.
  ///
  /// - Throws: `ZooError` for an address that is neither a gist nor an archive.
  public static func source(_ text: String) throws(ZooError) -> ModelSource? {
    if GistReference.isCertain(text), let gist = GistReference(text) { return .gist(gist) }
    guard text.contains("://") else { return nil }
    let file = HTTPURL.lastComponent(of: text).lowercased()
    guard HTTPURL.isValid(text), [".zip", ".tar", ".tar.gz", ".tgz"].contains(where: file.hasSuffix) else {
      throw ZooError(
        "\(TerminalText.line(HTTPURL.withoutSecrets(text))) is neither a gist nor an archive",
        advice: "give a gist's address, or that of a .zip, .tar or .tar.gz with the model's directory")
    }
    return .archive(url: text, sha256: nil)
  }
}
