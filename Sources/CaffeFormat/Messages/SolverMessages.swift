/// SolverParameter: how a net is trained. The nets given inline (`net_param` …) are read by `SolverDefinition`.
public struct SolverParameter: ProtoMessage, Equatable {
  public enum SnapshotFormat: Int32, ProtoEnum {
    case HDF5 = 0
    case BINARYPROTO = 1
    public static let schema = makeSchema("SnapshotFormat")
  }
  public enum SolverMode: Int32, ProtoEnum {
    case CPU = 0
    case GPU = 1
    public static let schema = makeSchema("SolverMode")
  }
  /// How `type` was given before it was a string.
  public enum SolverType: Int32, ProtoEnum {
    case SGD = 0
    case NESTEROV = 1
    case ADAGRAD = 2
    case RMSPROP = 3
    case ADADELTA = 4
    case ADAM = 5
    public static let schema = makeSchema("SolverType")
  }
  public var net: String?
  public var trainNet: String?
  public var testNet: [String] = []
  public var trainState: NetState?
  public var testState: [NetState] = []
  public var testIter: [Int] = []
  public var testInterval = 0
  public var testComputeLoss = false
  public var testInitialization = true
  public var baseLr: Float?
  public var display = 0
  public var averageLoss = 1
  public var maxIter: Int?
  public var iterSize = 1
  public var lrPolicy: String?
  public var gamma: Float?
  public var power: Float?
  public var momentum: Float = 0
  public var weightDecay: Float = 0
  public var regularizationType = "L2"
  public var stepsize: Int?
  public var stepvalue: [Int] = []
  public var clipGradients: Float = -1
  public var snapshot = 0
  public var snapshotPrefix: String?
  public var snapshotDiff = false
  public var snapshotFormat = SnapshotFormat.BINARYPROTO
  public var solverMode = SolverMode.GPU
  public var deviceId = 0
  public var randomSeed = -1
  public var type = "SGD"
  public var delta: Float = 1e-8
  public var momentum2: Float = 0.999
  public var rmsDecay: Float = 0.99
  public var debugInfo = false
  public var snapshotAfterTrain = true
  public var solverType = SolverType.SGD
  public var layerWiseReduce = true
  public var weights: [String] = []
  /// What SSD's tests measure: "classification" or "detection". Read, not acted upon; Caffe 1.0 gave SSD's number 41 to
  /// `layer_wise_reduce`, so in binary it has a number of its own here.
  public var evalType = "classification"
  /// How SSD makes one number of precision and recall: "11point", "MaxIntegral" or "Integral". SSD's number 42 is taken by
  /// `weights`.
  public var apVersion = "Integral"
  /// How many iterations without a smaller loss `lr_policy: "plateau"` (SSD's) waits, once for each step.
  public var plateauWinsize: [Int] = []
  /// Whether SSD's log names the result of every class.
  public var showPerClassResult = false
  /// For so many iterations the rate climbs in a straight line from `warmup_start_lr` to the policy's (Intel's fork).
  public var warmupIter = 0
  public var warmupStartLr: Float = 0
  /// What `lr_policy: "cosine"` ends with (NVIDIA's fork).
  public var minLr: Float = 0
  public init() {}
  public static let messageName = "SolverParameter"
  public static let fields: [Field<SolverParameter>] = [
    Field("net", 24, \.net), Field("train_net", 1, \.trainNet), Field("test_net", 2, \.testNet),
    Field("train_state", 26, \.trainState), Field("test_state", 27, \.testState), Field("test_iter", 3, \.testIter),
    Field("test_interval", 4, \.testInterval), Field("test_compute_loss", 19, \.testComputeLoss),
    Field("test_initialization", 32, \.testInitialization), Field("base_lr", 5, \.baseLr), Field("display", 6, \.display),
    Field("average_loss", 33, \.averageLoss), Field("max_iter", 7, \.maxIter), Field("iter_size", 36, \.iterSize),
    Field("lr_policy", 8, \.lrPolicy), Field("gamma", 9, \.gamma), Field("power", 10, \.power), Field("momentum", 11, \.momentum),
    Field("weight_decay", 12, \.weightDecay), Field("regularization_type", 29, \.regularizationType),
    Field("stepsize", 13, \.stepsize), Field("stepvalue", 34, \.stepvalue), Field("clip_gradients", 35, \.clipGradients),
    Field("snapshot", 14, \.snapshot), Field("snapshot_prefix", 15, \.snapshotPrefix), Field("snapshot_diff", 16, \.snapshotDiff),
    Field("snapshot_format", 37, \.snapshotFormat), Field("solver_mode", 17, \.solverMode), Field("device_id", 18, \.deviceId),
    Field("random_seed", 20, \.randomSeed, as: .int64), Field("type", 40, \.type), Field("delta", 31, \.delta),
    Field("momentum2", 39, \.momentum2), Field("rms_decay", 38, \.rmsDecay), Field("debug_info", 23, \.debugInfo),
    Field("snapshot_after_train", 28, \.snapshotAfterTrain), Field("solver_type", 30, \.solverType),
    Field("layer_wise_reduce", 41, \.layerWiseReduce), Field("weights", 42, \.weights),
    Field("eval_type", 1041, \.evalType), Field("ap_version", 1042, \.apVersion),
    Field("plateau_winsize", 43, \.plateauWinsize), Field("show_per_class_result", 44, \.showPerClassResult),
    Field("warmup_iter", 1045, \.warmupIter), Field("warmup_start_lr", 1046, \.warmupStartLr), Field("min_lr", 1047, \.minLr),
  ]
  public static let schema = makeSchema()
}

