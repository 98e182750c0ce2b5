import CaffeCore
import Foundation

/// Where the token for GitHub comes from.
public enum GitHubToken {
  /// `GITHUB_TOKEN` or `GH_TOKEN`.
  public static func given(_ environment: [String: String]) -> String? {
    ["GITHUB_TOKEN", "GH_TOKEN"].lazy.compactMap { environment[$0] }.first(where: isPlausible)
  }

  /// What `gh auth token` says; nil where nobody is logged in.
  public static func asked(_ environment: [String: String]) -> String? {
    guard let outcome = try? ChildProgram("gh", environment: environment).run(["auth", "token"]), outcome.status == 0 else {
      return nil
    }
    let token = String(decoding: outcome.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return isPlausible(token) ? token : nil
  }

  private static func isPlausible(_ token: String) -> Bool {
    !token.isEmpty && token.utf8.count < 1_000 && token.unicodeScalars.allSatisfy { $0.value > 32 && $0.value < 127 }
  }
}
