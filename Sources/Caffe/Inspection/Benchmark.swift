import CaffeCore
import CaffeGraph
import CaffePlan
import CaffeTraining

/// How long a net's layers take: `caffe time`.
public struct Benchmark: Sendable, Encodable {
  /// Seconds of one thing over the iterations.
  public struct Times: Sendable, Encodable {
    public let mean: Double
    public let median: Double
    public let p95: Double

    init(_ samples: [Double]) {
      let sorted = samples.sorted()
      mean = samples.isEmpty ? 0 : samples.reduce(0, +) / Double(samples.count)
      median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
      p95 = sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * 95 / 100)]
    }
  }

  /// A layer, or layers that run as one.
  public struct Layer: Sendable, Encodable {
    public let name: String
    public let forward: Times
    public let backward: Times?
    public let flops: Int
    /// Bytes read and written by one forward pass: bottoms, tops and parameters.
    public let bytes: Int
  }

  public let iterations: Int
  public let layers: [Layer]
  public let forward: Times
  public let backward: Times?
  public let total: Double
  /// Seconds of the pass before the counted ones, in which memory is touched for the first time.
  public let firstPass: Double

  /// Runs a net some times, after one pass that is not counted.
  ///
  /// - Parameters:
  ///   - iterations: the least number of passes.
  ///   - seconds: how long passes go on at least, measured in the passes alone.
  ///   - onIteration: told each iteration's number and seconds, of several passes at a time: what is done with them between two passes,
  ///     such as writing a line, takes so long that threads fall asleep, and the next pass would begin with waking them.
  /// - Throws: `RunError`, or what reading data throws.
  public init(
    _ net: SolverNet, iterations: Int, seconds: Double = 0, shouldStop: () -> Bool = { false },
    onIteration: (Int, Double) -> Void
  ) throws {
    let clock = Stopwatch()
    let session = net.session
    let hasBackward = session.plan.steps.count > session.plan.forwardCount
    try Benchmark.feed(net)
    firstPass = try clock.time {
      try session.forward()
      if hasBackward { try session.backward() }
    }
    session.onStep = { step, seconds in clock.add(step, seconds) }
    defer { session.onStep = nil }
    var (forwards, backwards, spent) = ([Double](), [Double](), 0.0)
    var (told, toldAt) = (0, 0.0)
    func tell() {
      for pass in told..<forwards.count { onIteration(pass + 1, forwards[pass] + (hasBackward ? backwards[pass] : 0)) }
      (told, toldAt) = (forwards.count, spent)
    }
    while forwards.count < iterations || spent < seconds, !shouldStop() {
      forwards.append(try clock.time { try session.forward() })
      if hasBackward { backwards.append(try clock.time { try session.backward() }) }
      spent += (forwards.last ?? 0) + (hasBackward ? backwards.last ?? 0 : 0)
      if spent - toldAt > Benchmark.tellingInterval { tell() }
    }
    tell()
    self.iterations = forwards.count
    forward = Times(forwards)
    backward = hasBackward ? Times(backwards) : nil
    total = forwards.reduce(0, +) + backwards.reduce(0, +)
    layers = clock.layers(session.plan)
  }

  /// Seconds of passes after which they are told of.
  private static let tellingInterval = 0.1

  /// Inputs that nobody feeds get numbers like an image's, since zeros and noise can be unlike in speed.
  private static func feed(_ net: SolverNet) throws {
    let graph = net.session.plan.graph
    if let feed = net.feed {
      try feed.fill(net.session)
    } else {
      for value in graph.inputs {
        let random = RandomStream(seed: 1, path: UInt64(value))
        guard let memory = net.session.input(graph.graph.values[value].name) else { continue }
        let isLabels = graph.shapes[value].rank < 2
        for i in memory.indices { memory[i] = isLabels ? 0 : random.uniform(i) * 250 - 120 }
      }
    }
  }
}

/// Gathers the times of steps.
private final class Stopwatch {
  private var forward: [Int: [Double]] = [:]
  private var backward: [Int: [Double]] = [:]

  func add(_ step: ExecutionPlan.Step, _ seconds: Double) {
    guard let operation = step.operation else { return }
    if step.kind == .forward {
      forward[operation, default: []].append(seconds)
    } else {
      backward[operation, default: []].append(seconds)
    }
  }

  func time(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body).inSeconds
  }

  func layers(_ plan: ExecutionPlan) -> [Benchmark.Layer] {
    plan.program.operations.enumerated().map { index, operation in
      let values = (operation.inputs + operation.outputs).reduce(0) { $0 + plan.program.shape($1).count }
      let weights = zip(operation.weights, plan.program.weightShapes(operation)).reduce(0) { bytes, weight in
        bytes + weight.1.count * (plan.residents.first { $0.source == weight.0 }?.layout.elementSize ?? 4)
      }
      let nodes = (operation.parts.isEmpty ? [operation] : operation.parts).map { plan.graph.nodes[$0.node] }
      return Benchmark.Layer(
        name: operation.title, forward: .init(forward[index] ?? []), backward: backward[index].map { .init($0) },
        flops: nodes.reduce(0) { $0 + $1.flops }, bytes: values * 4 + weights)
    }
  }
}
