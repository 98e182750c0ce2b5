import CaffeGraph

/// Works BatchNorm with stored statistics, and Scale, into the convolution before them.
enum FoldBatchNorm: Pass {
  static let name = "fold-batchnorm"
  static let summary = "BatchNorm and Scale become part of the convolution's weights"

  static func run(_ program: inout Program) {
    guard program.purpose == .inference else { return }
    let reads = program.readCounts
    var index = 0
    while index < program.operations.count {
      if let maker = maker(of: program.operations[index], in: program, reads),
        let folded = fold(program.operations[index], into: program.operations[maker])
      {
        let absorbed = program.operations.remove(at: index)
        program.operations[maker].weights = [.folded(folded, part: .filters), .folded(folded, part: .bias)]
        program.operations[maker].outputs = absorbed.outputs
        program.operations[maker].names += absorbed.names
      } else {
        index += 1
      }
    }
  }

  private static func maker(of operation: Program.Operation, in program: Program, _ reads: [Int: Int]) -> Int? {
    guard let input = operation.inputs.first, operation.inputs.count == 1, program.isPrivate(input, readCounts: reads),
      let maker = program.operations.firstIndex(where: { $0.outputs == [input] }),
      case .convolution? = program.operations[maker].signature.primitive, program.operations[maker].relu == nil
    else { return nil }
    return maker
  }

  private static func fold(_ operation: Program.Operation, into convolution: Program.Operation) -> FoldedConvolution? {
    guard let start = start(convolution) else { return nil }
    let parameters = operation.weights.compactMap { source -> Int? in
      if case .parameter(let index) = source { index } else { nil }
    }
    switch operation.signature.primitive {
    case .normalize(let eps) where start.statistics == nil && start.scale == nil && parameters.count == 3:
      return start.normalized(mean: parameters[0], variance: parameters[1], factor: parameters[2], eps: eps)
    case .scaleChannels where start.scale == nil && !parameters.isEmpty:
      var folded = start
      folded.scale = parameters[0]
      folded.shift = parameters.count > 1 ? parameters[1] : nil
      return folded
    default: return nil
    }
  }

  private static func start(_ convolution: Program.Operation) -> FoldedConvolution? {
    switch convolution.weights.first {
    case .folded(let folded, _)?: return folded
    case .parameter(let filters)?:
      guard case .convolution(let geometry)? = convolution.signature.primitive else { return nil }
      var bias: Int?
      if convolution.weights.count > 1, case .parameter(let index) = convolution.weights[1] { bias = index }
      return FoldedConvolution(filters: filters, bias: bias, outputs: geometry.outputChannels)
    case nil: return nil
    }
  }
}
