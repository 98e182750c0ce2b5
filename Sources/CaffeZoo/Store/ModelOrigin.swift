import CaffeCore
import Foundation

/// Where a pulled model came from, kept beside its files so that a later pull knows what is the publisher's and what was changed.
struct ModelOrigin: Codable, Equatable {
  /// The file's name: hidden, so that no published file can have it.
  static let fileName = ".caffe-zoo.json"

  /// The source in words.
  var source: String
  /// SHA-256 of the files as they were published, by name.
  var files: [String: String]
  /// Whether the source lies at a public address.
  var isPublic: Bool
  /// The index that named it; nil for a model that was pulled by its source.
  var index: String?
  /// The weights as readme and index have them together.
  var weights: [Weights]?

  /// The files of weights that were compared with their checksums, by name, as they were then.
  var compared: [String: FileMark]?

  /// Whether no file of weights changed since it was compared. Hashing takes longer than loading a net, so named models are not
  /// hashed at every use.
  func isUnchanged(in directory: String) -> Bool {
    guard let weights, !weights.isEmpty else { return false }
    return weights.allSatisfy { file in
      compared?[file.file].map { $0 == FileMark(of: "\(directory)/\(file.file)") } ?? false
    }
  }

  /// Takes down how the files of weights are now, when they have just been compared.
  mutating func mark(_ weights: [DownloadResult]) {
    compared = Dictionary(
      weights.compactMap { result in
        FileMark(of: result.path).map { (String(result.path.split(separator: "/").last ?? ""), $0) }
      }, uniquingKeysWith: { $1 })
  }

  /// One file of weights.
  struct Weights: Codable, Equatable {
    var file: String
    var url: String?
    var mirrors: [String]
    var sha1: String?
    var sha256: String?
    var size: Int?

    init(_ weights: PublishedWeights) {
      (file, url, mirrors) = (weights.file, weights.url, weights.mirrors)
      (sha1, sha256, size) = (weights.sha1, weights.sha256, weights.size)
    }

    var published: PublishedWeights {
      var result = PublishedWeights(file: file, url: url, sha1: sha1)
      (result.mirrors, result.sha256, result.size) = (mirrors, sha256, size)
      return result
    }
  }

  /// The weights of a directory: as they were pulled, else as its readme says.
  static func weights(of directory: String, _ readme: Readme) -> [PublishedWeights] {
    ModelOrigin(of: directory)?.weights?.map(\.published) ?? readme.frontMatter.weights
  }

  init(_ model: FetchedModel) {
    source = model.source.title
    isPublic = model.isFromPublic
    files = Dictionary(uniqueKeysWithValues: model.files.map { ($0.key.description, FileSums(of: $0.value).sha256) })
  }

  /// The origin of a directory; nil when it was not pulled.
  init?(of directory: String) {
    guard let bytes = try? FileBytes.read("\(directory)/\(ModelOrigin.fileName)", limit: 1 << 20),
      let origin = try? JSONDecoder().decode(ModelOrigin.self, from: Data(bytes))
    else { return nil }
    self = origin
  }

  func write(to directory: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(self)), to: "\(directory)/\(ModelOrigin.fileName)")
  }

  /// The published files that somebody changed or removed, sorted.
  func changedFiles(in directory: String) -> [String] {
    files.filter { (try? FileSums(contentsOf: "\(directory)/\($0.key)"))?.sha256 != $0.value }.map(\.key).sorted()
  }
}
