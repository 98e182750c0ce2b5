import CaffeCore

/// Whether a model's directory holds what was published.
public struct ModelIntegrity: Sendable {
  /// What is not as it was published, in sentences.
  public private(set) var problems: [String] = []
  /// What was compared and found right.
  public private(set) var checked: [String] = []

  /// Compares the weights with the readme's checksums, and the files of a pulled model with those that came.
  ///
  /// - Throws: `ZooError` when there is no readme or it names no weights; `FileError`.
  public init(_ directory: String) throws {
    guard let readme = ModelStore.readme(in: directory) else {
      throw ZooError("\(directory) has no readme.md", advice: "a model's directory has one; caffe zoo new writes it")
    }
    let weights = ModelOrigin.weights(of: directory, readme)
    guard !weights.isEmpty else { throw readme.withoutWeights }
    for file in weights { try compare(file, in: directory) }
    guard let origin = ModelOrigin(of: directory) else { return }
    let changed = origin.changedFiles(in: directory)
    problems += changed.map { "\(TerminalText.line($0)) is not as it came (\(TerminalText.line(origin.source)))" }
    if changed.isEmpty { checked.append("the files are as they came (\(TerminalText.line(origin.source)))") }
  }

  private mutating func compare(_ file: PublishedWeights, in directory: String) throws {
    let name = try FileName(file.file, in: "caffemodel")
    guard Folder.fileSize("\(directory)/\(name)") != nil else {
      problems.append("\(name) is not here; caffe zoo download \(directory) fetches it")
      return
    }
    let sums = try FileSums(contentsOf: "\(directory)/\(name)")
    if let mismatch = sums.mismatch(with: file) {
      problems.append("\(name) \(mismatch)")
    } else if file.sha256 != nil || file.sha1 != nil {
      checked.append("\(name) has the published \(file.sha256 != nil ? "SHA-256" : "SHA-1")")
    } else {
      problems.append("\(name) cannot be judged: the readme has no sha1; it is \(sums.sha1)")
    }
  }
}
