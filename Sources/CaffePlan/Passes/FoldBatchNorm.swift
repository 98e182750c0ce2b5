import CaffeGraph

/// Works BatchNorm with stored statistics, and Scale, into the convolution before them; where there is none, a BatchNorm into the Scale
/// behind it.
enum FoldBatchNorm: Pass {
  static let name = "fold-batchnorm"
  static let summary = "BatchNorm and Scale become part of the convolution's weights, or BatchNorm of Scale's"

  static func run(_ program: inout Program) {
    guard program.purpose == .inference else { return }
    let reads = program.readCounts
    var makers = program.makers
    var absorbed: Set<Int> = []
    for (index, operation) in program.operations.enumerated() {
      guard let maker = maker(of: operation, makers, in: program, reads) else { continue }
      if let folded = fold(operation, into: program.operations[maker]) {
        program.operations[maker].weights = [.folded(folded, part: .filters), .folded(folded, part: .bias)]
        program.operations[maker].outputs = operation.outputs
        program.operations[maker].names += operation.names
        makers[operation.outputs[0]] = maker
        absorbed.insert(index)
      } else if let folded = scale(operation, with: program.operations[maker], program) {
        program.operations[index].weights = [.folded(folded, part: .filters), .folded(folded, part: .bias)]
        program.operations[index].inputs = program.operations[maker].inputs
        program.operations[index].names = program.operations[maker].names + operation.names
        absorbed.insert(maker)
      }
    }
    program.remove(absorbed)
  }

  private static func maker(
    of operation: Program.Operation, _ makers: [Int: Int], in program: Program, _ reads: [Int: Int]
  ) -> Int? {
    guard let input = operation.inputs.first, operation.inputs.count == 1, program.isPrivate(input, readCounts: reads),
      let maker = makers[input], program.operations[maker].outputs.count == 1, program.operations[maker].relu == nil
    else { return nil }
    return maker
  }

  private static func fold(_ operation: Program.Operation, into convolution: Program.Operation) -> FoldedAffine? {
    start(convolution).flatMap { fold(operation, into: $0) }
  }

  /// A Scale with the BatchNorm before it.
  private static func scale(_ scale: Program.Operation, with norm: Program.Operation, _ program: Program) -> FoldedAffine? {
    guard case .scaleChannels? = scale.signature.primitive, case .normalize? = norm.signature.primitive else { return nil }
    let start = FoldedAffine(filters: nil, bias: nil, outputs: program.shape(scale.outputs[0])[1])
    return fold(norm, into: start).flatMap { fold(scale, into: $0) }
  }

  private static func fold(_ operation: Program.Operation, into start: FoldedAffine) -> FoldedAffine? {
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

  private static func start(_ convolution: Program.Operation) -> FoldedAffine? {
    guard case .convolution(let geometry)? = convolution.signature.primitive else { return nil }
    switch convolution.weights.first {
    case .folded(let folded, _)?: return folded
    case .parameter(let filters)?:
      var bias: Int?
      if convolution.weights.count > 1, case .parameter(let index) = convolution.weights[1] { bias = index }
      return FoldedAffine(filters: filters, bias: bias, outputs: geometry.outputChannels)
    case nil: return nil
    }
  }
}
