import CaffeCore

/// Publishes a model's directory as a gist, as Caffe's `upload_model_to_gist.sh` does: all files at its top but the weights.
public struct GistUpload: Sendable {
  /// A file that stays behind.
  public struct Skipped: Sendable, Equatable, Encodable {
    public let file: String
    public let reason: String
  }

  public let directory: String
  /// What is sent, by name.
  public let files: [FileName: String]
  public let skipped: [Skipped]
  /// The gist that is changed; nil makes a new one.
  public let gistID: String?
  /// The gist's description: the model's name.
  public let summary: String
  private let readme: (name: FileName, text: Readme)

  /// The largest file that is sent, in bytes: what GitHub gives back by its raw address.
  private static let fileLimit = 10 << 20

  /// Looks at a directory and sends nothing.
  ///
  /// - Parameter isNew: whether a gist_id in the readme is left aside.
  /// - Throws: `ZooError` when there is no readme or it has no name; `FileError`.
  public init(directory: String, isNew: Bool = false) throws {
    var (files, skipped) = ([FileName: String](), [Skipped]())
    for name in try Folder.names(in: directory) where !name.hasPrefix(".") {
      switch try GistUpload.content(of: name, in: directory) {
      case .success(let file): files[try FileName(file.name, in: directory)] = file.text
      case .failure(let reason): if let reason = reason.words { skipped.append(Skipped(file: name, reason: reason)) }
      }
    }
    guard let (name, text) = files.first(where: { $0.key.description.lowercased() == "readme.md" }) else {
      throw ZooError("\(directory) has no readme.md", advice: "caffe zoo new writes one")
    }
    let readme = Readme(SourceFile(name: "\(directory)/\(name)", text: text))
    guard let title = readme.frontMatter.name else {
      throw ZooError("\(directory)/\(name) gives the model no name", advice: "caffe zoo check \(directory) says what is missing")
    }
    self.directory = directory
    gistID = isNew ? nil : try readme.frontMatter.gistID.map { try GistUpload.checked($0, in: readme.source.name) }
    // A revision cannot name itself; a gist's own readme has none.
    files[name] = readme.updating([(key: "gist_revision", value: nil)] + (isNew ? [(key: "gist_id", value: nil)] : []))
    self.files = files
    self.skipped = skipped
    self.readme = (name, readme)
    summary = title
  }

  /// The id goes into an address of the API.
  private static func checked(_ id: String, in place: String) throws(ZooError) -> String {
    guard let gist = GistReference(id) else {
      throw ZooError(
        "\(place): gist_id \"\(TerminalText.line(id, limit: 80))\" is no gist's id", advice: "correct it, or use --new")
    }
    return gist.id
  }

  private struct Reason: Error {
    /// Nil for what nobody expects to be sent.
    let words: String?
  }

  private static func content(of name: String, in directory: String) throws -> Result<(name: String, text: String), Reason> {
    let path = "\(directory)/\(name)"
    if name.contains(".caffemodel") { return .failure(Reason(words: "weights are fetched by caffemodel_url")) }
    guard let size = Folder.plainFileSize(path) else {
      return .failure(Reason(words: Folder.isThere(path) ? "gists have no directories" : "it is a link or no plain file"))
    }
    if size == 0 { return .failure(Reason(words: "gists take no empty files")) }
    if size > fileLimit { return .failure(Reason(words: "it has more than \(fileLimit >> 20) MB")) }
    let bytes = try FileBytes.read(path, limit: fileLimit)
    if let text = String(validating: bytes, as: UTF8.self) { return .success((name, text)) }
    guard let packed = TextPackedFile(name: name, bytes: bytes) else {
      return .failure(Reason(words: "gists take text only, and it is too large to be packed as text"))
    }
    return .success((packed.name, packed.text))
  }

  /// Sends the directory and writes `gist_id` and `gist_revision` back into its readme.
  ///
  /// - Returns: the gist as it is now.
  /// - Throws: what `GistService` throws; `FileError`. Once a gist is made its id is in the readme, whatever fails later.
  public func run(_ service: GistService, isPublic: Bool) throws -> Gist {
    var gist: Gist
    if let gistID {
      let old = try service.fetch(GistReference(id: gistID))
      guard old.files != files.mapValues({ Array($0.utf8) }) else { return try finish(old) }
      let gone = old.files.keys.filter { files[$0] == nil }
      var changes: [FileName: String?] = files.mapValues { $0 }
      for name in gone { changes.updateValue(nil, forKey: name) }
      gist = try service.update(gistID, changes, summary: summary)
    } else {
      gist = try service.create(files, summary: summary, isPublic: isPublic)
      // The gist's own readme names it too, so that whoever downloads it can send changes back.
      let text = readme.text.updating([(key: "gist_id", value: gist.id), (key: "gist_revision", value: nil)])
      try write(text)
      gist = try service.update(gist.id, [readme.name: text])
    }
    return try finish(gist)
  }

  private func finish(_ gist: Gist) throws -> Gist {
    try write(readme.text.updating([(key: "gist_id", value: gist.id), (key: "gist_revision", value: gist.revision)]))
    return gist
  }

  private func write(_ text: String) throws(FileError) {
    try AtomicFile.write(Array(text.utf8), to: "\(directory)/\(readme.name)")
  }
}
