import CaffeCore
import CaffeGraph

/// A plan's weights in memory, each in the layout its kernels read: packed once, shared by sessions, and with gradients
/// when the plan trains.
// Sessions that only read may share it between threads; whoever writes (a solver, statistics) has one of its own.
public final class ResidentWeights: @unchecked Sendable {
  /// Writes the dense values of a parameter.
  public typealias Provider = (_ parameter: Int, _ destination: UnsafeMutableBufferPointer<Float>) -> Void
  /// Writes some of the dense values of a parameter, from one on; false where it writes all of them or none.
  public typealias RunProvider = (_ parameter: Int, _ start: Int, _ destination: UnsafeMutableBufferPointer<Float>) -> Bool

  public let plan: ExecutionPlan
  private let weights: Arena
  private let diffs: Arena
  private let weightOffsets: [Int]

  /// Makes room and packs every weight; no second copy of a dense weight exists at any time.
  ///
  /// - Parameter runs: gives parts of weights, so that those that are only rounded need no dense copy of the whole.
  /// - Throws: `OutOfMemory`, or what a backend's reorder reports.
  public init(_ plan: ExecutionPlan, provider: Provider, runs: RunProvider? = nil) throws {
    self.plan = plan
    let places = MemoryPlan(inOrder: plan.residents.map(\.byteCount))
    weightOffsets = places.offsets
    weights = try Arena(byteCount: places.byteCount)
    diffs = try Arena(byteCount: plan.gradientBytes)
    // What planning has left behind, then what packing has.
    ProcessMemory.releaseUnused()
    try load(provider, runs: runs)
    ProcessMemory.releaseUnused()
  }

  /// Replaces all weights, or some.
  ///
  /// - Throws: what a backend's reorder reports.
  public func load(
    only isWanted: (ExecutionPlan.Resident) -> Bool = { _ in true }, _ provider: Provider, runs: RunProvider? = nil
  )
    throws
  {
    let context = RunContext(seed: 0, iteration: 0, pool: plan.pool, faults: FaultLog())
    context.pool.prepare()
    try withScratch(ResidentWeights.sharedScratch) { shared in
      for (index, resident) in plan.residents.enumerated() where isWanted(resident) {
        if resident.layout == .dense {
          fill(resident, pointer(index), provider)
        } else if try !loadRuns(index, by: shared, runs, context) {
          try load(index, by: shared, provider, context)
        }
      }
    }
  }

  /// Floats of a buffer that most weights are packed by: a new one for each would be filled with zeros by the system each time.
  private static let sharedScratch = 4 << 20

  /// Bytes of that buffer, which holds what it was once used for until all weights are loaded; `scratchBytes` up to it come out of it.
  public static let sharedBytes = sharedScratch * MemoryLayout<Float>.stride

  private func load(_ index: Int, by shared: UnsafeMutablePointer<Float>, _ provider: Provider, _ context: RunContext) throws {
    let resident = plan.residents[index]
    func pack(_ dense: UnsafeMutablePointer<Float>) throws {
      fill(resident, dense, provider)
      try plan.reorder(resident.shape, dense, .dense, pointer(index), resident.layout, context)
    }
    let fits = resident.shape.count <= ResidentWeights.sharedScratch
    return try fits ? pack(shared) : withScratch(resident.shape.count, pack)
  }

  /// Numbers of a weight that are packed at a time.
  private static let run = 1 << 20

  /// Packs a weight run by run; false where its layout, or what makes it, needs all of it at once.
  private func loadRuns(
    _ index: Int, by dense: UnsafeMutablePointer<Float>, _ runs: RunProvider?, _ context: RunContext
  ) throws -> Bool {
    let resident = plan.residents[index]
    guard let runs, case .parameter(let parameter) = resident.source, plan.packsInRuns(resident) else { return false }
    for start in stride(from: 0, to: resident.shape.count, by: ResidentWeights.run) {
      let length = min(ResidentWeights.run, resident.shape.count - start)
      guard runs(parameter, start, UnsafeMutableBufferPointer(start: dense, count: length)),
        let layout = plan.layout(resident.layout, ofRun: length)
      else { return false }
      let place = UnsafeMutableRawPointer(pointer(index)) + start * layout.elementSize
      try plan.reorder([length], dense, .dense, place.assumingMemoryBound(to: Float.self), layout, context)
    }
    return true
  }

