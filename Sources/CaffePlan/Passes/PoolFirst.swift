import CaffeGraph

/// Lets a max pooling run before the ReLU in front of it: the largest of a window is the same one, there are fewer values to rectify, and
/// training need not keep the large blob for ReLU's backward pass. Gradients are the same: a window's goes to its largest value, times the
/// slope where that is below 0.
enum PoolFirst: Pass {
  static let name = "pool-first"
  static let summary = "ReLU runs behind the max pooling that reads it"

  static func run(_ program: inout Program) {
    // Later levels take their operations from the graph as it is.
    guard program.levels.allSatisfy({ $0 == 0 }) else { return }
    let reads = program.readCounts
    for index in program.operations.indices {
      guard case .relu? = program.operations[index].signature.primitive,
        let pooling = pooling(behind: program.operations[index], in: program, reads)
      else { continue }
      program.move(index, behind: pooling)
    }
  }

  /// The max pooling that reads a ReLU's output, if that is nobody else's business.
  private static func pooling(behind relu: Program.Operation, in program: Program, _ reads: [Int: Int]) -> Int? {
    guard program.isPrivate(relu.outputs[0], readCounts: reads),
      let index = program.operations.firstIndex(where: { $0.inputs == relu.outputs })
    else { return nil }
    let operation = program.operations[index]
    guard case .pooling(let geometry)? = operation.signature.primitive, geometry.method == .max, operation.outputs.count == 1,
      program.graph.nodes[operation.node].lossWeights == [0]
    else { return nil }
    return index
  }
}
