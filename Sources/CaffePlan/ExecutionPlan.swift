import CaffeCore
import CaffeGraph

/// What runs, in which order, on which memory: immutable, and shared by any number of sessions. The last stage but one.
public struct ExecutionPlan: Sendable {
  /// One kernel call.
  public struct Step: Sendable {
    public enum Kind: String, Sendable { case forward, backward, reorder, accumulate, seed }
    public let kind: Kind
    /// The layer or blob it serves.
    public let name: String
    /// The operation it belongs to, by index; nil for steps that belong to a blob.
    public let operation: Int?
    public let kernel: any Kernel
    let arguments: KernelArguments<Int>
    /// Buffers whose content is needed.
    let reads: [Int]
    /// Buffers that get content.
    let writes: [Int]
  }

  /// Memory of a step.
  struct Buffer: Sendable {
    enum Place: Sendable {
      /// In the session's arena, at the byte offset of the memory plan's demand.
      case arena(Int)
      /// A weight, by index into `residents`.
      case weight(Int)
      /// The gradient of a weight.
      case weightDiff(Int)
      /// Bytes of another buffer, from an offset on.
      case part(of: Int, offset: Int)
    }
    let byteCount: Int
    var place: Place
  }

  /// A weight in the layout in which kernels read it; it outlives the runs.
  public struct Resident: Sendable {
    public let source: WeightSource
    public let shape: Shape
    public let layout: Layout
    /// Whether a gradient of the same layout belongs to it.
    public internal(set) var hasDiff: Bool
    public var byteCount: Int { layout.byteCount(shape) }
  }

  public let program: Program
  public let options: PlanOptions
  public let steps: [Step]
  /// How many of the steps are the forward pass.
  public let forwardCount: Int
  public let residents: [Resident]
  public let memory: MemoryPlan
  let gradients: GradientMemory
  let buffers: [Buffer]
  /// Dense buffers of the net's inputs and of observed values.
  let valueBuffers: [Int: Int]
  /// Dense buffers for gradients that the caller gives, by value.
  let seedBuffers: [Int: Int]
  /// Dense buffers of the gradients of inputs.
  let inputDiffBuffers: [Int: Int]
  let backends: [any Backend]

  public var graph: ShapedGraph { program.graph }

  /// Whether operations are left that can only be planned once shapes are known.
  let hasLater: Bool
  /// Values whose shape this level's operations give as they run.
  let varyingValues: [Int]
  /// What this level is given by lower ones; empty for the first.
  let borderInputs: [Int]
  /// What later levels read of this one's values.
  let borderOutputs: [Int]

  /// Whether a run changes weights, as BatchNorm's statistics in training do: then sessions cannot share them.
  public var changesWeights: Bool {
    program.operations.contains { operation in
      operation.signature.weights.contains { $0.role == .statistic } && operation.signature.primitive == nil
    }
  }

  /// Whether a run goes on where the last one of its session ended, as recurrent layers do.
  public var hasState: Bool { program.operations.contains { !$0.signature.state.isEmpty } }

  /// Bytes of activations, gradients and scratch per session.
  public var arenaBytes: Int { memory.byteCount }
  /// Bytes of the gradients of weights.
  public var gradientBytes: Int { gradients.byteCount }
  /// Bytes that they take where each has a place of its own.
  public var keptGradientBytes: Int { gradients.keptByteCount }
  /// Whether gradients of weights lie over each other: only `Session.backward(onFinished:)` can show them, each before the next.
  public var sharesGradientMemory: Bool { gradients.isShared }
  /// Bytes of weights, their gradients and one session.
  public var byteCount: Int { weightBytes + gradientBytes + arenaBytes }
  /// Bytes of weights, shared by sessions.
  public var weightBytes: Int { residents.reduce(0) { $0 + $1.byteCount } }
}

/// How to plan.
public struct PlanOptions: Sendable {
  /// Compute threads, at least 1.
  public var threads: Int
  /// Names of passes that shall not run.
  public var withoutPasses: Set<String>
  /// Outputs that get a gradient from the caller.
  public var seeds: Set<String>
  /// Whether the gradients of weights are used up as backward finishes them, so that they can share memory.
  public var takesGradientsEarly: Bool
  /// Bytes that weights, their gradients and one session may take; nil for as many as there are.
  public var memoryLimit: Int?
  /// What inner products and convolutions compute with.
  public var precision: Precision

  public init(
    threads: Int = 1, withoutPasses: Set<String> = [], seeds: Set<String> = [], memoryLimit: Int? = nil,
    precision: Precision = .fp32, takesGradientsEarly: Bool = false
  ) {
    self.threads = max(1, threads)
    self.withoutPasses = withoutPasses
    self.seeds = seeds
    self.memoryLimit = memoryLimit
    self.precision = precision
    self.takesGradientsEarly = takesGradientsEarly
  }

  func runs(_ pass: String) -> Bool { !withoutPasses.contains(pass) }
}
