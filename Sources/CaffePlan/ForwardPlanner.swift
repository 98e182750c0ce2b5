import CaffeCore
import CaffeGraph

/// Lays out the forward pass: per operation a kernel, its memory, and the reorders it needs.
struct ForwardPlanner {
  /// An operation with its kernels and buffers.
  struct Placed {
    let index: Int
    let offer: KernelOffer
    let inputs, outputs, weights, saved: [Int]
  }

  let program: Program
  var draft: PlanDraft
  private(set) var placed: [Placed] = []
  let borders: Program.Borders
  /// The layout of each parameter that several layers train, from the first of them; those of `disputed` lie dense.
  private var sharedLayouts: [Int: Layout] = [:]
  /// Parameters that several layers train and want in different layouts.
  private var disputed: Set<Int>
  /// Whether something turned out that another plan can take into account; each time there is less left that can.
  var mustPlanAgain = false
  /// Per value that a Concat can have written in place, that Concat.
  var wholes: [Int: Whole] = [:]
  /// The outputs of Concats that turned out to need copies.
  var copied: Set<Int>

  private init(_ program: Program, backends: [any Backend], options: PlanOptions, disputed: Set<Int>, copied: Set<Int>) {
    self.program = program
    self.copied = copied
    borders = program.borders
    self.disputed = disputed
    draft = PlanDraft(backends: backends, options: options)
  }

  /// The forward pass laid out.
  ///
  /// A parameter that several layers train lies in one layout for all of them: that of the first, unless a later one has no
  /// kernel for it. Then all is laid out once more with the parameter dense, which every layer can read. So it is with a Concat
  /// whose inputs could not be written in place after all.
  ///
  /// - Throws: `PlanError` when no backend computes an operation.
  static func planned(_ program: Program, backends: [any Backend], options: PlanOptions) throws(PlanError) -> ForwardPlanner {
    var disputed = parametersOfSeveralLevels(program)
    var copied: Set<Int> = []
    while true {
      var planner = ForwardPlanner(program, backends: backends, options: options, disputed: disputed, copied: copied)
      planner.wholes = planner.concatenated()
      try planner.run()
      guard planner.mustPlanAgain else { return planner }
      (disputed, copied) = (planner.disputed, planner.copied)
    }
  }

  /// Later levels are planned on their own, and find their weights dense.
  private static func parametersOfSeveralLevels(_ program: Program) -> Set<Int> {
    let levels = program.borders.levels
    var levelOf: [Int: Int] = [:]
    var found: Set<Int> = []
    for (index, operation) in program.operations.enumerated() {
      for case .parameter(let parameter) in operation.weights {
        if levels[index] > 0 || levelOf[parameter, default: levels[index]] != levels[index] { found.insert(parameter) }
        levelOf[parameter] = levels[index]
      }
    }
    return found
  }

  private mutating func run() throws(PlanError) {
    for value in inputs { placeInput(value) }
    for index in program.operations.indices where borders.levels[index] == program.level { try place(index) }
    for value in program.observed.sorted() where isOwn(program.resolved(value)) { try observe(value) }
    for value in returned { try observe(value) }
    placeLaterWeights()
  }

  /// What is given to this level: the net's inputs, or what lower levels have made.
  var inputs: [Int] { program.level == 0 ? program.graph.inputs : borders.reads[program.level] }

  /// Values of this level that later ones read, and from which gradients come back.
  var returned: [Int] { borders.gives[program.level] }

  private func isOwn(_ value: Int) -> Bool { borders.makers[value, default: 0] == program.level }

  /// Later levels are planned when their shapes are known; their weights have their place from the start, dense.
  private mutating func placeLaterWeights() {
    guard program.level == 0 else { return }
    for (index, operation) in program.operations.enumerated() where borders.levels[index] > 0 {
      for (source, shape) in zip(operation.weights, program.weightShapes(operation)) {
        let weight = draft.weight(source, .dense, shape: shape)
        if case .parameter(let parameter) = source, program.purpose == .training, program.graph.gradients.parameters[parameter] {
          _ = draft.weightDiff(of: weight)
        }
      }
    }
  }

  private mutating func placeInput(_ value: Int) {
    let buffer = draft.buffer(Layout.dense.byteCount(program.shape(value)))
    draft.pinned.insert(buffer)
    draft.versions[.init(value: value, layout: .dense)] = buffer
    draft.home[value] = .dense
    draft.valueBuffers[value] = buffer
  }

  private mutating func observe(_ value: Int) throws(PlanError) {
    let actual = program.resolved(value)
    let buffer = try draft.acquire(actual, .dense, shape: program.shape(actual), name: name(actual))
    draft.pinned.insert(buffer)
    draft.valueBuffers[value] = buffer
  }

  func name(_ value: Int) -> String { program.name(value) }

  // MARK: One operation

