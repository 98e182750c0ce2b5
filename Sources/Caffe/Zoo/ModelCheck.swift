import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeZoo

/// Everything that is wrong with a model's directory, or missing from it, before it is published: `caffe zoo check`.
///
/// Weights and data that are not here are no mistake; what can be told without them is checked.
public struct ModelCheck: Sendable {
  public let directory: ModelDirectory
  let options: NetOptions

  /// - Throws: `FileError` when the directory cannot be read.
  public init(_ path: String, options: NetOptions = NetOptions()) throws(FileError) {
    directory = try ModelDirectory(path)
    self.options = options
  }

  /// Errors, warnings and notes; the weights, where they are here, are read once.
  public func problems() -> Diagnostics {
    var problems = directory.problems
    guard let readme = readme(&problems) else {
      problems.append(contentsOf: NetsCheck(directory, options: options).problems)
      return problems
    }
    problems.append(contentsOf: readme.problems)
    problems.append(contentsOf: FrontMatterCheck(readme, directory).problems)
    problems.append(contentsOf: ReadmeTextCheck(readme, directory).problems)
    let nets = NetsCheck(directory, options: options)
    problems.append(contentsOf: nets.problems)
    problems.append(contentsOf: WeightsCheck(readme, directory, deploy: nets.deploy).problems)
    problems.append(contentsOf: PreprocessingCheck(readme, directory, nets).problems)
    problems.append(contentsOf: AnswersCheck(readme, directory, deploy: nets.deploy).problems)
    return problems
  }

  /// Classifies each input that the readme's `verify` names and compares the answers. Empty when all are as they should be.
  public func verification() -> Diagnostics {
    var problems = Diagnostics()
    guard let readme = readme(&problems) else { return problems }
    problems.append(contentsOf: Verification(readme, directory, options: options).problems())
    return problems
  }

  private func readme(_ problems: inout Diagnostics) -> Readme? {
    guard let file = directory.readme else {
      problems.append(
        Diagnostic("\(directory.path) has no readme.md", hint: "write one, or begin with `caffe zoo new`, which writes it"))
      return nil
    }
    do throws(FileError) { return try Readme(contentsOf: directory.path(of: file)) } catch {
      problems.append(Diagnostic("\(error)"))
      return nil
    }
  }
}

extension Readme {
  /// A problem with a key's value.
  func problem(
    _ message: String, of key: String, hint: String? = nil, severity: Diagnostic.Severity = .error
  ) -> Diagnostic {
    Diagnostic(message, at: location(of: key), hint: hint, severity: severity)
  }
}
