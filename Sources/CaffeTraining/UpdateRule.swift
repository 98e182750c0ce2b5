import CaffeFormat

/// How a solver turns gradients into steps. One file per rule, one pass over the memory per parameter.
protocol UpdateRule: Sendable {
  /// The solver's `type:`.
  static var type: String { get }
  /// How many values per weight it remembers.
  static var historyCount: Int { get }
  /// - Throws: `SolverError` when the solver's numbers do not fit the rule.
  init(_ parameter: SolverParameter) throws(SolverError)
  /// Changes `block.data`; everything is element by element, so any layout will do.
  func update(_ block: UpdateBlock)
}

/// A stretch of one parameter for the time of one update.
// The stretches of an update do not overlap.
struct UpdateBlock: @unchecked Sendable {
  let data: UnsafeMutablePointer<Float>
  let diff: UnsafeMutablePointer<Float>
  let history: [UnsafeMutablePointer<Float>]
  let count: Int
  /// The learning rate times the parameter's lr_mult.
  let rate: Float
  /// Weight decay times the parameter's decay_mult.
  let decay: Float
  /// Whether decay is L1: the sign of the weight instead of the weight.
  let isL1: Bool
  /// What the gradient is multiplied by before decay: clipping, and one over iter_size.
  let gradientScale: Float
  /// The updates made before this one.
  let iteration: Int

  /// The gradient of element `i` with decay.
  @inline(__always)
  func gradient(_ i: Int) -> Float {
    diff[i] * gradientScale + decay * pull(i)
  }

  /// What decay works on: the weight, or its sign.
  @inline(__always)
  func pull(_ i: Int) -> Float {
    let weight = data[i]
    return isL1 ? (weight > 0 ? 1 : weight < 0 ? -1 : 0) : weight
  }
}

/// The rules there are, by type.
enum UpdateRules {
  static let all: [any UpdateRule.Type] = [
    AdaDeltaRule.self, AdaGradRule.self, AdamRule.self, AdamWRule.self, NesterovRule.self, RMSPropRule.self, SGDRule.self,
  ]

  static func make(_ parameter: SolverParameter) throws(SolverError) -> any UpdateRule {
    let known = all.map { $0.type }
    guard let rule = all.first(where: { $0.type == parameter.type }) else {
      throw SolverError(
        "there is no solver type \"\(parameter.type)\"; there are \(known.joined(separator: ", "))", field: "type")
    }
    return try rule.init(parameter)
  }

  /// For rules that have no use for momentum; Caffe refuses it too.
  static func refuseMomentum(_ parameter: SolverParameter) throws(SolverError) {
    guard parameter.momentum == 0 else {
      throw SolverError("\(parameter.type) has no momentum; it is \(parameter.momentum)", field: "momentum")
    }
  }
}
