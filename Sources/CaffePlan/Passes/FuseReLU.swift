import CaffeGraph

/// Lets a convolution, an inner product or a Scale apply the ReLU behind it as it writes its output.
enum FuseReLU: Pass {
  static let name = "fuse-relu"
  static let summary = "ReLU is computed where its input is made"

  static func run(_ program: inout Program) {
    guard program.purpose == .inference else { return }
    let reads = program.readCounts
    var makers = program.makers
    var absorbed: Set<Int> = []
    for (index, operation) in program.operations.enumerated() {
      guard case .relu(let slope)? = operation.signature.primitive,
        let maker = maker(of: operation, makers, in: program, reads)
      else { continue }
      program.operations[maker].relu = slope
      program.operations[maker].outputs = operation.outputs
      program.operations[maker].names += operation.names
      makers[operation.outputs[0]] = maker
      absorbed.insert(index)
    }
    program.remove(absorbed)
  }

  /// The operation whose only output is this ReLU's input and nobody else's business.
  private static func maker(of relu: Program.Operation, _ makers: [Int: Int], in program: Program, _ reads: [Int: Int]) -> Int? {
    guard program.isPrivate(relu.inputs[0], readCounts: reads), let maker = makers[relu.inputs[0]],
      program.operations[maker].outputs.count == 1, program.operations[maker].relu == nil
    else { return nil }
    switch program.operations[maker].signature.primitive {
    case .convolution, .innerProduct, .scaleChannels: return maker
    default: return nil
    }
  }
}