  /// Bytes of the dense copy that a weight of a plan is packed from, where it is given in runs if it can be.
  public static func scratchBytes(_ plan: ExecutionPlan, _ resident: ExecutionPlan.Resident) -> Int {
    guard resident.layout != .dense else { return 0 }
    return 4 * (plan.packsInRuns(resident) ? min(resident.shape.count, run) : resident.shape.count)
  }

  private func withScratch<R>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) throws -> R) rethrows -> R {
    let scratch = UnsafeMutablePointer<Float>.allocate(capacity: max(1, count))
    defer { scratch.deallocate() }
    return try body(scratch)
  }

  private func fill(_ resident: ExecutionPlan.Resident, _ destination: UnsafeMutablePointer<Float>, _ provider: Provider) {
    let buffer = UnsafeMutableBufferPointer(start: destination, count: resident.shape.count)
    switch resident.source {
    case .parameter(let index): provider(index, buffer)
    case .folded(let folded, let part):
      withoutActuallyEscaping(provider) { FoldedWeights(folded, plan.graph, $0).write(part, to: buffer) }
    }
  }

  /// The place among these weights of what another plan of the same net asks for.
  ///
  /// - Throws: `RunError` when the shapes of parameters depend on shapes that values decide.
  func index(of resident: ExecutionPlan.Resident) throws(RunError) -> Int {
    guard let index = plan.residents.firstIndex(where: { $0.source == resident.source && $0.layout == resident.layout }),
      plan.residents[index].shape == resident.shape
    else { throw RunError("a parameter would have to change its shape with the number of items that a layer keeps") }
    return index
  }

  /// Where a resident lies.
  func pointer(_ resident: Int) -> UnsafeMutablePointer<Float> { weights.pointer(at: weightOffsets[resident]) }
  func diffPointer(_ resident: Int) -> UnsafeMutablePointer<Float> { diffs.pointer(at: plan.gradients.offsets[resident]) }

  // MARK: For solvers

  /// A parameter in the layout it is trained in: elements that only pad are zero in all three.
  public struct Trained {
    public let parameter: Int
    public let data: UnsafeMutableBufferPointer<Float>
    public let diff: UnsafeMutableBufferPointer<Float>
  }

  /// The parameters that have a gradient, in the net's order.
  public var trained: [Trained] {
    plan.residents.enumerated().compactMap { index, resident -> Trained? in
      guard resident.hasDiff, case .parameter(let parameter) = resident.source else { return nil }
      let count = resident.byteCount / 4
      return Trained(
        parameter: parameter, data: UnsafeMutableBufferPointer(start: pointer(index), count: count),
        diff: UnsafeMutableBufferPointer(start: diffPointer(index), count: count))
    }.sorted { $0.parameter < $1.parameter }
  }

  /// A parameter's values, dense.
  ///
  /// - Throws: what a backend's reorder reports.
  public func tensor(ofParameter parameter: Int) throws -> Tensor? {
    guard let index = plan.residents.firstIndex(where: { $0.source == .parameter(parameter) }) else { return nil }
    return try dense(index, pointer(index))
  }

  /// A parameter's gradient, dense; nil when the plan computes none. Where gradients share memory it lasts until another is computed.
  ///
  /// - Throws: what a backend's reorder reports.
  public func diff(ofParameter parameter: Int) throws -> Tensor? {
    guard let index = plan.residents.firstIndex(where: { $0.source == .parameter(parameter) && $0.hasDiff }) else { return nil }
    return try dense(index, diffPointer(index))
  }

  /// Values that lie in the layout of a trained parameter, dense: a solver's history.
  ///
  /// - Throws: what a backend's reorder reports.
  public func dense(_ packed: UnsafeMutablePointer<Float>, likeParameter parameter: Int) throws -> Tensor? {
    guard let index = plan.residents.firstIndex(where: { $0.source == .parameter(parameter) && $0.hasDiff }) else { return nil }
    return try dense(index, packed)
  }

  /// Writes dense values into memory that lies in the layout of a trained parameter.
  ///
  /// - Throws: what a backend's reorder reports.
  public func pack(_ tensor: Tensor, likeParameter parameter: Int, into destination: UnsafeMutablePointer<Float>) throws {
    guard let resident = plan.residents.first(where: { $0.source == .parameter(parameter) && $0.hasDiff }) else { return }
    try withScratch(tensor.shape.count) { scratch in
      tensor.values.withUnsafeBufferPointer { values in
        if let base = values.baseAddress { scratch.update(from: base, count: values.count) }
      }
      try plan.reorder(resident.shape, scratch, .dense, destination, resident.layout, plan.plainContext)
    }
  }

  private func dense(_ resident: Int, _ source: UnsafeMutablePointer<Float>) throws -> Tensor {
    let spec = plan.residents[resident]
    return try Tensor(spec.shape) { buffer in
      guard let base = buffer.baseAddress else { return }
      try plan.reorder(spec.shape, source, spec.layout, base, .dense, plan.plainContext)
    }
  }
}

