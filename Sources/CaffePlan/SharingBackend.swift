import CaffeCore
import CaffeGraph

/// Runs a layer's own mathematics on several threads, each on pieces that have nothing to do with each other (`Independence`).
///
/// Pieces are cut by sizes alone, and each is computed as the reference computes the whole, so results are the reference's to the
/// last bit.
public struct SharingBackend: Backend {
  public let name = "shared"
  private let worth: Int

  /// - Parameter worth: elements that are worth a piece of their own.
  public init(worth: Int = 16384) { self.worth = worth }

  public func offer(_ request: KernelRequest) -> KernelOffer? {
    let signature = request.operation.signature
    guard !request.operation.addsLastInput, let independence = signature.independence, signature.state.isEmpty,
      signature.varyingTops.isEmpty,
      let cut = PieceCut(independence, request, worth: worth)
    else { return nil }
    let layout = cut.anyOrder ? gaplessLayout(request) : .dense
    let isShared = !request.weightGradients.contains(true)
    let scratch = signature.scratch.map { $0.count * 4 }
    return KernelOffer(
      forward: SharingKernel(request: request, cut: cut, isBackward: false),
      backward: request.needsBackward ? SharingKernel(request: request, cut: isShared ? cut : cut.whole, isBackward: true) : nil,
      inputs: request.inputShapes.map { _ in layout }, outputs: request.outputShapes.map { _ in layout },
      weights: request.weightShapes.map { _ in .dense }, saved: signature.saved.map { $0.count * 4 }, forwardScratch: scratch,
      backwardScratch: scratch, backwardReads: signature.backwardReads, allowsInPlace: signature.allowsInPlace)
  }

  /// Elements in any order may stay as they lie, if nothing lies between them.
  private func gaplessLayout(_ request: KernelRequest) -> Layout {
    let floats = MemoryLayout<Float>.stride
    return request.inputLayouts.first {
      $0 != .dense && $0.elementSize == floats && $0.isGapless(request.inputShapes[0])
    } ?? .dense
  }
}

/// How a layer's blobs are cut into pieces.
struct PieceCut: Sendable {
  /// How many things there are to share out: elements, items or planes.
  let count: Int
  /// How many a piece has; the last may have fewer.
  let step: Int
  let independence: Independence

  /// nil where there is nothing to share out.
  init?(_ independence: Independence, _ request: KernelRequest, worth: Int) {
    let shapes = request.inputShapes + request.outputShapes
    guard let first = shapes.first, !request.inputShapes.isEmpty, !shapes.contains(where: { $0.count == 0 }) else { return nil }
    self.independence = independence
    switch independence {
    case .elements, .orderedElements: count = first.count
    case .items: count = first.dims.first ?? 1
    case .planes: count = first.rank > 1 ? first[0] * first[1] : 1
    }
    let isOrdered = if case .orderedElements = independence { true } else { false }
    let total = shapes.reduce(0) { max($0, $1.count) }
    let fitting = max(1, worth / max(1, total / max(1, count)))
    // Random draws come in fours.
    step = isOrdered ? (fitting + 3) / 4 * 4 : fitting
    guard pieces > 1 else { return nil }
  }

  private init(count: Int, step: Int, independence: Independence) {
    self.count = count
    self.step = step
    self.independence = independence
  }

  var pieces: Int { (count + step - 1) / step }

  /// Everything in one piece.
  var whole: PieceCut { PieceCut(count: count, step: count, independence: independence) }

  /// Whether the elements' order does not count.
  var anyOrder: Bool { if case .elements = independence { true } else { false } }

  /// A piece's part of a blob, and the index of its first element.
  func part(_ piece: Int, of view: TensorView) -> (view: TensorView, first: Int) {
    guard pieces > 1 else { return (view, 0) }
    let first = piece * step
    let extent = min(step, count - first)
    let size = view.count / max(1, count)
    let shape: Shape
    switch independence {
    case .elements, .orderedElements: shape = Shape([extent])
    case .items: shape = view.shape.rank > 0 ? view.shape.replacing(axis: 0, with: extent) : view.shape
    case .planes: shape = Shape([1, extent] + view.shape.dims.dropFirst(2))
    }
    return (TensorView(shape, view.pointer + first * size), first * size)
  }
}

private struct SharingKernel: Kernel {
  let request: KernelRequest
  let cut: PieceCut
  let isBackward: Bool

