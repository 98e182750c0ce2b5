import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffePlan

/// The step from gradients to weights, in Caffe 1.0's order: clip, divide by iter_size, decay, rule; all but the clip's
/// norm in one pass over the packed weights.
final class WeightUpdater {
  private let parameter: SolverParameter
  private let rule: any UpdateRule
  private let weights: ResidentWeights
  private let trained: [ResidentWeights.Trained]
  /// Per trained parameter, the rule's memory.
  private var history: [[UnsafeMutableBufferPointer<Float>]]
  private let graph: ShapedGraph

  init(_ parameter: SolverParameter, _ weights: ResidentWeights) throws(SolverError) {
    self.parameter = parameter
    self.weights = weights
    let rule = try UpdateRules.make(parameter)
    self.rule = rule
    trained = weights.trained
    graph = weights.plan.graph
    history = trained.map { trained in
      (0..<type(of: rule).historyCount).map { _ in
        let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(1, trained.data.count))
        memory.initialize(repeating: 0)
        return memory
      }
    }
  }

  deinit { for memory in history.joined() { memory.deallocate() } }

  /// Applies the gradients gathered so far and sets them to zero.
  ///
  /// - Parameter prepare: called with each parameter before its gradient is used; those that backward finishes first come first.
  func update(rate: Float, iteration: Int, pool: any ComputePool, prepare: (Int) throws -> Void) rethrows {
    let scale = clipScale() / Float(parameter.iterSize)
    for index in trained.indices.reversed() {
      try prepare(trained[index].parameter)
      update(index, scale: scale, rate: rate, iteration: iteration, pool: pool)
    }
  }

  /// Applies the gradients of these parameters alone and sets them to zero; for solvers that do not clip.
  func update(_ parameters: [Int], rate: Float, iteration: Int, pool: any ComputePool) {
    for index in trained.indices where parameters.contains(trained[index].parameter) {
      update(index, scale: 1 / Float(parameter.iterSize), rate: rate, iteration: iteration, pool: pool)
    }
  }

  private func update(_ index: Int, scale: Float, rate: Float, iteration: Int, pool: any ComputePool) {
    let item = trained[index]
    let spec = graph.parameters[item.parameter]
    let count = item.data.count
    guard let data = item.data.baseAddress, let diff = item.diff.baseAddress, count > 0 else { return }
    let whole = UpdateBlock(
      data: data, diff: diff, history: history[index].compactMap(\.baseAddress), count: count, rate: rate * spec.lrMult,
      decay: parameter.weightDecay * spec.decayMult, isL1: parameter.regularizationType == "L1", gradientScale: scale,
      iteration: iteration)
    pool.run(elements: count) { [rule] in rule.update(whole.part(from: $0.lowerBound, count: $0.count)) }
  }

  /// What brings the gradients' norm down to clip_gradients; 1 when it is off or the norm is small.
  private func clipScale() -> Float {
    guard parameter.clipGradients >= 0 else { return 1 }
    let sum = trained.reduce(0.0) { sum, item in item.diff.reduce(sum) { $0 + Double($1) * Double($1) } }
    let norm = Float(sum.squareRoot())
    return norm > parameter.clipGradients ? parameter.clipGradients / norm : 1
  }

  // MARK: Snapshots

  /// The memory of every parameter, dense; parameters without a gradient have zeros, as Caffe writes them.
  ///
  /// - Throws: what a backend's reorder reports.
  func historyBlobs() throws -> [BlobRecord] {
    var blobs: [BlobRecord] = []
    for slot in 0..<type(of: rule).historyCount {
      for (parameter, spec) in graph.parameters.enumerated() {
        guard let index = trained.firstIndex(where: { $0.parameter == parameter }), let memory = history[index][slot].baseAddress,
          let tensor = try weights.dense(memory, likeParameter: parameter)
        else {
          blobs.append(BlobRecord(Tensor(spec.shape)))
          continue
        }
        blobs.append(BlobRecord(tensor))
      }
    }
    return blobs
  }

  /// A number that tells this memory from another.
  ///
  /// - Throws: what a backend's reorder reports.
  func checksum() throws -> String {
    let sums = try historyBlobs().map { blob in blob.data.floats.withUnsafeBytes { CRC32C.sum($0) } }
    return String(sums.withUnsafeBytes { CRC32C.sum($0) }, radix: 16)
  }

  /// Takes the memory from a snapshot.
  ///
  /// - Throws: `SolverError` when it is not this net's.
  func restore(_ blobs: [BlobRecord]) throws {
    let wanted = graph.parameters.count * type(of: rule).historyCount
    guard blobs.count == wanted else {
      throw SolverError(
        "the solver state has \(blobs.count) history blobs, this net and solver type need \(wanted); it is of another net or solver"
      )
    }
    for (place, blob) in blobs.enumerated() {
      let (slot, parameter) = place.quotientAndRemainder(dividingBy: graph.parameters.count)
      let spec = graph.parameters[parameter]
      guard blob.fits(spec.shape) else {
        throw SolverError(
          "history blob \(place) has shape \(blob.shape), parameter \(spec.index) of layer \"\(spec.layer)\" has \(spec.shape)")
      }
      guard let index = trained.firstIndex(where: { $0.parameter == parameter }), let memory = history[index][slot].baseAddress
      else { continue }
      try weights.pack(try Tensor(spec.shape, values: blob.data.floats), likeParameter: parameter, into: memory)
    }
  }
}

extension UpdateBlock {
  /// A stretch of this stretch.
  fileprivate func part(from start: Int, count: Int) -> UpdateBlock {
    UpdateBlock(
      data: data + start, diff: diff + start, history: history.map { $0 + start }, count: count, rate: rate, decay: decay,
      isL1: isL1, gradientScale: gradientScale, iteration: iteration)
  }
}
