import CaffeCore
import Foundation

/// The models inside this program: their directories without the large weights.
public enum BundledModels {
  /// Their names, sorted.
  public static var names: [String] { Set(EmbeddedModels.files.compactMap { place("\($0.path)")?.model }).sorted() }

  /// A model's directory; nil when there is none of that name.
  public static func model(named name: String) -> FetchedModel? {
    var files: [FileName: [UInt8]] = [:]
    for file in EmbeddedModels.files {
      guard let place = place("\(file.path)"), place.model == name, let key = try? FileName(place.file, in: "the program") else {
        continue
      }
      files[key] = bytes(of: file.base64)
    }
    return files.isEmpty ? nil : FetchedModel(files: files, source: .bundled(name))
  }

  /// A file of the `models` directory by its path.
  static func file(_ path: String) -> [UInt8]? {
    EmbeddedModels.files.first { "\($0.path)" == path }.map { bytes(of: $0.base64) }
  }

  private static func place(_ path: String) -> (model: String, file: String)? {
    let parts = path.split(separator: "/")
    return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
  }

  private static func bytes(of base64: StaticString) -> [UInt8] {
    base64.withUTF8Buffer { Data(base64Encoded: Data($0)).map { Array($0) } ?? [] }
  }
}

/// The index inside this program, which lists `BundledModels`.
public enum BundledIndex {
  /// The index; a test makes sure that it can be read.
  public static let index: ZooIndex = {
    let file = SourceFile(name: "models/index.yaml", bytes: BundledModels.file("index.yaml") ?? [])
    return (try? IndexReader.read(file).index) ?? ZooIndex()
  }()
}
