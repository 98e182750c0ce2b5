import CaffeCore
import CaffeFormat

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The learning rate as a function of the iteration: Caffe 1.0's `lr_policy`, and beyond it cosine (Loshchilov and Hutter, "SGDR",
/// ICLR 2017), SSD's plateau, and a straight climb at the start of any of them (`warmup_iter`).
public struct LearningRate: Sendable {
  private enum Policy: Sendable {
    case fixed
    case step(gamma: Float, size: Int)
    case exponential(gamma: Float)
    case inverse(gamma: Float, power: Float)
    case multistep(gamma: Float, at: [Int])
    case polynomial(power: Float, end: Int)
    case sigmoid(gamma: Float, size: Int)
    case cosine(smallest: Float, end: Int)
    case plateau(gamma: Float)
  }

  /// The names that `lr_policy` may have.
  public static let policies = ["cosine", "exp", "fixed", "inv", "multistep", "plateau", "poly", "sigmoid", "step"]

  private let base: Float
  private let policy: Policy
  private let warmup: (start: Float, end: Int)

  /// - Throws: `SolverError` for an unknown policy or one whose numbers are missing.
  public init(_ parameter: SolverParameter) throws(SolverError) {
    base = try LearningRate.required(parameter.baseLr, "base_lr")
    policy = try LearningRate.policy(parameter)
    guard parameter.warmupIter >= 0 else { throw SolverError("warmup_iter must not be negative", field: "warmup_iter") }
    warmup = (parameter.warmupStartLr, parameter.warmupIter)
  }

  private static func policy(_ p: SolverParameter) throws(SolverError) -> Policy {
    switch p.lrPolicy {
    case "fixed": return .fixed
    case "step": return .step(gamma: try required(p.gamma, "gamma"), size: try positive(p.stepsize, "stepsize"))
    case "exp": return .exponential(gamma: try required(p.gamma, "gamma"))
    case "inv": return .inverse(gamma: try required(p.gamma, "gamma"), power: try required(p.power, "power"))
    case "multistep": return .multistep(gamma: try required(p.gamma, "gamma"), at: p.stepvalue)
    case "poly": return .polynomial(power: try required(p.power, "power"), end: try positive(p.maxIter, "max_iter"))
    case "sigmoid": return .sigmoid(gamma: try required(p.gamma, "gamma"), size: try positive(p.stepsize, "stepsize"))
    case "cosine": return .cosine(smallest: p.minLr, end: try positive(p.maxIter, "max_iter"))
    case "plateau":
      guard !p.plateauWinsize.isEmpty, p.plateauWinsize.allSatisfy({ $0 > 0 }) else {
        throw SolverError("plateau_winsize is missing, or not above 0: how long to wait for a smaller loss?", field: "lr_policy")
      }
      return .plateau(gamma: try required(p.gamma, "gamma"))
    case nil: throw SolverError("lr_policy is missing; it is one of \(policies.joined(separator: ", "))", field: "lr_policy")
    case let other?:
      let hint =
        nearest(to: other, among: policies).map { "did you mean \"\($0)\"?" } ?? "one of \(policies.joined(separator: ", "))"
      throw SolverError("there is no lr_policy \"\(other)\"; \(hint)", field: "lr_policy")
    }
  }

  private static func required<V>(_ value: V?, _ name: String) throws(SolverError) -> V {
    guard let value else { throw SolverError("\(name) is missing", field: name) }
    return value
  }

  private static func positive(_ value: Int?, _ name: String) throws(SolverError) -> Int {
    let value = try required(value, name)
    guard value > 0 else { throw SolverError("\(name) must be at least 1", field: name) }
    return value
  }

  /// The rate of an iteration, before a parameter's lr_mult.
  ///
  /// - Parameter steps: how many steps `plateau` has taken; the other policies know theirs.
  public subscript(iteration: Int, steps steps: Int = 0) -> Float {
    guard iteration < warmup.end else { return settled(at: iteration, steps) }
    let goal = settled(at: warmup.end, steps)
    return warmup.start + (goal - warmup.start) * Float(iteration) / Float(warmup.end)
  }

  private func settled(at iteration: Int, _ plateauSteps: Int) -> Float {
    let t = Float(iteration)
    switch policy {
    case .fixed: return base
    case .step(let gamma, let size): return base * powf(gamma, Float(iteration / size))
    case .exponential(let gamma): return base * powf(gamma, t)
    case .inverse(let gamma, let power): return base * powf(1 + gamma * t, -power)
    case .multistep(let gamma, let steps): return base * powf(gamma, Float(steps.count { iteration >= $0 }))
    case .polynomial(let power, let end): return base * powf(1 - t / Float(end), power)
    case .sigmoid(let gamma, let size): return base / (1 + expf(-gamma * (t - Float(size))))
    case .cosine(let smallest, let end): return smallest + (base - smallest) * (1 + cosf(.pi * min(1, t / Float(end)))) / 2
    case .plateau(let gamma): return base * powf(gamma, Float(plateauSteps))
    }
  }
}

extension ResumeState.Plateau {
  /// Looks at the smoothed loss of an iteration: a smaller one starts the wait anew, a wait that is over is a step (SSD).
  mutating func see(_ loss: Float, at iteration: Int, waits: [Int]) {
    if loss < smallestLoss ?? .infinity { (smallestLoss, lastEvent) = (loss, iteration) }
    guard steps < waits.count, iteration - lastEvent >= waits[steps] else { return }
    (steps, lastEvent) = (steps + 1, iteration)
  }
}
