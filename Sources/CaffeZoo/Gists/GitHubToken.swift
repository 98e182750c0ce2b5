import Foundation

/// Where the token for GitHub comes from.
public enum GitHubToken {
  /// `GITHUB_TOKEN` or `GH_TOKEN`, else what `gh auth token` says; nil where nobody is logged in.
  public static func find(environment: [String: String]) -> String? {
    for name in ["GITHUB_TOKEN", "GH_TOKEN"] {
      if let token = environment[name], isPlausible(token) { return token }
    }
    return ask("gh", environment: environment).flatMap { isPlausible($0) ? $0 : nil }
  }

  private static func isPlausible(_ token: String) -> Bool {
    !token.isEmpty && token.utf8.count < 1_000 && token.unicodeScalars.allSatisfy { $0.value > 32 && $0.value < 127 }
  }

  private static func ask(_ program: String, environment: [String: String]) -> String? {
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    guard let path = folders.map({ "\($0)/\(program)" }).first(where: FileManager.default.isExecutableFile) else { return nil }
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(filePath: path)
    process.arguments = ["auth", "token"]
    process.environment = environment
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let bytes = (try? output.fileHandleForReading.read(upToCount: 1_000)) ?? Data()
    process.waitUntilExit()
    return process.terminationStatus == 0
      ? String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) : nil
  }
}
