import CaffeCore
import Foundation

/// A model's directory on this machine, read for an index.
public enum ModelDirectory {
  /// Files beyond this are weights, which an index does not need.
  private static let largestFile = 4 << 20
  private static let mostFiles = 300

  /// Reads the top-level files but weights.
  ///
  /// - Throws: `ZooError` when the directory cannot be read or has more than 300 files, `FileError`.
  public static func read(_ path: String) throws -> FetchedModel {
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw ZooError("\(path): the directory cannot be read")
    }
    guard names.count <= mostFiles else {
      throw ZooError("\(path) has more than \(mostFiles) files", advice: "give a model's directory")
    }
    var files: [FileName: [UInt8]] = [:]
    for name in names where !name.hasPrefix(".") && !name.contains(".caffemodel") {
      let file = "\(path)/\(name)"
      let values = try? URL(filePath: file).resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
      guard values?.isRegularFile == true, let size = values?.fileSize, size <= largestFile else { continue }
      files[try FileName(name, in: path)] = try FileBytes.read(file, limit: largestFile)
    }
    return FetchedModel(files: files, source: .directory(path))
  }
}