  private mutating func place(_ index: Int) throws(PlanError) {
    let operation = program.operations[index]
    let offer = try chooseOffer(operation)
    if try joinSlices(operation, offer) { return }
    var arguments = KernelArguments<Int>()
    for (value, layout) in zip(operation.inputs, offer.inputs) {
      arguments.inputs.append(try draft.acquire(value, layout, shape: program.shape(value), name: name(value)))
    }
    for (value, layout) in zip(operation.outputs, offer.outputs) { arguments.outputs.append(make(value, layout)) }
    for (index, shape) in program.weightShapes(operation).enumerated() {
      arguments.weights.append(draft.weight(operation.weights[index], offer.weights[index], shape: shape))
    }
    arguments.saved = offer.saved.map { draft.buffer($0) }
    arguments.state = offer.state.map { draft.buffer($0) }
    draft.pinned.formUnion(arguments.state)
    arguments.scratch = offer.forwardScratch.map { draft.buffer($0) }
    placed.append(
      Placed(
        index: index, offer: offer, inputs: arguments.inputs, outputs: arguments.outputs, weights: arguments.weights,
        saved: arguments.saved))
    if try joinInPlace(operation, offer, arguments) { return }
    if let output = arguments.outputs.first, let input = inputInPlace(offer, arguments.inputs) {
      draft.overlays[draft.steps.count] = (output, input)
    }
    draft.steps.append(
      .init(
        kind: .forward, name: operation.title, operation: index, kernel: offer.forward, arguments: arguments,
        reads: arguments.inputs + arguments.weights,
        writes: arguments.outputs + arguments.saved + arguments.state + arguments.scratch))
    try leaveLayouts(operation)
  }

  /// The input that output 0 may lie over: one that the operation reads in no other way.
  private func inputInPlace(_ offer: KernelOffer, _ inputs: [Int]) -> Int? {
    guard let place = offer.inputInPlace ?? (offer.allowsInPlace && !inputs.isEmpty ? 0 : nil) else { return nil }
    return offer.inputInPlace == nil || inputs.count(where: { $0 == inputs[place] }) == 1 ? inputs[place] : nil
  }

  mutating func make(_ value: Int, _ layout: Layout) -> Int {
    let buffer = draft.buffer(layout.byteCount(program.shape(value)))
    draft.versions[.init(value: value, layout: layout)] = buffer
    draft.home[value] = layout
    return buffer
  }

  /// Without `keep-layouts` every value goes back to dense as soon as it is made.
  mutating func leaveLayouts(_ operation: Program.Operation) throws(PlanError) {
    guard !draft.options.runs(Passes.keepLayouts) else { return }
    for value in operation.outputs where draft.home[value] != .dense {
      _ = try draft.acquire(value, .dense, shape: program.shape(value), name: name(value))
      draft.home[value] = .dense
    }
  }

  private mutating func chooseOffer(_ operation: Program.Operation) throws(PlanError) -> KernelOffer {
    let request = request(operation)
    var last: KernelOffer?
    for backend in draft.backends {
      guard let offer = operation.parts.isEmpty ? backend.offer(request) : backend.offer(joined: request) else { continue }
      last = offer
      if agrees(operation, offer) { break }
    }
    guard let last else { throw PlanError("no backend computes \(operation.title)") }
    noteLayouts(operation, last)
    return last
  }

  /// The parameters of an operation that other layers train as well, with the layouts an offer wants them in.
  private func shared(_ operation: Program.Operation, _ offer: KernelOffer) -> [(parameter: Int, layout: Layout)] {
    guard program.purpose == .training else { return [] }
    return zip(operation.weights, offer.weights).compactMap { source, layout in
      guard case .parameter(let index) = source, program.graph.parameters[index].users > 1 else { return nil }
      return (index, layout)
    }
  }

  private func agrees(_ operation: Program.Operation, _ offer: KernelOffer) -> Bool {
    shared(operation, offer).allSatisfy { parameter, layout in
      layout == (disputed.contains(parameter) ? .dense : sharedLayouts[parameter] ?? layout)
    }
  }

  private mutating func noteLayouts(_ operation: Program.Operation, _ offer: KernelOffer) {
    for (parameter, layout) in shared(operation, offer) {
      if sharedLayouts[parameter, default: layout] != layout {
        disputed.insert(parameter)
        mustPlanAgain = true
      }
      sharedLayouts[parameter] = layout
    }
  }

  private func request(_ operation: Program.Operation) -> KernelRequest {
    KernelRequest(
      operation, in: program, draft.options, inputLayouts: operation.inputs.map { draft.home[$0] ?? .dense },
      wholeChannels: operation.outputs.map { wholes[$0]?.channels })
  }
}

extension KernelRequest {
  /// What a plan with these options asks about an operation of a program.
  init(
    _ operation: Program.Operation, in program: Program, _ options: PlanOptions, inputLayouts: [Layout], wholeChannels: [Int?]
  ) {
    let isTraining = program.purpose == .training && program.graph.gradients.runsBackward[operation.node]
    let weightGradients = operation.weights.map { source -> Bool in
      guard isTraining, case .parameter(let index) = source else { return false }
      return program.graph.gradients.parameters[index]
    }
    self.init(
      operation: operation, inputShapes: operation.inputs.map(program.shape), outputShapes: operation.outputs.map(program.shape),
      weightShapes: program.weightShapes(operation), inputLayouts: inputLayouts, purpose: program.purpose,
      propagates: operation.inputs.indices.map { program.propagates(operation, input: $0) }, weightGradients: weightGradients,
      threads: options.threads, withoutPasses: options.withoutPasses, precision: options.precision, wholeChannels: wholeChannels)
  }
}
