import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeTesting
import Foundation
import Testing

/// The cases of single layers and small nets.
private enum LayerCases {
  static let folder = (Conformance.folder ?? "") + "/layers"
  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

  /// The types of a net's layers that nobody here knows, found without its schema: parameters of theirs are unknown too.
  static func unknownTypes(_ name: String) -> [String] {
    let text = (try? String(contentsOfFile: "\(folder)/\(name)/net.prototxt", encoding: .utf8)) ?? ""
    let types = text.matches(of: /\btype: *"(\w+)"\s*(?:bottom|top|\n)/).map { String($0.output.1) }
    return types.filter { LayerRegistry.standard[$0] == nil }
  }

  static let known = names.filter { unknownTypes($0).isEmpty }
  static let missing = Set(names.flatMap(unknownTypes)).sorted()
}

@Suite("Layers compute what Caffe computes", .enabled(if: Conformance.folder != nil, "\(Checkout.sharedReason)"))
struct LayerConformanceTests {
  @Test("on either backend, with each pass and without", arguments: LayerCases.known)
  func layer(name: String) throws {
    let folder = "\(LayerCases.folder)/\(name)"
    let weights = "\(folder)/weights.caffemodel"
    let hasWeights = FileManager.default.fileExists(atPath: weights)
    for setting in Conformance.Setting.all {
      let differences = try Conformance.differences(
        "\(folder)/net.prototxt", weights: hasWeights ? weights : nil, values: "\(folder)/case.h5", setting)
      #expect(differences == [], "\(setting.testDescription)")
    }
  }

  @Test("in every case whose layers are known here")
  func coverage() {
    print(
      "conformance: \(LayerCases.known.count) of \(LayerCases.names.count) layer cases run; no such layers yet: "
        + LayerCases.missing.joined(separator: ", "))
    #expect(LayerCases.known.count >= 133)
  }
}

@Suite(
  "Old nets with their old weights compute what Caffe computes",
  .enabled(if: Conformance.folder != nil, "\(Checkout.sharedReason)"))
struct LegacyConformanceTests {
  private static let cases: [(String, String)] = [
    ("v0", "weights_legacy"), ("v0", "weights_v2"), ("v1", "weights_legacy"), ("v1", "weights_v2"), ("inputfields", "weights_v2"),
  ]

  @Test("on either backend, with each pass and without", arguments: cases)
  func net(name: String, weights: String) throws {
    let folder = (Conformance.folder ?? "") + "/legacy/\(name)"
    for setting in Conformance.Setting.all {
      for net in ["net", "upgraded"] {
        let differences = try Conformance.differences(
          "\(folder)/\(net).prototxt", weights: "\(folder)/\(weights).caffemodel", values: "\(folder)/case.h5", setting)
        #expect(differences == [], "\(net), \(setting.testDescription)")
      }
    }
  }
}
