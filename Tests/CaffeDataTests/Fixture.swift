import CaffeData
import Foundation
import Synchronization

/// A directory that is removed with everything in it when the test ends.
final class TemporaryDirectory {
  let path = FileManager.default.temporaryDirectory.appending(path: "caffe-test-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and returns its path.
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: file(name)))
    return file(name)
  }
}

/// The data that lies beside a checkout but not in it.
enum SharedData {
  static let root = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" } + "/shared"
  static let conformance = root + "/conformance/data"

  /// Whether it is there; says so when it is not, so that a short run is no surprise.
  static let isPresent: Bool = {
    let isPresent = access(conformance, R_OK) == 0
    if !isPresent { print("skipping the comparisons with Caffe's own results: \(conformance) is not there") }
    return isPresent
  }()
}

extension Image {
  /// A colour picture with a different value almost everywhere.
  static func pattern(width: Int, height: Int, channels: Int = 3) throws -> Image {
    let pixels = (0..<width * height * channels).map { UInt8(truncatingIfNeeded: $0 &* 37 ^ $0 >> 3) }
    return try Image(width: width, height: height, channels: channels, pixels: pixels)
  }

  /// A smooth colour picture, which JPEG keeps well.
  static func gradient(width: Int, height: Int) throws -> Image {
    let pixels = (0..<width * height).flatMap { index -> [UInt8] in
      let x = index % width * 255 / width
      let y = index / width * 255 / height
      return [UInt8(x), UInt8(y), UInt8((x + y) / 2)]
    }
    return try Image(width: width, height: height, channels: 3, pixels: pixels)
  }
}

/// Lines that a source tells.
final class Notes: Sendable {
  private let kept = Mutex<[String]>([])

  var lines: [String] { kept.withLock { $0 } }

  func add(_ line: String) { kept.withLock { $0.append(line) } }
}
