import CaffeCore
import Foundation

/// Where the token for GitHub comes from.
public enum GitHubToken {
  /// `GITHUB_TOKEN` or `GH_TOKEN`, else what `gh auth token` says; nil where nobody is logged in.
  public static func find(environment: [String: String]) -> String? {
    for name in ["GITHUB_TOKEN", "GH_TOKEN"] {
      if let token = environment[name], isPlausible(token) { return token }
    }
    guard let outcome = try? ChildProgram("gh", environment: environment).run(["auth", "token"]), outcome.status == 0 else { return nil }
    let token = String(decoding: outcome.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return isPlausible(token) ? token : nil
  }

  private static func isPlausible(_ token: String) -> Bool {
    !token.isEmpty && token.utf8.count < 1_000 && token.unicodeScalars.allSatisfy { $0.value > 32 && $0.value < 127 }
  }
}
