import CaffeCore
import CaffeZoo
import Foundation

/// Entries and indexes that tests begin with.
enum IndexSamples {
  static func entry(_ name: String, _ change: (inout IndexEntry) -> Void = { _ in }) -> IndexEntry {
    let gist = GistReference(
      id: "0123456789abcdef0123456789abcdef", owner: "ada", revision: String(repeating: "1", count: 40))
    var entry = IndexEntry(name: name, title: "Model \(name)", source: .gist(gist))
    entry.task = "classification"
    entry.authors = ["Ada Lovelace", "Charles: Babbage"]
    entry.license = "BSD-2-Clause"
    entry.summary = "Tells cats from dogs: \"well\", says #1."
    var weights = PublishedWeights(
      file: "\(name).caffemodel", url: "https://example.org/\(name).caffemodel?a=1&b=2", sha1: String(repeating: "a", count: 40))
    weights.mirrors = ["http://mirror.example.org/m"]
    weights.sha256 = String(repeating: "0", count: 64)
    weights.size = 123_456_789
    entry.weights = [weights]
    entry.metrics = [PublishedMetric(name: "top-1", value: "57.4 %"), PublishedMetric(name: "loss", value: "1e-3")]
    entry.added = IndexEntry.Addition(by: "Ada", on: "2026-02-28")
    change(&entry)
    return entry
  }

  static func index(_ entries: [IndexEntry]) -> ZooIndex { ZooIndex(title: "Cats: a zoo", entries: entries) }

  static func read(_ text: String) throws -> IndexReader.Result {
    try IndexReader.read(SourceFile(name: "index.yaml", text: text))
  }

  /// What reading a text complains of; empty when it does not.
  static func complaints(_ text: String) -> String {
    do { _ = try read(text) } catch let error as Diagnostics { return "\(error)" } catch { return "unexpected: \(error)" }
    return ""
  }
}

/// A folder that goes when the test ends.
final class ScratchFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "caffe-index-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}
