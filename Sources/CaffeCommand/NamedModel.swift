import CaffeCore
import CaffeZoo

/// A model on the command line: a path, or the name of a model of the zoo, which is pulled on first use.
enum NamedModel {
  /// What of a model a verb wants.
  enum Part {
    case directory
    /// The directory without its weights, for which others are given.
    case files
    /// `deploy.prototxt`.
    case deploy
    /// `train_val.prototxt`.
    case training
    /// `solver.prototxt`.
    case solver
    /// The main weights.
    case weights

    var needsWeights: Bool { self == .directory || self == .weights }
  }

  /// The path of a model's part.
  ///
  /// - Parameters:
  ///   - text: a file or a directory, taken as it is; a model's directory where a file is wanted, which gives the file in it; or
  ///     `model` or `index/model`.
  ///   - withWeights: whether the weights will be needed besides.
  /// - Throws: what pulling throws; `ZooError` when there is neither a file nor a model of that name.
  static func path(_ text: String, _ part: Part, withWeights: Bool = false) throws -> String {
    if isModelDirectory(text) { return try path(of: part, in: text, named: text) }
    guard Folder.fileSize(text) == nil, isName(text) else { return text }
    let zoo = try PersonalZoo.make()
    do {
      let directory = try zoo.directory(of: text, withWeights: withWeights || part.needsWeights)
      return try path(of: part, in: directory, named: text)
    } catch let error as ZooError where error.message.hasPrefix("no index lists") {
      throw ZooError("\(text): there is no such file, and no index lists a model of that name", advice: error.advice)
    }
  }

  /// The weights to use for a net: those that were given, else the named model's own.
  static func weights(_ given: String?, for model: String) throws -> String? {
    if let given { return try path(given, .weights) }
    let isModel = isModelDirectory(model) || (Folder.fileSize(model) == nil && isName(model))
    return isModel ? try path(model, .weights) : nil
  }

  /// A directory that merely has a model's name does not hide the model.
  private static func isModelDirectory(_ text: String) -> Bool {
    guard Folder.isThere(text) else { return false }
    return !isName(text)
      || ((try? Folder.names(in: text)) ?? []).contains { $0.lowercased() == "readme.md" || $0.hasSuffix(".prototxt") }
  }

  private static func isName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isFile = [".prototxt", ".caffemodel", ".h5", ".pt", ".txt", ".solverstate"].contains(where: text.hasSuffix)
    return !isFile && parts.count <= 2 && parts.allSatisfy { IndexEntry.isName(String($0)) }
  }

  private static func path(of part: Part, in directory: String, named name: String) throws -> String {
    let file: String
    switch part {
    case .directory, .files: return directory
    case .deploy: file = "deploy.prototxt"
    case .training: file = "train_val.prototxt"
    case .solver: file = "solver.prototxt"
    case .weights: file = try ModelStore.mainWeights(in: directory)
    }
    guard Folder.fileSize("\(directory)/\(file)") != nil else {
      throw ZooError("the model \(TerminalText.line(name)) has no \(file) in \(directory)", advice: "name another file of it")
    }
    return "\(directory)/\(file)"
  }
}
