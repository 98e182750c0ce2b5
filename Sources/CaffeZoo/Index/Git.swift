import CaffeCore
import Foundation

/// The `git` program, run for repositories that somebody else filled: no shell, no prompts, no hooks, no protocols that
/// run programs.
struct Git: Sendable {
  private var program: ChildProgram

  /// - Parameter environment: of the calling process; what in it would lead git elsewhere is left out.
  /// - Throws: `ZooError` when git is not installed.
  init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(ZooError) {
    do { program = try ChildProgram("git", environment: Git.environment(environment)) } catch {
      throw ZooError("git is not installed", advice: "install it: an index lives in a git repository")
    }
    program.seconds = 300
    program.outputLimit = 64 << 20
  }

  /// Variables of git's that stay: who commits, how to reach servers.
  private static let kept = [
    "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE",
    "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_SSL_CAINFO", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM",
  ]

  private static func environment(_ own: [String: String]) -> [String: String] {
    var result = own.filter { !$0.key.hasPrefix("GIT_") || kept.contains($0.key) }
    result["GIT_TERMINAL_PROMPT"] = "0"
    result["GIT_ALLOW_PROTOCOL"] = "https:http:ssh:git:file"
    result["GIT_LFS_SKIP_SMUDGE"] = "1"
    if result["GIT_SSH_COMMAND"] == nil, result["GIT_SSH"] == nil { result["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes" }
    result["LC_ALL"] = "C"
    return result
  }

  private static let settings = [
    "protocol.ext.allow=never", "core.hooksPath=/dev/null", "core.fsmonitor=false", "submodule.recurse=false",
    "commit.gpgSign=false", "core.autocrlf=false", "gc.auto=0", "advice.detachedHead=false",
  ].flatMap { ["-c", $0] }

  /// How a run ended.
  struct Outcome {
    let isSuccess: Bool
    let output: [UInt8]
    /// What git said of it, fit to be shown.
    let words: String

    /// The output as one line of text.
    var line: String { String(decoding: output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
  }

  /// Runs git whatever comes of it.
  ///
  /// - Throws: `ZooError` when it did not end by itself.
  func attempt(_ arguments: [String], in directory: String?) throws(ZooError) -> Outcome {
    do {
      let outcome = try program.run(Git.settings + arguments, in: directory)
      return Outcome(isSuccess: outcome.status == 0, output: outcome.output, words: Git.words(outcome.errors))
    } catch { throw ZooError("git \(arguments.first ?? ""): \(Git.reason(error))") }
  }

  /// Runs git.
  ///
  /// - Throws: `ZooError` with git's own words when it fails.
  @discardableResult
  func run(_ arguments: [String], in directory: String?) throws(ZooError) -> Outcome {
    let outcome = try attempt(arguments, in: directory)
    guard outcome.isSuccess else { throw Git.failure(arguments.first ?? "", outcome.words) }
    return outcome
  }

  /// What to do about the failures that people meet.
  static func failure(_ verb: String, _ words: String) -> ZooError {
    let advice: String? =
      if words.contains("tell me who you are") || words.contains("empty ident name") || words.contains("auto-detect email") {
        "tell git who you are: git config --global user.name NAME, git config --global user.email ADDRESS"
      } else if words.contains("Could not resolve host") || words.contains("unable to access") {
        "check the address and the network"
      } else if words.contains("terminal prompts disabled") || words.contains("Authentication failed")
        || words.contains("Permission denied")
      {
        "git needs to be able to log in without asking: set up a credential helper, a token or an SSH key"
      } else {
        nil
      }
    return ZooError("git \(verb) failed: \(words.isEmpty ? "it gave no reason" : words)", advice: advice)
  }

  private static func reason(_ failure: ChildProgram.Failure) -> String {
    switch failure {
    case .notInstalled(let name): "\(name) is not installed"
    case .notStarted(let reason): "it could not be started: \(reason)"
    case .tooSlow(let seconds): "it was stopped after \(seconds) seconds"
    case .tooMuchOutput(let bytes): "it was stopped after writing \(NumberText.megabytes(bytes))"
    }
  }

  /// The lines that give reasons, at most 12, without hints, progress and passwords.
  private static func words(_ errors: [UInt8]) -> String {
    let lines = String(decoding: errors.suffix(8000), as: UTF8.self).split(whereSeparator: \.isNewline).map {
      RepositoryAddress.withoutPassword(TerminalText.line(String($0), limit: 300)).trimmingCharacters(in: .whitespaces)
    }
    return lines.filter { !$0.isEmpty && !$0.hasPrefix("hint:") && !$0.hasPrefix("Cloning into") }.prefix(12).joined(
      separator: "\n")
  }
}
