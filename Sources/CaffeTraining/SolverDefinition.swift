import CaffeCore
import CaffeFormat
import CaffeGraph

/// A solver as its file describes it, with the nets it trains and tests.
public struct SolverDefinition: Sendable {
  /// Where a net comes from.
  public enum NetSource: Sendable {
    /// A path as written in the file.
    case file(String)
    /// A message within the solver's file.
    case inline(Message)
  }

  /// One test net with the number of its batches.
  public struct TestNet: Sendable {
    public let source: NetSource
    public let state: NetState
    public let iterations: Int
  }

  public let parameter: SolverParameter
  public let trainNet: NetSource
  public let trainState: NetState
  public let testNets: [TestNet]
  /// The prefix of snapshot files: given, or the solver file's path without its extension.
  public let snapshotPrefix: String
  /// What of the file was passed over, or is read and not acted upon.
  public let warnings: Diagnostics
  private let message: Message

  /// Parses a solver's prototxt, of any age.
  ///
  /// - Throws: `Diagnostics` with every mistake at its line and column.
  public init(_ file: SourceFile, schema: NetSchema) throws(Diagnostics) {
    let (parsed, warnings) = try TextParser.read(file, as: schema.solver, allowsUnknown: schema.allowsUnknown)
    let message = try NetUpgrade.upgradeSolver(parsed)
    self.warnings = Diagnostics(warnings.items + message.notesOnIgnoredFields.items)
    self.message = message
    let reader = SolverReader(message)
    parameter = SolverParameter(message)
    trainNet = try reader.trainNet()
    trainState = reader.trainState()
    testNets = try reader.testNets()
    snapshotPrefix = parameter.snapshotPrefix ?? SolverDefinition.withoutExtension(file.name)
  }

  /// Whether the numbers make sense: policy, rule and their fields.
  ///
  /// - Throws: `SolverError` naming the field.
  public func check() throws(SolverError) {
    guard (1...1_000_000).contains(parameter.iterSize) else {
      throw SolverError("iter_size is \(parameter.iterSize); it must be 1 to 1000000", field: "iter_size")
    }
    guard parameter.averageLoss > 0 else { throw SolverError("average_loss must be at least 1", field: "average_loss") }
    for (name, value) in [
      ("display", parameter.display), ("snapshot", parameter.snapshot), ("test_interval", parameter.testInterval),
    ] where value < 0 {
      throw SolverError("\(name) must not be negative; 0 switches it off", field: name)
    }
    guard ["L1", "L2"].contains(parameter.regularizationType) else {
      throw SolverError(
        "regularization_type is L1 or L2, not \"\(parameter.regularizationType)\"", field: "regularization_type")
    }
    guard AveragePrecision(rawValue: parameter.apVersion) != nil else {
      let known = AveragePrecision.allCases.map(\.rawValue).joined(separator: ", ")
      throw SolverError("ap_version is one of \(known), not \"\(parameter.apVersion)\"", field: "ap_version")
    }
    _ = try LearningRate(parameter)
    _ = try UpdateRules.make(parameter)
    guard let maximum = parameter.maxIter, maximum >= 0 else {
      throw SolverError("max_iter is missing: how long to train?", field: "max_iter")
    }
  }

  /// How the tests score detections.
  var averagePrecision: AveragePrecision { AveragePrecision(rawValue: parameter.apVersion) ?? .integral }

  /// Whether a training writes snapshots.
  public var writesSnapshots: Bool { parameter.snapshot > 0 || parameter.snapshotAfterTrain }

  /// Whether the file itself says GPU, which is also the field's default.
  public var asksForGPU: Bool { message.has("solver_mode") && parameter.solverMode == .GPU }

  /// The nets it names by path, with the field that names them.
  public var netFiles: [(path: String, field: String)] {
    ["net", "train_net", "test_net"].flatMap { field in message.strings(field).map { (path: $0, field: field) } }
  }

  /// The whole solver as text.
  var text: String { TextPrinter.print(message) }

  /// Where a field stands in the file.
  public func location(of field: String) -> SourceLocation? { message.last(field)?.nameLocation }

  private static func withoutExtension(_ path: String) -> String {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return path }
    return String(path[..<dot])
  }
}

/// Reads which nets a solver names; the rules are those of Caffe 1.0's Solver::InitTrainNet and InitTestNets.
private struct SolverReader {
  private let message: Message
  private let parameter: SolverParameter

  init(_ message: Message) {
    self.message = message
    parameter = SolverParameter(message)
  }

  func trainNet() throws(Diagnostics) -> SolverDefinition.NetSource {
    let fields = ["train_net_param", "train_net", "net_param", "net"].filter(message.has)
    guard fields.count == 1, let field = fields.first else {
      let found = fields.isEmpty ? "none is given" : "\(fields.joined(separator: ", ")) are given"
      throw problem("the training net is one of net, net_param, train_net and train_net_param; \(found)", fields.first)
    }
    return source(field)[0]
  }

  private func source(_ field: String) -> [SolverDefinition.NetSource] {
    message.all(field).compactMap { entry in
      entry.value.string.map { .file($0) } ?? entry.value.message.map { .inline($0) }
    }
  }

  func trainState() -> NetState {
    var state = parameter.trainState ?? NetState()
    state.phase = .TRAIN
    return state
  }

  func testNets() throws(Diagnostics) -> [SolverDefinition.TestNet] {
    let own = source("test_net_param") + source("test_net")
    let shared = source("net_param") + source("net")
    let wanted = parameter.testIter.count
    guard wanted >= own.count, own.count == wanted || !shared.isEmpty else {
      throw problem("test_iter is given \(wanted) time(s) for \(own.count) test net(s); give it once for each", "test_iter")
    }
    if let bad = parameter.testIter.first(where: { $0 < 1 }) {
      throw problem("test_iter is \(bad); it must be at least 1", "test_iter")
    }
    guard wanted == 0 || parameter.testInterval > 0 else {
      throw problem("test_interval is missing: how many iterations between tests?", "test_iter")
    }
    if !parameter.testState.isEmpty, parameter.testState.count != wanted {
      throw problem(
        "test_state is given \(parameter.testState.count) time(s) for \(wanted) test net(s); give none or one for each",
        "test_state")
    }
    let sources = own + (own.count..<wanted).map { _ in shared[0] }
    return sources.enumerated().map { index, source in
      var state = index < parameter.testState.count ? parameter.testState[index] : NetState()
      state.phase = .TEST
      return .init(source: source, state: state, iterations: parameter.testIter[index])
    }
  }

  private func problem(_ text: String, _ field: String?) -> Diagnostics {
    Diagnostics([Diagnostic(text, at: field.flatMap { message.last($0)?.nameLocation })])
  }
}
