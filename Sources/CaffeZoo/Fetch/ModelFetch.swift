import CaffeCore

/// Brings a model's directory from wherever it is published, into memory.
public struct ModelFetch: Sendable {
  public var gists: GistService
  public var client: HTTPClient
  /// Asks no server at all.
  public var isOffline = false

  public init(gists: GistService = GistService(), client: HTTPClient = HTTPClient()) {
    self.gists = gists
    self.client = client
  }

  /// Fetches a model's directory.
  ///
  /// - Throws: `ZooError` when it is not there, not what was pinned, or holds what no model's directory may; `FileError`;
  ///   `HTTPFailure`.
  public func fetch(_ source: ModelSource) throws -> FetchedModel {
    switch source {
    case .directory(let path): return try read(path)
    case .bundled(let name):
      guard let model = BundledModels.model(named: name) else {
        throw ZooError("there is no model \(TerminalText.line(name)) in this program", advice: "caffe zoo search lists models")
      }
      return model
    case .gist(let reference):
      try refuseOffline("gist \(reference)")
      let gist = try gists.fetch(reference)
      var model = FetchedModel(files: try TextPackedFile.unpacked(gist.files), source: .gist(gist.reference))
      model.isFromPublic = gist.isFromPublic
      return model
    case .archive(let url, let sha256):
      try refuseOffline(url)
      return try fetchArchive(url, sha256: sha256)
    }
  }

  private func refuseOffline(_ what: String) throws(ZooError) {
    if isOffline { throw ZooError("\(TerminalText.line(what)) is not at hand", advice: "run it once without --offline") }
  }

  private func fetchArchive(_ url: String, sha256: String?) throws -> FetchedModel {
    let response = try client.fetch(HTTPRequest(url: url), limit: ModelArchive.limit)
    let shown = TerminalText.line(HTTPURL.withoutSecrets(url))
    guard response.head.status == 200 else {
      throw ZooError("\(shown) answers \(response.head.status)", advice: "check the address in a browser")
    }
    let sums = FileSums(of: response.body)
    guard sha256 == nil || sha256 == sums.sha256 else {
      throw ZooError(
        "\(shown) has SHA-256 \(sums.sha256), not \(sha256 ?? "")",
        advice: "the archive was changed since it was listed; ask who listed it")
    }
    var model = FetchedModel(
      files: try ModelArchive.files(of: response.body, name: shown), source: .archive(url: url, sha256: sums.sha256))
    model.isFromPublic = response.head.isPublic
    return model
  }

  /// The plain files of a directory, weights aside. Symbolic links are not followed.
  private func read(_ path: String) throws -> FetchedModel {
    var files: [FileName: [UInt8]] = [:]
    var total = 0
    for name in try Folder.names(in: path) where !name.hasPrefix(".") && !name.contains(".caffemodel") {
      let file = "\(path)/\(name)"
      guard let size = Folder.plainFileSize(file) else { continue }
      total += size
      guard total <= ModelArchive.limit else {
        throw ZooError(
          "\(path) holds more than \(ModelArchive.limit >> 20) MB beside the weights", advice: "it is no model's directory")
      }
      files[try FileName(name, in: path)] = try FileBytes.read(file, limit: size)
    }
    return FetchedModel(files: files, source: .directory(path))
  }
}