/// SolverState: what a solver needs beside the weights to go on.
public struct SolverState: Sendable {
  public var iteration: Int
  /// The caffemodel of the same iteration, relative to the working directory, as Caffe has it.
  public var learnedNet: String?
  /// Momentum and the like, one blob per learnable parameter in the net's order.
  public var history: [BlobRecord]
  public var currentStep: Int

  public init(iteration: Int, learnedNet: String?, history: [BlobRecord], currentStep: Int) {
    self.iteration = iteration
    self.learnedNet = learnedNet
    self.history = history
    self.currentStep = currentStep
  }

  static let schema = MessageSchema(
    "SolverState",
    [
      FieldSchema("iter", 1, .int32), FieldSchema("learned_net", 2, .string),
      FieldSchema("history", 3, .message(BlobRecord.schema), repeated: true),
      FieldSchema("current_step", 4, .int32, default: "0"),
    ])

  /// Reads a `.solverstate` file.
  ///
  /// - Throws: `FileError`, `WireError`, or `BlobError` when it is no solver state.
  public static func read(path: String) throws -> SolverState {
    let message = try WireReader.decode(try MappedFile(path: path), as: schema)
    guard let iteration = message.last("iter")?.value.integer, iteration >= 0 else {
      throw BlobError(blob: path, reason: "this is no solver state: it names no iteration (a .caffemodel goes to --weights)")
    }
    let history = try message.messages("history").enumerated().map { try BlobRecord($1, name: "\(path): history \($0)") }
    return SolverState(
      iteration: Int(iteration), learnedNet: message.string("learned_net"), history: history,
      currentStep: Int(message.last("current_step")?.value.integer ?? 0))
  }

  /// Writes a `.solverstate` file that old Caffe reads as well.
  ///
  /// - Throws: `FileError`.
  public func write(path: String) throws {
    var message = Message(SolverState.schema)
    message.append("iter", .integer(Int64(iteration)))
    if let learnedNet { message.append("learned_net", .string(learnedNet)) }
    for blob in history { message.append("history", .message(blob.message)) }
    message.append("current_step", .integer(Int64(currentStep)))
    try WireWriter.write(message, path: path)
  }
}
