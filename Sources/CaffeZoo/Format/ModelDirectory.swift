import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files of a model's directory, by what they are for. Subdirectories are not looked into, and links that lead out of
/// the directory are not followed.
public struct ModelDirectory: Sendable {
  /// What a file is for, by its name.
  public enum Kind: String, Sendable {
    case readme
    /// The net for use.
    case deploy
    /// The net for training and validation.
    case training
    case solver
    /// Another prototxt.
    case prototxt
    case weights
    case labels
    case mean
    case licence
    case picture
    case other
  }

  /// A regular file, or a link to one in the same directory.
  public struct File: Sendable {
    public let name: FileName
    public let kind: Kind
    /// In bytes.
    public let size: Int
  }

  /// More files than this are no model's.
  public static let maximumFiles = 10_000

  public let path: String
  /// Sorted by name.
  public let files: [File]
  /// What is in the directory and is not read: links that lead elsewhere, names that are not safe.
  public let problems: Diagnostics

  /// - Throws: `FileError` when the directory cannot be read or holds more than 10,000 entries.
  public init(_ path: String) throws(FileError) {
    // What completion in a shell adds would show in every message.
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    self.path = path
    var files: [File] = []
    var problems = Diagnostics()
    for name in try ModelDirectory.entries(path) where !name.hasPrefix(".") {
      do throws(ZooError) {
        if let file = try ModelDirectory.file(name, in: path) { files.append(file) }
      } catch { problems.append(Diagnostic(error.message, hint: error.advice, severity: .warning)) }
    }
    self.files = files.sorted { $0.name.description < $1.name.description }
    self.problems = problems
  }

  /// The files for a purpose.
  public func files(_ kind: Kind) -> [File] { files.filter { $0.kind == kind } }

  /// The file of that name; nil when there is none.
  public subscript(name: String) -> File? { files.first { $0.name.description == name } }

  /// Where a file lies.
  public func path(of file: File) -> String { "\(path)/\(file.name)" }

  /// The readme, `readme.md` in any case.
  public var readme: File? { files(.readme).first }

  /// The net for use: `deploy.prototxt` where there are several.
  public var deploy: File? { preferred(.deploy, "deploy.prototxt") }

  /// The net for training: `train_val.prototxt` where there are several.
  public var training: File? { preferred(.training, "train_val.prototxt") }

  private func preferred(_ kind: Kind, _ name: String) -> File? {
    let all = files(kind)
    return all.first { $0.name.description == name } ?? all.first
  }

  // MARK: Reading

  private static func entries(_ path: String) throws(FileError) -> [String] {
    guard let handle = opendir(path) else { throw FileError(path: path, operation: "read the directory") }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      guard names.count <= maximumFiles else {
        throw FileError(path: path, operation: "read a directory of more than \(maximumFiles) files", code: EFBIG)
      }
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
        })
    }
    return names
  }

  /// - Returns: nil for what is no file.
  private static func file(_ text: String, in directory: String) throws(ZooError) -> File? {
    let name = try FileName(text, in: directory)
    let path = "\(directory)/\(name)"
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    if status.st_mode & S_IFMT == S_IFLNK {
      guard let target = realPath(path), let home = realPath(directory), target.hasPrefix(home + "/"), stat(path, &status) == 0
      else {
        throw ZooError("\(path) is a link that leads out of the directory; it is left out", advice: "put the file itself there")
      }
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    return File(name: name, kind: kind(of: text), size: Int(status.st_size))
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// What a file of that name is for.
  public static func kind(of name: String) -> Kind {
    let word = name.lowercased()
    func ends(_ endings: String...) -> Bool { endings.contains(where: word.hasSuffix) }
    if word == "readme.md" { return .readme }
    if ends(".prototxt", ".pbtxt") {
      if word.contains("solver") { return .solver }
      return word.contains("deploy") ? .deploy : word.contains("train") ? .training : .prototxt
    }
    if ends(".caffemodel", ".caffemodel.h5") { return .weights }
    if ends(".binaryproto") { return .mean }
    if ["labels.txt", "synset_words.txt", "det_synset_words.txt"].contains(word) || word.hasPrefix("labels.") { return .labels }
    if ["license", "licence", "copying"].contains(where: word.hasPrefix) { return .licence }
    return ends(".jpg", ".jpeg", ".png") ? .picture : .other
  }
}
