import Foundation

/// Files that tests read: those of this checkout, and those of the folder `shared` that may lie beside it.
enum SharedFolder {
  /// The root of this checkout.
  static let checkout = folder(URL(filePath: #filePath).resolvingSymlinksInPath().path, up: 3)

  /// The folder beside the checkout; nil where there is none.
  static let path: String? = {
    let path = folder(checkout, up: 1) + "/shared"
    return FileManager.default.fileExists(atPath: path + "/conformance") ? path : nil
  }()

  /// Why a test is skipped.
  static let reason = "the folder \"shared\" with Caffe's own results does not lie beside this checkout"

  private static func folder(_ path: String, up levels: Int) -> String {
    path.split(separator: "/").dropLast(levels).reduce("") { "\($0)/\($1)" }
  }

  /// The paths of all prototxts under a folder, sorted.
  static func prototxts(under folder: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".prototxt") }.sorted().map { "\(folder)/\($0)" }
  }

  static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }
}
