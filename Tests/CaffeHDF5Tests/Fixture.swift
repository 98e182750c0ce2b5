import Foundation

/// A directory that is removed with everything in it when the test ends.
final class TemporaryDirectory {
  let path = FileManager.default.temporaryDirectory.appending(path: "caffe-test-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and returns its path.
  func write(_ bytes: Data, to name: String) throws -> String {
    try bytes.write(to: URL(filePath: file(name)))
    return file(name)
  }

  /// The names of all files in it.
  var contents: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path) } }
}

/// The data that lies beside a checkout but not in it.
enum SharedData {
  static let layers = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" } + "/shared/conformance/layers"

  /// Whether it is there; says so when it is not, so that a short run is no surprise.
  static let isPresent: Bool = {
    let isPresent = FileManager.default.isReadableFile(atPath: layers)
    if !isPresent { print("skipping the files written by other programs: \(layers) is not there") }
    return isPresent
  }()
}
