import CaffeCore
import Foundation

/// A small binary file, a picture for one, as a gist can hold it: in base64 (RFC 4648), under its name with `.base64` behind it.
struct TextPackedFile {
  private static let ending = ".base64"
  /// Bytes of the file; in base64 it is then below the megabyte that GitHub's API gives at once.
  private static let limit = 700 << 10

  let name: String
  let text: String

  /// Packs a file; nil when it is too large.
  init?(name: String, bytes: [UInt8]) {
    guard bytes.count <= TextPackedFile.limit else { return nil }
    self.name = name + TextPackedFile.ending
    text = Data(bytes).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed]) + "\n"
  }

  /// The files with packed ones unpacked; what only looks like one stays as it is.
  static func unpacked(_ files: [FileName: [UInt8]]) throws(ZooError) -> [FileName: [UInt8]] {
    var result = files
    for (name, bytes) in files where name.description.hasSuffix(ending) {
      guard let content = Data(base64Encoded: Data(bytes), options: .ignoreUnknownCharacters), !content.isEmpty,
        let packed = TextPackedFile(name: "", bytes: Array(content)), Array(packed.text.utf8) == bytes
      else { continue }
      let plain = try FileName(String(name.description.dropLast(ending.count)), in: "the gist")
      guard files[plain] == nil else { continue }
      result[name] = nil
      result[plain] = Array(content)
    }
    return result
  }
}