extension ExecutionPlan {
  /// The threads that this plan's kernels share.
  var pool: any ComputePool {
    for backend in backends { if let pool = backend.pool(threads: options.threads) { return pool } }
    return options.threads > 1 ? DispatchPool(threads: options.threads) : SerialPool()
  }

  var plainContext: RunContext { RunContext(seed: 0, iteration: 0, pool: pool, faults: FaultLog()) }

  fileprivate func layout(_ layout: Layout, ofRun count: Int) -> Layout? {
    backends.lazy.compactMap { $0.layout(layout, ofRun: count) }.first
  }

  /// Whether a weight can be packed without all of it at hand.
  fileprivate func packsInRuns(_ resident: Resident) -> Bool {
    if case .parameter = resident.source { layout(resident.layout, ofRun: 1) != nil } else { false }
  }

  /// Moves values between layouts outside of a session.
  func reorder(
    _ shape: Shape, _ source: UnsafeMutablePointer<Float>, _ from: Layout, _ target: UnsafeMutablePointer<Float>, _ to: Layout,
    _ context: RunContext
  ) throws {
    guard from != to else { return target.update(from: source, count: shape.count) }
    guard let kernel = backends.lazy.compactMap({ $0.reorder(shape, from: from, to: to) }).first else {
      throw PlanError("no backend turns \(from) into \(to)")
    }
    var arguments = KernelArguments<UnsafeMutablePointer<Float>>()
    arguments.inputs = [source]
    arguments.outputs = [target]
    context.pool.prepare()
    try kernel.bind(arguments).run(context)
  }
}

/// Computes what FoldBatchNorm promised, from the parameters as stored.
private struct FoldedWeights {
  private let folded: FoldedAffine
  private let graph: ShapedGraph
  private let provider: ResidentWeights.Provider

  init(_ folded: FoldedAffine, _ graph: ShapedGraph, _ provider: @escaping ResidentWeights.Provider) {
    self.folded = folded
    self.graph = graph
    self.provider = provider
  }

  func write(_ part: FoldedAffine.Part, to destination: UnsafeMutableBufferPointer<Float>) {
    guard !destination.isEmpty else { return }
    let (factors, shifts) = affine()
    switch part {
    case .bias:
      let bias = folded.bias.map(values)
      for c in destination.indices { destination[c] = (bias?[c] ?? 0) * factors[c] + shifts[c] }
    case .filters:
      if let filters = folded.filters { provider(filters, destination) } else { destination.update(repeating: 1) }
      let perOutput = destination.count / folded.outputs
      for i in destination.indices { destination[i] *= factors[i / perOutput] }
    }
  }

  /// Per channel a and b of x · a + b.
  private func affine() -> (factors: [Float], shifts: [Float]) {
    var factors = [Float](repeating: 1, count: folded.outputs)
    var shifts = [Float](repeating: 0, count: folded.outputs)
    if let statistics = folded.statistics {
      let sum = values(statistics.factor)[0]
      let (mean, variance, scale) = (values(statistics.mean), values(statistics.variance), sum == 0 ? 0 : 1 / sum)
      for c in factors.indices {
        factors[c] = 1 / (variance[c] * scale + statistics.eps).squareRoot()
        shifts[c] = -mean[c] * scale * factors[c]
      }
    }
    if let scale = folded.scale.map(values) {
      for c in factors.indices {
        factors[c] *= scale[c]
        shifts[c] *= scale[c]
      }
    }
    if let shift = folded.shift.map(values) { for c in shifts.indices { shifts[c] += shift[c] } }
    return (factors, shifts)
  }

  private func values(_ parameter: Int) -> [Float] {
    let count = graph.parameters[parameter].shape.count
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      provider(parameter, UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }
}