  var implementation: String { cut.pieces > 1 ? "shared x\(cut.pieces)" : "reference" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let signature = request.operation.signature
    let views = Views(
      bottoms: request.inputShapes.views(memory.inputs), tops: request.outputShapes.views(memory.outputs),
      weights: request.weightShapes.views(memory.weights), saved: signature.saved.views(memory.saved),
      scratch: signature.scratch.views(memory.scratch), topDiffs: request.outputShapes.views(memory.outputDiffs),
      bottomDiffs: zip(request.inputShapes, memory.inputDiffs).map { shape, place in place.map { TensorView(shape, $0) } },
      weightDiffs: zip(request.weightShapes, memory.weightDiffs).map { shape, place in place.map { TensorView(shape, $0) } })
    let pieces = Pieces((0..<cut.pieces).map { views.part($0, cut) }, views, request.operation)
    return isBackward ? BoundSharingBackward(pieces) : BoundSharingForward(pieces)
  }
}

extension [Shape] {
  fileprivate func views(_ places: [UnsafeMutablePointer<Float>]) -> [TensorView] { zip(self, places).map { TensorView($0, $1) } }
}

/// What one call of a layer works on.
private struct Views {
  var bottoms, tops, weights, saved, scratch, topDiffs: [TensorView]
  var bottomDiffs, weightDiffs: [TensorView?]
  var first = 0

  func part(_ piece: Int, _ cut: PieceCut) -> Views {
    func parts(_ views: [TensorView]) -> [TensorView] { views.map { cut.part(piece, of: $0).view } }
    return Views(
      bottoms: parts(bottoms), tops: parts(tops), weights: weights, saved: parts(saved), scratch: parts(scratch),
      topDiffs: parts(topDiffs), bottomDiffs: bottomDiffs.map { view in view.map { cut.part(piece, of: $0).view } },
      weightDiffs: weightDiffs, first: tops.first.map { cut.part(piece, of: $0).first } ?? 0)
  }
}

// Pieces do not overlap, so threads may work on them at the same time; parameters are only read, or there is one piece.
private final class Pieces: @unchecked Sendable {
  let parts: [Views]
  let whole: Views
  let operation: Program.Operation

  init(_ parts: [Views], _ whole: Views, _ operation: Program.Operation) {
    self.parts = parts
    self.whole = whole
    self.operation = operation
  }

  func forward(_ piece: Int, _ random: RandomStream, _ faults: FaultLog) {
    let views = parts[piece]
    operation.layer.forward(
      ForwardIO(
        bottoms: views.bottoms, tops: views.tops, weights: views.weights, saved: views.saved, scratch: views.scratch,
        random: random, faults: faults, firstElement: views.first))
    if let slope = operation.relu { views.tops[0].rectify(slope: slope) }
  }

  func backward(_ piece: Int) {
    let views = parts[piece]
    operation.layer.backward(
      BackwardIO(
        bottoms: views.bottoms, tops: views.tops, topDiffs: views.topDiffs, bottomDiffs: views.bottomDiffs,
        weights: views.weights, weightDiffs: views.weightDiffs, saved: views.saved, scratch: views.scratch))
  }
}

private final class BoundSharingForward: BoundKernel {
  private let pieces: Pieces
  /// One a piece, so that the first fault reported does not depend on which thread was first.
  private let logs: FaultLogs

  init(_ pieces: Pieces) {
    self.pieces = pieces
    logs = FaultLogs(pieces.parts.map { _ in FaultLog() })
  }

  func run(_ context: RunContext) {
    let random = RandomStream(seed: context.seed, path: UInt64(pieces.operation.node), UInt64(context.iteration))
    context.pool.run(units: pieces.parts.count) { [pieces, logs] in pieces.forward($0, random, logs.logs[$0]) }
    for log in logs.logs { if let message = log.take() { context.faults.report(message) } }
  }
}

// Each log is used by the thread that has its piece.
private struct FaultLogs: @unchecked Sendable {
  let logs: [FaultLog]
  init(_ logs: [FaultLog]) { self.logs = logs }
}

private final class BoundSharingBackward: BoundKernel {
  private let pieces: Pieces
  init(_ pieces: Pieces) { self.pieces = pieces }
  func run(_ context: RunContext) { context.pool.run(units: pieces.parts.count) { [pieces] in pieces.backward($0) } }
}
