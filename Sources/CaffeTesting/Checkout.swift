import Foundation

/// Files that tests read: those of the checkout that holds the test, and those of the folder `shared` that may lie
/// beside it with Caffe's own results.
public struct Checkout: Sendable {
  /// The root: the folder with `Package.swift`.
  public let path: String

  /// The checkout of a source file.
  ///
  /// - Parameter file: the file that asks.
  public init(of file: String = #filePath) {
    var folder = URL(filePath: file).resolvingSymlinksInPath().deletingLastPathComponent()
    while folder.path != "/", !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
      folder = folder.deletingLastPathComponent()
    }
    path = folder.path
  }

  /// The folder beside the checkout, without a final `/`; nil where there is none.
  public var shared: String? {
    let folder = URL(filePath: path).deletingLastPathComponent().appending(path: "shared").path
    return FileManager.default.fileExists(atPath: folder + "/conformance") ? folder : nil
  }

  /// Why a test that needs `shared` is skipped.
  public static let sharedReason = "the folder \"shared\" with Caffe's own results does not lie beside this checkout"
}

/// A folder for a test's files, removed with everything in it when nobody holds it any more.
public final class TemporaryFolder: Sendable {
  /// The folder, without a final `/`.
  public let path: String

  /// - Throws: when the folder cannot be made.
  public init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "caffe-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  public func file(_ name: String) -> String { "\(path)/\(name)" }
}
