import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import Foundation

/// A prototxt taken through the stages of the pipeline.
enum Stages {
  static func definition(_ text: String, name: String = "net.prototxt") throws(Diagnostics) -> NetDefinition {
    try NetDefinition(SourceFile(name: name, text: text), schema: LayerRegistry.standard.schema)
  }

  static func graph(_ text: String, _ state: NetState = NetState(phase: .TRAIN)) throws(Diagnostics) -> NetGraph {
    try NetGraph(definition(text), state: state, registry: .standard)
  }

  static func shaped(
    _ text: String, _ state: NetState = NetState(phase: .TRAIN), inputs: [String: Shape]? = nil, seeds: Set<String> = []
  ) throws(Diagnostics) -> ShapedGraph {
    try ShapedGraph(graph(text, state), registry: .standard, inputs: inputs, gradientsInto: seeds)
  }

  /// The first line of every diagnostic the text ends in; of a sound net none.
  static func mistakes(_ text: String, phase: Phase = .TRAIN) -> [String] {
    do throws(Diagnostics) {
      _ = try shaped(text, NetState(phase: phase))
      return []
    } catch {
      return error.map { $0.description.split(separator: "\n").first.map(String.init) ?? "" }
    }
  }
}

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

  static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}
