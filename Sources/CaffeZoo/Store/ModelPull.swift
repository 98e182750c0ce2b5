import CaffeCore

/// Puts a fetched model into the store, with its weights, whole or not at all.
struct ModelPull {
  private let zoo: ModelZoo
  private let model: FetchedModel
  private let entry: IndexEntry?
  private let index: String?
  private let name: String
  private let directory: String
  private let frontMatter: FrontMatter
  private let withWeights: Bool
  private let replaces: Bool

  init(
    _ zoo: ModelZoo, _ model: FetchedModel, entry: IndexEntry?, index: String? = nil, name: String?, withWeights: Bool,
    replaces: Bool
  ) throws {
    guard let bytes = model.readme else {
      throw ZooError("\(model.source.title) holds no readme.md", advice: "a model's directory has one")
    }
    self.zoo = zoo
    self.model = model
    self.entry = entry
    self.index = index
    self.withWeights = withWeights
    self.replaces = replaces
    let readme = Readme(SourceFile(name: "\(model.source.title): readme.md", bytes: bytes))
    frontMatter = readme.frontMatter
    guard !withWeights || !frontMatter.weights.isEmpty || entry?.weights.isEmpty == false else { throw readme.withoutWeights }
    self.name = name ?? ModelPull.name(from: frontMatter.name ?? "model")
    directory = try zoo.store.directory(of: self.name)
  }

  /// A short name made of a title: `BVLC GoogleNet Model` becomes `bvlc-googlenet-model`.
  static func name(from title: String) -> String {
    let words = title.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    let name = words.joined(separator: "-").prefix(64)
    return IndexEntry.isName(String(name)) ? String(name) : "model"
  }

  func run() throws -> ModelZoo.Pulled {
    try Folder.make(zoo.store.path)
    let lock = try FileLock(
      "\(zoo.store.path)/.\(name).lock", onWait: { zoo.report(.waiting) }, shouldStop: zoo.fetch.client.shouldStop)
    return try withExtendedLifetime(lock) {
      try removeLeftovers()
      let weights = try merged()
      if try isHere() {
        let results = withWeights ? try zoo.download(weights, into: directory, isPublic: model.isFromPublic) : []
        return ModelZoo.Pulled(name: name, directory: directory, weights: results, frontMatter: frontMatter)
      }
      return try install(weights)
    }
  }

  /// What a pull of the same name left that was killed; nobody else is at it while the lock is held.
  private func removeLeftovers() throws(FileError) {
    for left in try Folder.names(in: zoo.store.path) where isLeftover(left) {
      try Folder.remove("\(zoo.store.path)/\(left)")
    }
  }

  /// `.NAME.PROCESS.partial`; names may have dots themselves.
  private func isLeftover(_ file: String) -> Bool {
    guard file.hasPrefix(".\(name)."), file.hasSuffix(".partial") else { return false }
    return Int(file.dropFirst(name.count + 2).dropLast(".partial".count)) != nil
  }

  /// Whether these very files are there already.
  private func isHere() throws -> Bool {
    guard Folder.isThere(directory) else { return false }
    let origin = ModelOrigin(of: directory)
    let changed = origin?.changedFiles(in: directory) ?? []
    let isSame = origin?.files == ModelOrigin(model).files
    if replaces || (isSame && changed.isEmpty) { return !replaces && isSame }
    guard let origin else {
      throw ZooError(
        "\(directory) is there and was not pulled", advice: "choose another name with --name, or replace it with --force")
    }
    guard origin.source.prefix(while: { $0 != "@" }) == model.source.title.prefix(while: { $0 != "@" }) else {
      throw ZooError(
        "a model named \(name) was pulled from elsewhere: \(TerminalText.line(origin.source))",
        advice: "choose another name with --name, or replace it with --force")
    }
    guard changed.isEmpty else {
      throw ZooError(
        "\(directory) was changed here: \(changed.map { TerminalText.line($0) }.joined(separator: ", "))",
        advice: "choose another name with --name, or give the changes up with --force")
    }
    return false
  }

  private func install(_ weights: [PublishedWeights]) throws -> ModelZoo.Pulled {
    announce(weights)
    let writer = try ModelDirectoryWriter(model, at: directory, replaces: true)
    do {
      let results = withWeights ? try zoo.download(weights, into: writer.temporary, isPublic: model.isFromPublic) : []
      var origin = ModelOrigin(model)
      (origin.index, origin.weights) = (index, weights.map(ModelOrigin.Weights.init))
      origin.mark(results)
      try origin.write(to: writer.temporary)
      try writer.commit()
      let placed = results.map {
        DownloadResult(
          path: "\(directory)/\($0.path.split(separator: "/").last ?? "")", origin: $0.origin, sums: $0.sums,
          received: $0.received)
      }
      return ModelZoo.Pulled(name: name, directory: directory, weights: placed, frontMatter: frontMatter)
    } catch {
      writer.abandon()
      throw error
    }
  }

  private func announce(_ weights: [PublishedWeights]) {
    let title = TerminalText.line(frontMatter.name ?? name)
    let license = frontMatter.license.map { TerminalText.line($0) } ?? "none stated"
    let size = weights.first?.size.map { ", \(NumberText.megabytes($0))" } ?? ""
    zoo.announce("\(title): licence \(license)\(size)")
  }

  /// The readme's weights, with the checksums and mirrors that the index has for them. Where both name one, they must agree.
  private func merged() throws(ZooError) -> [PublishedWeights] {
    guard let entry else { return frontMatter.weights }
    var result: [PublishedWeights] = []
    for var file in frontMatter.weights {
      if let listed = entry.weights.first(where: { $0.file == file.file }) {
        try ModelPull.agree(file.sha1, listed.sha1, "SHA-1", entry.name)
        try ModelPull.agree(file.sha256, listed.sha256, "SHA-256", entry.name)
        file.sha1 = listed.sha1 ?? file.sha1
        file.sha256 = listed.sha256 ?? file.sha256
        file.size = listed.size ?? file.size
        file.mirrors += [listed.url].compactMap { $0 } + listed.mirrors
      }
      result.append(file)
    }
    return result.isEmpty ? entry.weights : result
  }

  private static func agree(_ readme: String?, _ index: String?, _ sum: String, _ name: String) throws(ZooError) {
    guard let readme, let index, readme != index else { return }
    throw ZooError(
      "\(name): the readme and the index do not agree on the weights' \(sum): \(readme) and \(index)",
      advice: "ask the index's keepers; caffe zoo index check finds such entries")
  }
}
