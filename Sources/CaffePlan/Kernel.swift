import CaffeCore
import CaffeGraph

/// Code for one step of a plan: made once, shared by all sessions, bound to each session's memory.
public protocol Kernel: Sendable {
  /// Which implementation it is, for `caffe plan`.
  var implementation: String { get }
  /// Fixes the memory it will run on.
  ///
  /// - Throws: what the library behind it reports.
  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel
}

/// A kernel with its memory, owned by one session.
public protocol BoundKernel: AnyObject {
  /// - Throws: what the library behind it reports.
  func run(_ context: RunContext) throws
}

/// What a kernel works on; `Place` is a buffer in a plan and a pointer in a session.
public struct KernelArguments<Place> {
  public var inputs: [Place] = []
  public var outputs: [Place] = []
  public var weights: [Place] = []
  public var saved: [Place] = []
  public var state: [Place] = []
  public var scratch: [Place] = []
  public var outputDiffs: [Place] = []
  public var inputDiffs: [Place?] = []
  public var weightDiffs: [Place?] = []

  public init() {}

  /// The same arguments at other places.
  public func map<Other>(_ place: (Place) -> Other) -> KernelArguments<Other> {
    var result = KernelArguments<Other>()
    result.inputs = inputs.map(place)
    result.outputs = outputs.map(place)
    result.weights = weights.map(place)
    result.saved = saved.map(place)
    result.state = state.map(place)
    result.scratch = scratch.map(place)
    result.outputDiffs = outputDiffs.map(place)
    result.inputDiffs = inputDiffs.map { $0.map(place) }
    result.weightDiffs = weightDiffs.map { $0.map(place) }
    return result
  }

  /// Every place once per mention.
  public var all: [Place] {
    inputs + outputs + weights + saved + state + scratch + outputDiffs + inputDiffs.compactMap { $0 }
      + weightDiffs.compactMap { $0 }
  }
}

extension KernelArguments: Sendable where Place: Sendable {}

/// What changes from run to run.
public struct RunContext {
  public let seed: UInt64
  /// The pass's number: random draws depend on it.
  public let iteration: Int
  public let pool: any ComputePool
  public let faults: FaultLog
  /// Where kernels say which shapes varying values have got.
  public let varying: VaryingShapes
  /// What adds up over the parts of the batch that other processes hold; nil where there are none, or each goes by its own.
  public let batchSum: BatchSum?

  public init(
    seed: UInt64, iteration: Int, pool: any ComputePool, faults: FaultLog, varying: VaryingShapes = VaryingShapes(),
    batchSum: BatchSum? = nil
  ) {
    self.seed = seed
    self.iteration = iteration
    self.pool = pool
    self.faults = faults
    self.varying = varying
    self.batchSum = batchSum
  }
}

/// The shapes that values of varying shape have got in a pass, by value of the graph.
///
/// Used by one session at a time, from the thread that runs it.
public final class VaryingShapes {
  public var shapes: [Int: Shape] = [:]
  public init() {}
}

/// What the planner asks backends about.
public struct KernelRequest: Sendable {
  public let operation: Program.Operation
  public let inputShapes: [Shape]
  public let outputShapes: [Shape]
  public let weightShapes: [Shape]
  /// How the inputs lie in memory now; a kernel may ask for something else.
  public var inputLayouts: [Layout]
  public let purpose: Purpose
  /// Per input, whether a gradient is wanted.
  public let propagates: [Bool]
  /// Per weight, whether a gradient is wanted.
  public let weightGradients: [Bool]
  public let threads: Int
  /// Names of passes that shall not run.
  public let withoutPasses: Set<String>
  /// What to compute with, where a backend has it; of a plan that trains fp32.
  public var precision: Precision
  /// Per output, how many channels the blob has that it will be a part of, where a Concat would copy it otherwise. An offer may take
  /// it up by an output layout for which `liesWithin` is true.
  public var wholeChannels: [Int?]

  public var needsBackward: Bool { propagates.contains(true) || weightGradients.contains(true) }
}

/// A backend's answer: the kernels, and what they need.
public struct KernelOffer: Sendable {
  public var forward: any Kernel
  public var backward: (any Kernel)?
  public var inputs: [Layout]
  public var outputs: [Layout]
  public var weights: [Layout]
  /// Bytes of what forward keeps for backward.
  public var saved: [Int]
  /// Bytes of what forward keeps for its next pass.
  public var state: [Int]
  public var forwardScratch: [Int]
  public var backwardScratch: [Int]
  public var backwardReads: Set<BackwardRead>
  /// Whether output 0 may lie over input 0, and input diff 0 over output diff 0.
  public var allowsInPlace: Bool
  /// The input that output 0 may lie over instead of input 0: the kernel reads each element of it before it writes there.
  public var inputInPlace: Int?

  public init(
    forward: any Kernel, backward: (any Kernel)? = nil, inputs: [Layout], outputs: [Layout], weights: [Layout] = [],
    saved: [Int] = [], state: [Int] = [],
    forwardScratch: [Int] = [], backwardScratch: [Int] = [], backwardReads: Set<BackwardRead> = [], allowsInPlace: Bool = false
  ) {
    self.forward = forward
    self.backward = backward
    self.inputs = inputs
    self.outputs = outputs
    self.weights = weights
    self.saved = saved
    self.state = state
    self.forwardScratch = forwardScratch
    self.backwardScratch = backwardScratch
    self.backwardReads = backwardReads
    self.allowsInPlace = allowsInPlace
  }
}

/// A maker of kernels.
public protocol Backend: Sendable {
  var name: String { get }
  /// Kernels for an operation; nil when the backend has none that is worth having.
  func offer(_ request: KernelRequest) -> KernelOffer?
  /// One kernel for all `parts` of an operation; nil when the backend has none.
  func offer(joined request: KernelRequest) -> KernelOffer?
  /// A kernel that moves a value from one layout to another; nil when the backend knows neither.
  func reorder(_ shape: Shape, from: Layout, to: Layout) -> (any Kernel)?
  /// The layout of so many numbers within a value of that layout, where they lie in the order of the dense ones; nil for others.
  func layout(_ layout: Layout, ofRun count: Int) -> Layout?
  /// Whether values in that layout with one outermost item, laid end to end, are their own concatenation along axis 1.
  func concatenatesInMemory(_ layout: Layout, shape: Shape) -> Bool
  /// Whether a value in that layout leaves room, image by image, for the other channels of a value of shape `whole`.
  func liesWithin(_ whole: Shape, _ layout: Layout, shape: Shape) -> Bool
  /// Threads for kernels to share their work on.
  func pool(threads: Int) -> (any ComputePool)?
}

extension Backend {
  public func offer(joined request: KernelRequest) -> KernelOffer? { nil }
  public func reorder(_ shape: Shape, from: Layout, to: Layout) -> (any Kernel)? { nil }
  public func layout(_ layout: Layout, ofRun count: Int) -> Layout? { nil }
  public func concatenatesInMemory(_ layout: Layout, shape: Shape) -> Bool { layout == .dense }
  public func liesWithin(_ whole: Shape, _ layout: Layout, shape: Shape) -> Bool { false }
  public func pool(threads: Int) -> (any ComputePool)? { nil }
}
