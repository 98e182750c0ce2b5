import CaffeGraph

/// Lets a convolution, an inner product or a Scale apply the ReLU behind it as it writes its output.
enum FuseReLU: Pass {
  static let name = "fuse-relu"
  static let summary = "ReLU is computed where its input is made"

  static func run(_ program: inout Program) {
    guard program.purpose == .inference else { return }
    let reads = program.readCounts
    var index = 0
    while index < program.operations.count {
      if let maker = maker(of: program.operations[index], in: program, reads),
        case .relu(let slope)? = program.operations[index].signature.primitive
      {
        let relu = program.operations.remove(at: index)
        program.operations[maker].relu = slope
        program.operations[maker].outputs = relu.outputs
        program.operations[maker].names += relu.names
      } else {
        index += 1
      }
    }
  }

  /// The operation whose only output is this ReLU's input and nobody else's business.
  private static func maker(of relu: Program.Operation, in program: Program, _ reads: [Int: Int]) -> Int? {
    guard case .relu? = relu.signature.primitive, program.isPrivate(relu.inputs[0], readCounts: reads),
      let maker = program.operations.firstIndex(where: { $0.outputs == [relu.inputs[0]] }), program.operations[maker].relu == nil
    else { return nil }
    switch program.operations[maker].signature.primitive {
    case .convolution, .innerProduct, .scaleChannels: return maker
    default: return nil
    }
  }
}
