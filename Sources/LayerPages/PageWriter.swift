import Foundation

/// Writes the reference pages of the layers: `swift run LayerPages`, from the folder that holds `Package.swift`.
@main
enum PageWriter {
  static func main() {
    do {
      let root = URL(filePath: FileManager.default.currentDirectoryPath, directoryHint: .isDirectory)
      let count = try PageSet(root: root).write(root: root)
      print("\(count) pages in \(PageSet.folder)")
    } catch {
      FileHandle.standardError.write(Data("LayerPages: \(error)\n".utf8))
      exit(1)
    }
  }
}
