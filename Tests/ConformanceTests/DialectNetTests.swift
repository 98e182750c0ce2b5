import Caffe
import CaffeCore
import CaffeFormat
import CaffeTesting
import Foundation
import Testing

/// Nets in the words of Caffe's forks, under Tests/DialectNets, after their papers.
private enum DialectNets {
  static let folder = Checkout().path + "/Tests/DialectNets"
  static let names =
    (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(".prototxt") }
    .sorted()

  /// A line of expected.txt: shapes worked out by hand.
  struct Expectation {
    let net: String
    let phase: Phase
    let shapes: [(blob: String, dims: [Int])]

    init?(_ line: Substring) {
      let words = line.split(separator: " ")
      guard words.count > 2 else { return nil }
      net = String(words[0])
      phase = words[1] == "TRAIN" ? .TRAIN : .TEST
      shapes = words.dropFirst(2).compactMap { word in
        let parts = word.split(separator: "=")
        return parts.count == 2 ? (String(parts[0]), parts[1].split(separator: "x").compactMap { Int($0) }) : nil
      }
    }
  }

  static let expectations: [Expectation] = {
    let text = (try? String(contentsOfFile: "\(folder)/expected.txt", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap(Expectation.init)
  }()

  static func summary(_ net: String, _ phase: Phase) throws -> NetSummary {
    var options = NetOptions()
    options.state.phase = phase
    return try NetSummary(NetInspection(path: "\(folder)/\(net)", options: options))
  }
}

@Suite("Nets in the dialects of forks")
struct DialectNetTests {
  @Test("are summed up without their data", arguments: DialectNets.names)
  func summary(net: String) throws {
    let phases = Set(DialectNets.expectations.filter { $0.net == net }.map(\.phase))
    for phase in phases.isEmpty ? [.TRAIN] : phases {
      let summary = try DialectNets.summary(net, phase)
      #expect(!summary.layers.isEmpty)
      // What is not known has its reason among the notes.
      if summary.blobs.values.contains(where: { $0 == nil }) { #expect(!summary.notes.isEmpty) }
    }
  }

  @Test("have the shapes that were worked out by hand")
  func shapes() throws {
    #expect(DialectNets.expectations.count >= 60)
    for expectation in DialectNets.expectations {
      let summary = try DialectNets.summary(expectation.net, expectation.phase)
      for (blob, dims) in expectation.shapes {
        #expect(summary.blobs[blob] == dims, "\(expectation.net), \(expectation.phase): \(blob)")
      }
    }
  }

  @Test("are sixty or more")
  func count() { #expect(DialectNets.names.count >= 60) }
}
