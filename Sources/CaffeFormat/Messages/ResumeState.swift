import CaffeCore

/// What a training needs to go on as if it had never stopped, beside the weights and Caffe's solver state: where its data stand,
/// what its layers remember, its seed, and the losses it takes means of.
///
/// Caffe 1.0 keeps none of it. It lies in a file of its own, `PREFIX_iter_N.resume`, so that old Caffe still reads the solver state.
public struct ResumeState: ProtoMessage, Equatable {
  /// How far the source of a data layer has come.
  public struct Source: ProtoMessage, Equatable {
    /// The layer's name.
    public var layer = ""
    /// The records it has given or passed over.
    public var position = 0
    public init() {}
    public static let messageName = "ResumeSource"
    public static let fields: [Field<Source>] = [
      Field("layer", 1, \.layer), Field("position", 2, \.position, as: .int64),
    ]
    public static let schema = makeSchema()
  }

  /// A buffer that a recurrent layer carries from batch to batch.
  public struct Memory: ProtoMessage, Equatable {
    /// The layer's name.
    public var layer = ""
    /// Which of the layer's buffers.
    public var index = 0
    /// Dense.
    public var values: [Float] = []
    public init() {}
    public static let messageName = "ResumeMemory"
    public static let fields: [Field<Memory>] = [
      Field("layer", 1, \.layer), Field("index", 2, \.index), Field("value", 3, \.values, packed: true),
    ]
    public static let schema = makeSchema()
  }

  /// One net of the solver.
  public struct Net: ProtoMessage, Equatable {
    /// Forward passes made: the random draws of layers depend on them.
    public var passes = 0
    public var sources: [Source] = []
    public var memories: [Memory] = []
    public init() {}
    public static let messageName = "ResumeNet"
    public static let fields: [Field<Net>] = [
      Field("passes", 1, \.passes, as: .int64), Field("source", 2, \.sources), Field("memory", 3, \.memories),
    ]
    public static let schema = makeSchema()
  }

  /// How far a learning rate that waits for the loss to stand still has come (`lr_policy: "plateau"`).
  public struct Plateau: ProtoMessage, Equatable {
    /// The smallest loss so far; nil before the first.
    public var smallestLoss: Float?
    /// The iteration that had it, or that the last step was taken at.
    public var lastEvent = 0
    /// Steps taken.
    public var steps = 0
    public init() {}
    public static let messageName = "ResumePlateau"
    public static let fields: [Field<Plateau>] = [
      Field("smallest_loss", 1, \.smallestLoss), Field("last_event", 2, \.lastEvent, as: .int64), Field("steps", 3, \.steps),
    ]
    public static let schema = makeSchema()
  }

  /// The iteration of the snapshot it belongs to.
  public var iteration: Int?
  /// The bits of the run's seed.
  public var seed: Int?
  /// The losses that the next mean (average_loss) starts from.
  public var losses: [Float] = []
  public var plateau: Plateau?
  /// The training net, and then the test nets.
  public var nets: [Net] = []
  public init() {}
  public static let messageName = "ResumeState"
  public static let fields: [Field<ResumeState>] = [
    Field("iter", 1, \.iteration, as: .int64), Field("seed", 2, \.seed, as: .int64),
    Field("loss", 3, \.losses, packed: true), Field("plateau", 4, \.plateau), Field("net", 5, \.nets),
  ]
  public static let schema = makeSchema()

  /// The resume file that belongs to a solver state of either format.
  public static func path(besideState path: String) -> String {
    for suffix in [".solverstate", ".solverstate.h5"] where path.hasSuffix(suffix) {
      return path.dropLast(suffix.count) + ".resume"
    }
    return path + ".resume"
  }

  /// Nothing counts this far; beyond it, sums would not fit.
  private static let largestCount = 1 << 62

  /// Reads a resume file.
  ///
  /// - Throws: `FileError`, `WireError`, or `BlobError` when it is none.
  public static func read(path: String) throws -> ResumeState {
    let state = ResumeState(try WireReader.decode(try MappedFile(path: path), as: schema))
    let counts = state.nets.flatMap { [$0.passes] + $0.sources.map(\.position) + $0.memories.map(\.index) }
    let waits = [state.plateau?.steps ?? 0, state.plateau?.lastEvent ?? 0]
    guard let iteration = state.iteration, state.seed != nil,
      ([iteration] + counts + waits).allSatisfy((0...largestCount).contains)
    else {
      throw BlobError(blob: path, reason: "this is no resume file; without it data begin where the iteration says")
    }
    return state
  }

  /// Writes the file; it appears whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func write(path: String) throws { try WireWriter.write(message, path: path) }
}
