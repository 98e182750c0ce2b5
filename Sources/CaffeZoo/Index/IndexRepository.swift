import CaffeCore
import Foundation

/// A git working copy that holds an index.
///
/// What is in it came from others: links are not followed, hooks do not run, and every file is checked when it is read.
public struct IndexRepository: Sendable {
  /// The working copy's directory.
  public let directory: String
  let git: Git
  var folder: IndexFolder { IndexFolder(path: directory) }

  /// The directory of the models' drawings, `NAME.svg` each.
  public static let pictures = "pictures"
  /// The largest drawing that is read.
  private static let largestPicture = 2 << 20
  /// The largest index that is read.
  static let largestIndex = 4 << 20

  /// Opens a working copy.
  ///
  /// - Throws: `ZooError` when the directory is none, or git is not installed.
  public init(opening directory: String, environment: [String: String] = ProcessInfo.processInfo.environment) throws(ZooError) {
    self.directory = directory
    git = try Git(environment: environment)
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory), isDirectory.boolValue else {
      throw ZooError("\(directory): there is no such directory")
    }
    let outcome = try git.attempt(["rev-parse", "--is-inside-work-tree"], in: directory)
    guard outcome.isSuccess, outcome.line == "true" else {
      throw ZooError(
        "\(directory) is no working copy of a git repository",
        advice: "get one with: git clone ADDRESS, and give its directory with --index")
    }
  }

  private init(directory: String, git: Git) {
    self.directory = directory
    self.git = git
  }

  /// Makes a working copy.
  ///
  /// - Parameter isShallow: takes the last commit alone, for a copy that is only read.
  /// - Throws: `ZooError` with git's reason.
  public static func clone(
    _ address: RepositoryAddress, to directory: String, isShallow: Bool = false,
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(ZooError) -> IndexRepository {
    let git = try Git(environment: environment)
    let depth = isShallow ? ["--depth", "1"] : []
    // An absolute path cannot be taken for an option.
    let place = URL(filePath: directory).path(percentEncoded: false)
    try git.run(
      ["clone", "--quiet", "--no-tags", "--single-branch", "--template="] + depth + ["--", address.description, place], in: nil)
    return IndexRepository(directory: place, git: git)
  }

  /// Reads the index of the working copy.
  ///
  /// - Throws: `ZooError` when there is none, `Diagnostics` when it is wrong.
  public func read() throws -> IndexReader.Result { try IndexRepository.read(in: directory) }

  /// Reads the index in a directory, whether git knows the directory or not.
  ///
  /// - Throws: as `read()`.
  public static func read(in directory: String) throws -> IndexReader.Result {
    guard let bytes = try IndexFolder(path: directory).read(ZooIndex.fileName, limit: largestIndex) else {
      throw ZooError(
        "\(directory) has no \(ZooIndex.fileName)", advice: "the first model makes one: caffe zoo index add SOURCE --name NAME")
    }
    return try IndexReader.read(SourceFile(name: "\(directory)/\(ZooIndex.fileName)", bytes: bytes))
  }

  /// Writes the index into a directory.
  ///
  /// - Throws: `ZooError` where a link stands in the way, `FileError`.
  public static func write(_ index: ZooIndex, in directory: String) throws {
    try IndexFolder(path: directory).write(Array(IndexWriter.text(index).utf8), to: ZooIndex.fileName)
  }

  /// A model's drawing.
  ///
  /// - Returns: an SVG picture's bytes; nil where there is none, or something that is no drawing.
  public static func picture(of entry: IndexEntry, in directory: String) -> [UInt8]? {
    let name = "\(pictures)/\(entry.name).svg"
    guard let bytes = try? IndexFolder(path: directory).read(name, limit: largestPicture) else { return nil }
    return bytes.starts(with: Array("<svg".utf8)) ? bytes : nil
  }

  /// Keeps a model's drawing beside the index, or removes it.
  ///
  /// - Throws: `ZooError` where a link stands in the way, `FileError`.
  public static func writePicture(_ svg: [UInt8]?, of entry: IndexEntry, in directory: String) throws {
    let name = "\(pictures)/\(entry.name).svg"
    guard let svg else { return try IndexFolder(path: directory).remove(name) }
    if svg.count <= largestPicture { try IndexFolder(path: directory).write(svg, to: name) }
  }

  /// The address others reach the index by, without a password; nil where there is none.
  public var origin: String? {
    guard let outcome = try? git.attempt(["remote", "get-url", "origin"], in: directory), outcome.isSuccess else { return nil }
    return RepositoryAddress.withoutPassword(outcome.line)
  }

  /// The branch that is checked out.
  func currentBranch() throws(ZooError) -> String {
    let outcome = try git.attempt(["symbolic-ref", "--quiet", "--short", "HEAD"], in: directory)
    guard outcome.isSuccess, !outcome.line.isEmpty, !outcome.line.hasPrefix("-") else {
      throw ZooError("\(directory) is on no branch", advice: "check one out with: git switch BRANCH")
    }
    return outcome.line
  }
}
