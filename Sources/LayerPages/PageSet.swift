import CaffeGraph
import CaffeLayers
import Foundation

/// The reference pages of all layers.
struct PageSet {
  /// The folder of the pages below the root.
  static let folder = "docs/layers"

  /// The pages of the layers, sorted by type.
  let layers: [LayerPage]
  private let shared: SharedMessages

  /// A page that cannot be written.
  struct Mistake: Error, CustomStringConvertible {
    let description: String
  }

  /// Reads what the pages of the layers of a registry are made from.
  ///
  /// - Parameter root: the folder that holds `Package.swift`.
  /// - Throws: when a source cannot be read.
  init(_ registry: LayerRegistry = .standard, root: URL) throws {
    let comments = try SourceComments(root: root)
    let facts = LayerFacts.all(registry)
    let shared = SharedMessages(facts, registry: registry, comments: comments)
    self.shared = shared
    layers = facts.compactMap { LayerPage($0, comments: comments, shared: shared, registry: registry) }
  }

  /// All pages' texts by file name.
  ///
  /// - Throws: `Mistake` that names the layer whose example is wrong.
  func files() throws -> [String: String] {
    var files = [PageIndex.fileName: PageIndex(layers).text, SharedMessages.fileName: shared.text]
    for page in layers {
      do { files[page.fileName] = try page.text() } catch {
        throw Mistake(description: "the example of \(page.facts.type): \(error)")
      }
    }
    return files
  }

  /// The first line of a page: who wrote it.
  static func mark(_ source: String) -> String { "<!-- Written by `make pages` from Sources/\(source). -->\n\n" }

  /// Writes the pages that are not there as they should be, and removes those of layers that are no more.
  ///
  /// - Returns: how many pages there are.
  /// - Throws: `Mistake`, or when a file cannot be written.
  func write(root: URL) throws -> Int {
    let files = try files()
    let folder = root.appending(path: PageSet.folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasSuffix(".md") {
      if files[name] == nil { try FileManager.default.removeItem(at: folder.appending(path: name)) }
    }
    for (name, text) in files.sorted(by: { $0.key < $1.key }) {
      let file = folder.appending(path: name)
      if (try? String(contentsOf: file, encoding: .utf8)) != text { try Data(text.utf8).write(to: file, options: .atomic) }
    }
    return files.count
  }
}
