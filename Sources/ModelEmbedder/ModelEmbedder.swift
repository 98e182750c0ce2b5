import Foundation

/// Writes a Swift file that holds the files of `models`: the index and, of each model, its small files.
///
/// Called by the plugin EmbedModels as `ModelEmbedder MODELS OUTPUT`.
@main
enum ModelEmbedder {
  /// Larger files, weights for most, are fetched when they are needed.
  private static let largestFile = 4 << 20

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else { throw CocoaError(.fileReadUnknown) }
    let models = URL(filePath: arguments[1], directoryHint: .isDirectory)
    let paths = try FileManager.default.subpathsOfDirectory(atPath: models.path).sorted().filter(isEmbedded)
    let lines = try paths.compactMap { try line($0, in: models) }
    let text = """
      // Written by ModelEmbedder at build time.

      enum EmbeddedModels {
        /// Paths below `models` and the files' bytes in base64.
        static let files: [(path: StaticString, base64: StaticString)] = [
      \(lines.joined(separator: "\n"))
        ]
      }

      """
    try Data(text.utf8).write(to: URL(filePath: arguments[2]), options: .atomic)
  }

  /// `index.yaml` and `MODEL/FILE`; no hidden files, no deeper directories.
  private static func isEmbedded(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    return parts.allSatisfy { !$0.hasPrefix(".") } && (path == "index.yaml" || parts.count == 2)
  }

  private static func line(_ path: String, in models: URL) throws -> String? {
    let values = try models.appending(path: path).resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
    guard values.isRegularFile == true, let size = values.fileSize, size <= largestFile else { return nil }
    let bytes = try Data(contentsOf: models.appending(path: path))
    return "    (\"\(path)\", \"\(bytes.base64EncodedString())\"),"
  }
}
