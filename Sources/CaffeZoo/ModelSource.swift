import CaffeCore

/// Where a model's directory (its small files, not the weights) comes from.
public enum ModelSource: Sendable, Hashable {
  /// A model inside this program.
  case bundled(String)
  /// A gist; an index pins its revision.
  case gist(GistReference)
  /// A `.zip`, `.tar` or `.tar.gz` with the directory, and its SHA-256 when it is pinned.
  case archive(url: String, sha256: String?)
  /// A directory of this machine.
  case directory(String)
}

/// A model's directory before it is written anywhere.
public struct FetchedModel: Sendable {
  /// The files by name; names are checked.
  public var files: [FileName: [UInt8]]
  /// Where they came from, pinned: a gist's revision, an archive's SHA-256.
  public var source: ModelSource
  /// Whether they came from a public address: then nothing they name may lead into a private network.
  public var isFromPublic = false

  public init(files: [FileName: [UInt8]], source: ModelSource) {
    self.files = files
    self.source = source
  }

  /// The model with the gist and revision it came from written into its readme, so that it can be listed and sent back.
  public var namingItsGist: FetchedModel {
    guard case .gist(let gist) = source, let name = files.keys.first(where: { $0.description.lowercased() == "readme.md" }) else {
      return self
    }
    let readme = Readme(SourceFile(name: name.description, bytes: files[name] ?? []))
    guard readme.hasFrontMatter else { return self }
    var result = self
    result.files[name] = Array(
      readme.updating([(key: "gist_id", value: gist.id), (key: "gist_revision", value: gist.revision)]).utf8)
    return result
  }

  /// The readme, under whichever spelling (`readme.md`, `README.md`) it has.
  public var readme: [UInt8]? { files.first { $0.key.description.lowercased() == "readme.md" }?.value }
}

extension ModelSource {
  /// The source in words, for messages and pages.
  public var title: String {
    switch self {
    case .bundled: "inside the caffe program"
    case .gist(let gist): "gist \(gist)"
    case .archive(let url, _): url
    case .directory(let path): path
    }
  }

  /// The web page a person can look at; nil when there is none.
  public var page: String? {
    switch self {
    case .gist(let gist):
      "https://\(gist.host ?? "gist.github.com")/"
        + [gist.owner, gist.id, gist.revision].compactMap { $0 }.joined(separator: "/")
    case .archive(let url, _): url
    case .bundled, .directory: nil
    }
  }
}
