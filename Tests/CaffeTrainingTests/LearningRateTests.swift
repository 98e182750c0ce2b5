import CaffeFormat
import Testing

@testable import CaffeTraining

@Suite("The learning rate")
struct LearningRateTests {
  private static func parameter(_ policy: String?, _ change: (inout SolverParameter) -> Void = { _ in }) -> SolverParameter {
    var parameter = SolverParameter()
    parameter.lrPolicy = policy
    parameter.baseLr = 0.5
    change(&parameter)
    return parameter
  }

  private static func rates(_ parameter: SolverParameter, _ iterations: Int...) throws -> [Float] {
    let rate = try LearningRate(parameter)
    return iterations.map { rate[$0] }
  }

  private static func expect(_ rates: [Float], _ expected: [Float], _ place: SourceLocation = #_sourceLocation) {
    #expect(zip(rates, expected).allSatisfy { abs($0 - $1) <= 1e-6 * max(1e-3, $1) }, "\(rates)", sourceLocation: place)
  }

  @Test("stays, falls in steps, or at given iterations")
  func steps() throws {
    Self.expect(try Self.rates(Self.parameter("fixed"), 0, 1_000_000), [0.5, 0.5])
    let step = Self.parameter("step") { ($0.gamma, $0.stepsize) = (0.1, 10) }
    Self.expect(try Self.rates(step, 0, 9, 10, 29), [0.5, 0.5, 0.05, 0.005])
    let multistep = Self.parameter("multistep") { ($0.gamma, $0.stepvalue) = (0.1, [5, 8]) }
    Self.expect(try Self.rates(multistep, 4, 5, 7, 8, 100), [0.5, 0.05, 0.05, 0.005, 0.005])
  }

  @Test("follows its formula elsewhere")
  func formulas() throws {
    Self.expect(try Self.rates(Self.parameter("exp") { $0.gamma = 0.5 }, 0, 1, 3), [0.5, 0.25, 0.0625])
    let inverse = Self.parameter("inv") { ($0.gamma, $0.power) = (0.0001, 0.75) }
    Self.expect(try Self.rates(inverse, 0, 10_000), [0.5, 0.297_301_78])
    let polynomial = Self.parameter("poly") { ($0.power, $0.maxIter) = (2, 100) }
    Self.expect(try Self.rates(polynomial, 0, 50, 100), [0.5, 0.125, 0])
    let sigmoid = Self.parameter("sigmoid") { ($0.gamma, $0.stepsize) = (-0.5, 10) }
    Self.expect(try Self.rates(sigmoid, 10, 14), [0.25, 0.059_601_46])
  }

  @Test("beyond Caffe falls along a cosine, and climbs in a straight line before any policy")
  func beyond() throws {
    let cosine = Self.parameter("cosine") { ($0.maxIter, $0.minLr) = (100, 0.1) }
    Self.expect(try Self.rates(cosine, 0, 50, 100, 200), [0.5, 0.3, 0.1, 0.1])
    let warm = Self.parameter("multistep") {
      ($0.gamma, $0.stepvalue, $0.warmupIter, $0.warmupStartLr) = (0.1, [20], 10, 0.1)
    }
    Self.expect(try Self.rates(warm, 0, 5, 10, 19, 20), [0.1, 0.3, 0.5, 0.5, 0.05])
  }

  @Test("waits for a smaller loss on a plateau, once for each of plateau_winsize")
  func plateau() throws {
    let parameter = Self.parameter("plateau") { ($0.gamma, $0.plateauWinsize) = (0.1, [2, 3]) }
    let rate = try LearningRate(parameter)
    Self.expect([rate[7, steps: 0], rate[7, steps: 2]], [0.5, 0.005])
    var plateau = ResumeState.Plateau()
    let losses: [Float] = [3, 2, 2, 2, 1, 1, 1, 1, 1, 1]
    let steps = losses.enumerated().map { iteration, loss -> Int in
      plateau.see(loss, at: iteration, waits: parameter.plateauWinsize)
      return plateau.steps
    }
    #expect(steps == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
  }

  @Test("says what it needs")
  func mistakes() {
    func mistake(_ parameter: SolverParameter) -> String {
      let error = #expect(throws: SolverError.self) { try LearningRate(parameter) }
      return error?.description ?? ""
    }
    #expect(mistake(Self.parameter("stp")) == "there is no lr_policy \"stp\"; did you mean \"step\"?")
    #expect(mistake(Self.parameter(nil)).hasPrefix("lr_policy is missing; it is one of cosine, exp, fixed"))
    #expect(mistake(Self.parameter("plateau")).hasPrefix("plateau_winsize is missing"))
    #expect(mistake(Self.parameter("fixed") { $0.warmupIter = -1 }) == "warmup_iter must not be negative")
    #expect(mistake(Self.parameter("exp")) == "gamma is missing")
    #expect(mistake(Self.parameter("fixed") { $0.baseLr = nil }) == "base_lr is missing")
    #expect(mistake(Self.parameter("step") { ($0.gamma, $0.stepsize) = (0.1, 0) }) == "stepsize must be at least 1")
  }
}
