import CaffeCore
import CaffeGraph

/// Concat in place: what makes the inputs of a Concat writes them where the Concat would copy them.
extension ForwardPlanner {
  /// Makes the inputs of a Concat of one item parts of its output, so that there is nothing left to copy.
  ///
  /// - Returns: whether the operation is done with.
  mutating func joinInPlace(_ operation: Program.Operation, _ offer: KernelOffer, _ arguments: KernelArguments<Int>)
    throws(PlanError) -> Bool
  {
    guard mayJoin, case .concat(let axis)? = operation.signature.primitive,
      let output = operation.outputs.first, program.shape(output).count(0..<axis) == 1,
      Set(arguments.inputs).count == arguments.inputs.count
    else { return false }
    for (place, value) in operation.inputs.enumerated() {
      guard isFree(arguments.inputs[place]), isGapless(value, offer.inputs[place], axis: axis),
        offer.outputs[0] == offer.inputs[place] || hasSameKind(offer, place)
      else { return false }
    }
    place(arguments.inputs, arguments.inputs.map { draft.buffers[$0].byteCount }, within: arguments.outputs[0])
    try leaveLayouts(operation)
    return true
  }

  /// The same for a batch, whose images were written with room for the other channels between them.
  ///
  /// Where not all of them were, all is planned once more without places that nobody gains from.
  mutating func joinSlices(_ operation: Program.Operation, _ offer: KernelOffer) throws(PlanError) -> Bool {
    guard case .concat? = operation.signature.primitive, let output = operation.outputs.first,
      operation.inputs.contains(where: { wholes[$0]?.output == output })
    else { return false }
    let whole = program.shape(output)
    let buffers = operation.inputs.compactMap { value -> Int? in
      guard let layout = draft.home[value],
        draft.backends.contains(where: { $0.liesWithin(whole, layout, shape: program.shape(value)) })
      else { return nil }
      return draft.versions[.init(value: value, layout: layout)]
    }
    guard buffers.count == operation.inputs.count, buffers.allSatisfy(isFree), offer.outputs[0] != .dense,
      operation.inputs.allSatisfy({ draft.home[$0]?.elementSize == offer.outputs[0].elementSize }),
      draft.backends.contains(where: { $0.concatenatesInMemory(offer.outputs[0], shape: whole) })
    else {
      copied.insert(output)
      mustPlanAgain = true
      return false
    }
    let byteCounts = operation.inputs.map { program.shape($0).count * offer.outputs[0].elementSize / whole[0] }
    place(buffers, byteCounts, within: make(output, offer.outputs[0]))
    return true
  }

  private var mayJoin: Bool { draft.options.runs(Passes.concatInPlace) && program.purpose == .inference }

  private mutating func place(_ buffers: [Int], _ byteCounts: [Int], within whole: Int) {
    var offset = 0
    for (buffer, byteCount) in zip(buffers, byteCounts) {
      draft.buffers[buffer].place = .part(of: whole, offset: offset)
      offset += byteCount
    }
  }

  private func isFree(_ buffer: Int) -> Bool {
    if case .arena = draft.buffers[buffer].place { return !draft.pinned.contains(buffer) }
    return false
  }

  /// Layouts of different extents are different layouts; of one kind are both dense, or both blocked.
  private func hasSameKind(_ offer: KernelOffer, _ place: Int) -> Bool {
    switch (offer.outputs[0], offer.inputs[place]) {
    case (.dense, .dense): true
    case (.opaque(let a), .opaque(let b)): a.backend == b.backend && a.name == b.name
    default: false
    }
  }

  private func isGapless(_ value: Int, _ layout: Layout, axis: Int) -> Bool {
    let shape = program.shape(value)
    guard layout.isGapless(shape) else { return false }
    return layout == .dense || (axis == 1 && draft.backends.contains { $0.concatenatesInMemory(layout, shape: shape) })
  }

  // MARK: Batches

  /// The values that convolutions may write between the other channels of a Concat, with the whole's number of channels: all inputs
  /// of a Concat along the channels of several images, each read into one Concat.
  func concatenated() -> [Int: Whole] {
    guard mayJoin, draft.options.runs(Passes.keepLayouts) else { return [:] }
    var makers: [Int: Program.Operation] = [:]
    for (operation, level) in zip(program.operations, borders.levels) where level == program.level {
      for output in operation.outputs { makers[output] = operation }
    }
    var wholes: [Int: Whole] = [:]
    for operation in program.operations {
      guard case .concat(axis: 1)? = operation.signature.primitive, let output = operation.outputs.first,
        program.shape(output).rank == 4, program.shape(output)[0] > 1, !copied.contains(output),
        Set(operation.inputs).count == operation.inputs.count,
        operation.inputs.allSatisfy({ wholes[$0] == nil && isConvolution(makers[$0]) })
      else { continue }
      for input in operation.inputs { wholes[input] = Whole(output: output, channels: program.shape(output)[1]) }
    }
    return wholes
  }

  private func isConvolution(_ operation: Program.Operation?) -> Bool {
    if case .convolution? = operation?.signature.primitive { operation?.addsLastInput == false } else { false }
  }
}

extension ForwardPlanner {
  /// A Concat's output, of which its inputs become parts.
  struct Whole {
    let output: Int
    let channels: Int
  }
}
