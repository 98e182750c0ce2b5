import CaffeCore
import CaffeFormat
import CaffeGraph

/// Turns the fates of a net's layers into changes to its text.
struct DeployWriter {
  let graph: NetGraph
  let plan: DeployPlan
  let inputShapes: [String: Shape]
  let batchSize: Int

  /// Fields that choose among phases, which a net for use has done.
  private static let rules = ["include", "exclude", "phase"]

  /// A change for each layer of the net's file, those of other phases included.
  func changes() -> [NetText.Change] {
    var fates = plan.fates[...]
    var changes: [NetText.Change] = []
    for (place, layer) in graph.definition.layers.enumerated() {
      guard layer.takesPart(in: graph.state), let fate = fates.popFirst() else {
        changes.append(plan.added[place].map { .replaced(by: $0.message(layer.message.schema)) } ?? .removed)
        continue
      }
      switch fate {
      case .kept: changes.append(.without(DeployWriter.rules))
      case .dropped: changes.append(.removed)
      case .input(let tops): changes.append(.replaced(by: input(tops, for: layer)))
      case .prediction(let prediction): changes.append(.replaced(by: prediction.message(layer.message.schema)))
      }
    }
    return changes
  }

  private func input(_ tops: [(blob: String, shape: Shape)], for layer: LayerDefinition) -> Message {
    var message = Message(layer.message.schema)
    message.append("name", .string(tops.count == 1 ? tops[0].blob : layer.name))
    message.append("type", .string("Input"))
    for top in tops { message.append("top", .string(top.blob)) }
    let shapes = tops.map { shape($0, of: layer) }
    message.modify("input_param") { parameter in
      for dims in shapes { parameter.append("shape", .message(BlobShape(dims).message)) }
    }
    return message
  }

  /// Rows of HDF5 files have the shape the net was made for, time first in some; all other data is batched along the first axis.
  private func shape(_ top: (blob: String, shape: Shape), of layer: LayerDefinition) -> [Int] {
    if let given = inputShapes[top.blob] { return given.dims }
    var dims = top.shape.dims
    if !dims.isEmpty, layer.type != "HDF5Data" { dims[0] = batchSize }
    return dims
  }
}

extension BlobShape {
  init(_ dims: [Int]) {
    self.init()
    dim = dims
  }
}
