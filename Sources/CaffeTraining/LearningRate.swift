import CaffeCore
import CaffeFormat

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The learning rate as a function of the iteration: Caffe 1.0's `lr_policy`.
public struct LearningRate: Sendable {
  private enum Policy: Sendable {
    case fixed
    case step(gamma: Float, size: Int)
    case exponential(gamma: Float)
    case inverse(gamma: Float, power: Float)
    case multistep(gamma: Float, at: [Int])
    case polynomial(power: Float, end: Int)
    case sigmoid(gamma: Float, size: Int)
  }

  /// The names that `lr_policy` may have.
  public static let policies = ["exp", "fixed", "inv", "multistep", "poly", "sigmoid", "step"]

  private let base: Float
  private let policy: Policy

  /// - Throws: `SolverError` for an unknown policy or one whose numbers are missing.
  public init(_ parameter: SolverParameter) throws(SolverError) {
    base = try LearningRate.required(parameter.baseLr, "base_lr")
    policy = try LearningRate.policy(parameter)
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
  public subscript(iteration: Int) -> Float {
    let t = Float(iteration)
    switch policy {
    case .fixed: return base
    case .step(let gamma, let size): return base * powf(gamma, Float(iteration / size))
    case .exponential(let gamma): return base * powf(gamma, t)
    case .inverse(let gamma, let power): return base * powf(1 + gamma * t, -power)
    case .multistep(let gamma, let steps): return base * powf(gamma, Float(steps.count { iteration >= $0 }))
    case .polynomial(let power, let end): return base * powf(1 - t / Float(end), power)
    case .sigmoid(let gamma, let size): return base / (1 + expf(-gamma * (t - Float(size))))
    }
  }
}
