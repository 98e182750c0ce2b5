import CaffeCore

/// The models that were pulled: a directory per name.
public struct ModelStore: Sendable {
  public let path: String

  public init(_ places: ZooPlaces) { path = places.models }

  /// A pulled model, as it lies there.
  public struct Item: Sendable, Equatable, Encodable {
    public let name: String
    /// Its directory.
    public let path: String
    public let title: String?
    public let license: String?
    public let source: String?
    /// Bytes of the weights at hand; nil where there are none yet.
    public let weights: Int?
  }

  /// The directory of a name, there or not.
  ///
  /// - Throws: `ZooError` when no model can have the name.
  public func directory(of name: String) throws(ZooError) -> String {
    guard IndexEntry.isName(name) else {
      throw ZooError("\"\(TerminalText.line(name, limit: 80))\" is no model's name", advice: IndexEntry.nameRule)
    }
    return "\(path)/\(name)"
  }

  /// Whether a model of that name is there.
  public func contains(_ name: String) -> Bool { (try? directory(of: name)).map(Folder.isThere) ?? false }

  /// The models, by name.
  ///
  /// - Throws: `FileError`.
  public func items() throws(FileError) -> [Item] {
    guard Folder.isThere(path) else { return [] }
    return try Folder.names(in: path).filter { IndexEntry.isName($0) && Folder.isThere("\(path)/\($0)") }.map(item)
  }

  /// What is known of a model that is there.
  public func item(_ name: String) -> Item {
    let directory = "\(path)/\(name)"
    let matter = ModelStore.readme(in: directory)?.frontMatter
    let weights = (matter?.weights ?? []).compactMap { Folder.fileSize("\(directory)/\($0.file)") }
    return Item(
      name: name, path: directory, title: matter?.name, license: matter?.license, source: ModelOrigin(of: directory)?.source,
      weights: weights.isEmpty ? nil : weights.reduce(0, +))
  }

  /// Removes a model. Its weights stay in the cache.
  ///
  /// - Throws: `ZooError` with the nearest name when it is not there; `FileError`.
  public func remove(_ name: String) throws {
    let directory = try directory(of: name)
    guard Folder.isThere(directory) else {
      let near = nearest(to: name, among: try items().map(\.name))
      throw ZooError(
        "no model named \(name) was pulled", advice: near.map { "nearest name: \($0)" } ?? "caffe zoo list shows what is there")
    }
    try Folder.remove(directory)
  }

  /// The name of a directory's main weights: what its readme says, else the only weights there are.
  ///
  /// - Throws: `ZooError` when neither says which; `FileError`.
  public static func mainWeights(in directory: String) throws -> String {
    if let file = readme(in: directory)?.frontMatter.weights.first?.file {
      return try FileName(file, in: "caffemodel").description
    }
    let there = try Folder.names(in: directory).filter { $0.hasSuffix(".caffemodel") || $0.hasSuffix(".caffemodel.h5") }
    guard there.count == 1 else {
      throw ZooError(
        "it is not said which weights in \(directory) to use", advice: "name a file, or give the readme the key caffemodel")
    }
    return there[0]
  }

  /// The readme of a model's directory, under whichever spelling; nil when there is none that can be read.
  static func readme(in directory: String) -> Readme? {
    guard let name = (try? Folder.names(in: directory))?.first(where: { $0.lowercased() == "readme.md" }) else { return nil }
    return try? Readme(contentsOf: "\(directory)/\(name)")
  }
}

extension Readme {
  /// That it names no weights, and why where it means to.
  var withoutWeights: ZooError {
    let reason = problems.first { $0.severity == .error && $0.message.contains("caffemodel") }
    return ZooError(
      "\(source.name) names no weights", advice: reason?.message ?? "it needs the keys caffemodel, caffemodel_url and sha1")
  }
}
