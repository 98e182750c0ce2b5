import CaffeCore

/// Dense row-major memory of a blob for the time of one call.
public struct TensorView {
  public let shape: Shape
  public let pointer: UnsafeMutablePointer<Float>

  public init(_ shape: Shape, _ pointer: UnsafeMutablePointer<Float>) {
    self.shape = shape
    self.pointer = pointer
  }

  public var count: Int { shape.count }

  public subscript(index: Int) -> Float {
    get { pointer[index] }
    nonmutating set { pointer[index] = newValue }
  }

  /// Sets every element.
  public func fill(_ value: Float) { pointer.update(repeating: value, count: count) }

  /// Multiplies what is negative by the slope of a ReLU.
  public func rectify(slope: Float) {
    for i in 0..<count {
      let value = pointer[i]
      pointer[i] = value < 0 ? value * slope : value
    }
  }

  /// Copies the elements of a view of the same count, which may be this one.
  public func copy(from other: TensorView) {
    if pointer != other.pointer { pointer.update(from: other.pointer, count: count) }
  }
}

/// Where a layer says what is wrong with the values it was given: a label that names no class.
///
/// Used by one session at a time, from the thread that runs it.
public final class FaultLog {
  /// The first message of the pass; later ones are mostly the same again.
  public private(set) var message: String?
  public init() {}
  public func report(_ text: @autoclosure () -> String) { if message == nil { message = text() } }
  /// Whether nothing was reported.
  public var isEmpty: Bool { message == nil }
  /// Takes the message away, for the next pass.
  public func take() -> String? {
    defer { message = nil }
    return message
  }
}

/// Where a layer says which shape a top of varying shape has got.
///
/// Used by one session at a time, from the thread that runs it.
public final class TopShapes {
  /// By index of the top.
  public private(set) var shapes: [Int: Shape] = [:]
  public init() {}
  public func set(_ shape: Shape, ofTop index: Int) { shapes[index] = shape }
}

/// What forward may touch.
public struct ForwardIO {
  public let bottoms: [TensorView]
  public let tops: [TensorView]
  /// The parameter blobs; statistics may be written.
  public let weights: [TensorView]
  public let saved: [TensorView]
  /// What the pass before left, to be changed.
  public let state: [TensorView]
  public let scratch: [TensorView]
  /// Draws of this layer in this iteration.
  public let random: RandomStream
  public let faults: FaultLog
  /// The index of the views' first element in the whole blob: not 0 where the work is shared out.
  public let firstElement: Int
  /// What adds up over a batch of which other processes hold parts; nil where the layer is to go by its own part.
  public let batchSum: BatchSum?
  private let topShapes: TopShapes

  public init(
    bottoms: [TensorView], tops: [TensorView], weights: [TensorView] = [], saved: [TensorView] = [], state: [TensorView] = [],
    scratch: [TensorView] = [], random: RandomStream, faults: FaultLog = FaultLog(), topShapes: TopShapes = TopShapes(),
    firstElement: Int = 0, batchSum: BatchSum? = nil
  ) {
    self.bottoms = bottoms
    self.tops = tops
    self.weights = weights
    self.saved = saved
    self.state = state
    self.scratch = scratch
    self.random = random
    self.faults = faults
    self.topShapes = topShapes
    self.firstElement = firstElement
    self.batchSum = batchSum
  }

  /// Says which shape a top listed in `varyingTops` has this time; its elements lie row by row from the view's start.
  ///
  /// - Precondition: the shape has no more elements than the view.
  public func setShape(_ shape: Shape, ofTop index: Int) {
    precondition(shape.count <= tops[index].count)
    topShapes.set(shape, ofTop: index)
  }
}

/// What backward may touch.
public struct BackwardIO {
  /// Values of the bottoms and tops: only those the signature declares under `backwardReads` hold what they did.
  public let bottoms: [TensorView]
  public let tops: [TensorView]
  public let topDiffs: [TensorView]
  /// To be set; nil where no gradient is wanted.
  public let bottomDiffs: [TensorView?]
  public let weights: [TensorView]
  /// To be added to; nil where no gradient is wanted.
  public let weightDiffs: [TensorView?]
  public let saved: [TensorView]
  public let scratch: [TensorView]
  /// As forward has it.
  public var batchSum: BatchSum?

  public init(
    bottoms: [TensorView], tops: [TensorView], topDiffs: [TensorView], bottomDiffs: [TensorView?], weights: [TensorView] = [],
    weightDiffs: [TensorView?] = [], saved: [TensorView] = [], scratch: [TensorView] = [], batchSum: BatchSum? = nil
  ) {
    self.bottoms = bottoms
    self.tops = tops
    self.topDiffs = topDiffs
    self.bottomDiffs = bottomDiffs
    self.weights = weights
    self.weightDiffs = weightDiffs
    self.saved = saved
    self.scratch = scratch
    self.batchSum = batchSum
  }
}
