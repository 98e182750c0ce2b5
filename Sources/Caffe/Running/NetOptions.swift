import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeOneDNN
import CaffePlan

/// How a net is built and run.
public struct NetOptions: Sendable {
  /// Which kernels are asked, the first that can wins; layers nobody offers for run on the reference.
  public enum Engine: String, Sendable, CaseIterable {
    case oneDNN = "onednn"
    case reference
  }

  public var engine = Engine.oneDNN
  /// Compute threads; by default as many as there are cores. More than that compute nothing sooner, as they wait for each other, and are not
  /// started.
  public var threads = NetOptions.coreCount
  /// Names of planner passes that shall not run.
  public var withoutPasses: Set<String> = []
  /// Bytes that weights, their gradients and the activations of one session may take; nil for as many as there are. What trades
  /// memory for speed is left out where it does not fit.
  public var memoryLimit: Int?
  /// What inner products and convolutions compute with; bf16 is for inference.
  public var precision = Precision.fp32
  public var state = NetState(phase: .TEST)
  /// Seed of fillers and of layers that draw random numbers.
  public var seed: UInt64 = 1
  public var registry = LayerRegistry.standard
  /// What becomes of records and pictures that cannot be used.
  public var badData = BadDataPolicy()
  /// What MemoryData layers get, by the names of the layers.
  public var memoryData: [String: MemoryData] = [:]

  public init() {}

  /// The cores that this process may run on.
  public static var coreCount: Int { Cores.allowed }

  /// How nets are planned.
  package var planOptions: PlanOptions {
    PlanOptions(
      threads: min(threads, NetOptions.coreCount), withoutPasses: withoutPasses, memoryLimit: memoryLimit, precision: precision)
  }

  /// What becomes of the precision on this CPU; nil where all of it is as asked for.
  public var precisionNote: String? {
    guard precision == .bf16, engine == .oneDNN, BFloat16Kernels.best == .none else { return nil }
    return
      "bf16: there are no instructions here that make it faster than fp32 (AVX512_BF16 or AMX), so convolutions stay in fp32; the "
      + "weights of inner products are bf16"
  }

  /// The backends to ask, before the reference.
  ///
  /// - Throws: `OneDNNError` when the library cannot start.
  package func backends() throws -> [any Backend] {
    switch engine {
    case .oneDNN: [try OneDNNBackend(minimumWork: OneDNNBackend.worthwhile), SharingBackend()]
    case .reference: []
    }
  }
}
