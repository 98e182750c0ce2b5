import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffePlan

/// The main memory that a process which runs a net will hold at most, and what it consists of, in bytes.
public struct MemoryForecast: Sendable, Encodable {
  /// The program, its libraries and the kernels compiled for this net: what this process holds, which has planned the same.
  public let program: Int
  /// Weights as kernels read them.
  public let weights: Int
  /// Gradients of weights, where a solver uses up each as it is finished: none for inference.
  public let gradients: Int
  /// Gradients of weights, where a solver needs all at once: to clip them, to add up passes, to show or exchange them.
  public let keptGradients: Int
  /// What a solver remembers of each weight, for SGD with momentum: none for inference.
  public let history: Int
  /// Activations, their gradients and scratch.
  public let activations: Int
  /// What loading holds beyond all of these: the dense copy of the weight being packed, the buffer that smaller ones are packed by,
  /// and the piece of the file being read.
  public let loading: Int

  /// The sum.
  public var peak: Int { program + weights + gradients + history + activations + loading }

  /// - Parameter plan: made by this process, so that its kernels are counted.
  public init(_ plan: ExecutionPlan) {
    program = ProcessMemory.peak
    weights = plan.weightBytes
    gradients = plan.gradientBytes
    keptGradients = plan.keptGradientBytes
    history = plan.residents.reduce(0) { $0 + ($1.hasDiff ? $1.byteCount : 0) }
    activations = plan.arenaBytes
    // Loading comes before anything but the program and the weights packed so far is touched.
    loading = max(0, MemoryForecast.whileLoading(plan) - weights - gradients - history - activations)
  }

  /// The most that weights, dense copies and pieces of the file take while weights are loaded one by one.
  private static func whileLoading(_ plan: ExecutionPlan) -> Int {
    var (packed, shared, most) = (0, 0, 0)
    for resident in plan.residents {
      packed += resident.byteCount
      let dense = ResidentWeights.scratchBytes(plan, resident)
      if dense <= ResidentWeights.sharedBytes { shared = max(shared, dense) }
      let own = dense <= ResidentWeights.sharedBytes ? 0 : dense
      most = max(most, packed + shared + own + min(resident.shape.count * 4, NumberRun.piece))
    }
    return most
  }

  private enum CodingKeys: String, CodingKey {
    case program, weights, gradients, keptGradients, history, activations, loading, peak
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(program, forKey: .program)
    try container.encode(weights, forKey: .weights)
    try container.encode(gradients, forKey: .gradients)
    try container.encode(keptGradients, forKey: .keptGradients)
    try container.encode(history, forKey: .history)
    try container.encode(activations, forKey: .activations)
    try container.encode(loading, forKey: .loading)
    try container.encode(peak, forKey: .peak)
  }
}
