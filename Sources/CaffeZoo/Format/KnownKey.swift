/// The keys of the front matter.
enum KnownKey: String, CaseIterable, Sendable {
  case name
  case task
  case authors
  case caffemodel
  case caffemodelURL = "caffemodel_url"
  case mirrors
  case sha1
  case sha256
  case size
  case moreWeights = "more_weights"
  case license
  case caffeCommit = "caffe_commit"
  case caffeVersion = "caffe_version"
  case gistID = "gist_id"
  case gistRevision = "gist_revision"
  case preprocessing
  case labels
  case metrics
  case verify

  /// Those of Caffe's own zoo, by which front matter without its marks is recognised.
  static let caffe: Set<KnownKey> = [
    .name, .caffemodel, .caffemodelURL, .license, .sha1, .caffeCommit, .caffeVersion, .gistID,
  ]

  /// Those that tell about a file of weights.
  static let ofWeights: Set<KnownKey> = [.caffemodel, .caffemodelURL, .mirrors, .sha1, .sha256, .size]

  private static let otherSpellings: [String: KnownKey] = [
    "licence": .license, "gistid": .gistID, "gist": .gistID, "author": .authors, "sha_1": .sha1, "sha_256": .sha256,
    "caffe_model": .caffemodel, "caffe_model_url": .caffemodelURL, "caffemodelurl": .caffemodelURL, "model_name": .name,
    "caffemodel_sha1": .sha1, "caffemodel_sha256": .sha256, "caffemodel_size": .size, "caffemodel_mirrors": .mirrors,
    "label": .labels, "metric": .metrics, "mirror": .mirrors,
  ]

  /// The key meant by a word, whatever its case, with blanks and hyphens for underscores, or in another spelling.
  init?(spelled word: String) {
    let plain = String(word.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    guard let key = KnownKey(rawValue: plain) ?? KnownKey.otherSpellings[plain] else { return nil }
    self = key
  }

  /// A key of weights with a number or a word that tells several files apart: `sha1_2`, `caffemodel_url_fc`,
  /// `caffemodel_2_url`.
  static func numbered(_ word: String) -> (key: KnownKey, suffix: String)? {
    let plain = String(word.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
    for key in [KnownKey.caffemodelURL, .sha256, .sha1, .mirrors, .size, .caffemodel] where plain.hasPrefix(key.rawValue) {
      let rest = plain.dropFirst(key.rawValue.count)
      let suffix = rest.drop { $0 == "_" }
      guard !suffix.isEmpty, rest.first == "_" || suffix.allSatisfy(\.isNumber) else { continue }
      guard key == .caffemodel, let last = suffix.split(separator: "_").last.map(String.init) else {
        return (key, String(suffix))
      }
      let inner = ["url": KnownKey.caffemodelURL, "sha1": .sha1, "sha256": .sha256, "size": .size, "mirrors": .mirrors][last]
      return inner.map { ($0, String(suffix.dropLast(last.count + 1))) } ?? (key, String(suffix))
    }
    return nil
  }
}
