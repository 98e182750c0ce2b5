import CaffeGraph

/// Lets one kernel compute a depthwise convolution and the 1x1 convolution behind it, where a backend has one: the blob between them is
/// never written out.
enum JoinSeparable {
  static func run(_ program: inout Program, _ backends: [any Backend], _ options: PlanOptions) {
    // Later levels take their operations from the graph as it is.
    guard program.purpose == .inference, program.levels.allSatisfy({ $0 == 0 }) else { return }
    let reads = program.readCounts
    var index = 0
    while index < program.operations.count {
      if let reader = reader(of: program.operations[index], in: program, reads),
        let joined = joined(index, reader, in: program, backends, options)
      {
        program.operations[reader] = joined
        program.operations.remove(at: index)
      } else {
        index += 1
      }
    }
  }

  /// The 1x1 convolution that reads a depthwise convolution's output, if that is nobody else's business.
  private static func reader(of depthwise: Program.Operation, in program: Program, _ reads: [Int: Int]) -> Int? {
    guard case .convolution(let geometry)? = depthwise.signature.primitive, geometry.isDepthwise, depthwise.inputs.count == 1,
      depthwise.outputs.count == 1, program.isPrivate(depthwise.outputs[0], readCounts: reads),
      let reader = program.operations.firstIndex(where: { $0.inputs.first == depthwise.outputs[0] }),
      program.operations[reader].inputs.count == (program.operations[reader].addsLastInput ? 2 : 1),
      case .convolution(let second)? = program.operations[reader].signature.primitive, second.kernel == [1, 1], second.group == 1
    else { return nil }
    return reader
  }

  /// Both as one operation, if a backend has a kernel for it.
  private static func joined(
    _ depthwise: Int, _ reader: Int, in program: Program, _ backends: [any Backend], _ options: PlanOptions
  ) -> Program.Operation? {
    let joined = program.operations[reader].joined(to: program.operations[depthwise])
    return joined.hasKernel(in: program, backends, options) ? joined : nil
  }
}

extension Program.Operation {
  /// Whether a backend computes its parts by one kernel.
  func hasKernel(in program: Program, _ backends: [any Backend], _ options: PlanOptions) -> Bool {
    let request = KernelRequest(
      self, in: program, options, inputLayouts: inputs.map { _ in .dense }, wholeChannels: outputs.map { _ in nil })
    return backends.contains { $0.offer(joined: request) != nil }
  }
}
