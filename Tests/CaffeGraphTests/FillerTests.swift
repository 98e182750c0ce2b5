import CaffeCore
import CaffeFormat
import CaffeGraph
import Testing

@Suite("A filler")
struct FillerTests {
  private static func fill(_ shape: Shape, seed: UInt64 = 1, _ edit: (inout FillerParameter) -> Void) -> [Float] {
    var filler = FillerParameter()
    edit(&filler)
    #expect(Filler.problem(filler, for: shape) == nil)
    return Tensor(shape) { Filler.fill($0, shape: shape, with: filler, random: RandomStream(seed: seed)) }.values
  }

  private static func statistics(_ values: [Float]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    return (mean, values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count))
  }

  @Test("of type constant, the default, fills with its value")
  func constant() {
    #expect(Self.fill([2, 3]) { $0.value = 0.25 } == [Float](repeating: 0.25, count: 6))
    #expect(Self.fill([2]) { _ in } == [0, 0])
  }

  @Test("of type uniform stays between min and max and is even there")
  func uniform() {
    let values = Self.fill([100, 1000]) { ($0.type, $0.min, $0.max) = ("uniform", -1, 3) }
    let (mean, variance) = Self.statistics(values)
    #expect(values.allSatisfy { $0 >= -1 && $0 < 3 })
    #expect(abs(mean - 1) < 0.02)
    #expect(abs(variance - 16.0 / 12) < 0.02)
  }

  @Test("gives the same values run by run, of all types but one, which needs its rows whole", arguments: Filler.names)
  func runs(type: String) {
    let shape: Shape = [5, 3, 4, 4]
    var filler = FillerParameter()
    (filler.type, filler.value, filler.min, filler.max, filler.std) = (type, 0.5, -1, 3, 2)
    if type == "gaussian" { filler.sparse = 3 }
    #expect(Filler.fillsInRuns(filler) == (type != "positive_unitball"))
    guard Filler.fillsInRuns(filler) else { return }
    let whole = Tensor(shape) { Filler.fill($0, shape: shape, with: filler, random: RandomStream(seed: 3)) }.values
    var pieces: [Float] = []
    for start in stride(from: 0, to: whole.count, by: 7) {
      let length = min(7, whole.count - start)
      pieces +=
        Tensor([length]) {
          Filler.fill($0, from: start, shape: shape, with: filler, random: RandomStream(seed: 3))
        }.values
    }
    #expect(pieces == whole)
  }

  @Test("of type gaussian has its mean and deviation")
  func gaussian() {
    let (mean, variance) = Self.statistics(Self.fill([100, 1000]) { ($0.type, $0.mean, $0.std) = ("gaussian", 2, 0.5) })
    #expect(abs(mean - 2) < 0.01)
    #expect(abs(variance - 0.25) < 0.005)
  }

  @Test("of type gaussian with sparse leaves that many inputs of an output")
  func sparse() {
    let values = Self.fill([100, 1000]) { ($0.type, $0.std, $0.sparse) = ("gaussian", 1, 10) }
    let share = Double(values.count { $0 != 0 }) / Double(values.count)
    #expect(abs(share - 0.1) < 0.005)
    #expect(abs(Self.statistics(values.filter { $0 != 0 }).variance - 1) < 0.05)
    #expect(Self.fill([10, 10]) { ($0.type, $0.sparse) = ("gaussian", 0) }.allSatisfy { $0 == 0 })
  }

  @Test(
    "of type xavier or msra is as wide as the fan asks",
    arguments: [(FillerParameter.VarianceNorm.FAN_IN, 200.0 * 9), (.FAN_OUT, 50.0 * 9), (.AVERAGE, 125.0 * 9)])
  func fans(norm: FillerParameter.VarianceNorm, fan: Double) {
    let xavier = Self.fill([50, 200, 3, 3]) { ($0.type, $0.varianceNorm) = ("xavier", norm) }
    #expect(abs(Self.statistics(xavier).variance * fan - 1) < 0.02)
    #expect(Double(xavier.map(abs).max() ?? 0) <= (3 / fan).squareRoot() * 1.000_001)
    let msra = Self.fill([50, 200, 3, 3]) { ($0.type, $0.varianceNorm) = ("msra", norm) }
    #expect(abs(Self.statistics(msra).variance * fan - 2) < 0.05)
    #expect(abs(Self.statistics(msra).mean) < 0.001)
  }

  @Test("of type positive_unitball has positive rows that sum to 1")
  func unitBall() {
    let values = Self.fill([5, 4, 3]) { $0.type = "positive_unitball" }
    for row in 0..<5 {
      let part = values[row * 12..<row * 12 + 12]
      #expect(part.allSatisfy { $0 >= 0 })
      #expect(abs(part.reduce(0, +) - 1) < 1e-5)
    }
  }

  @Test("of type bilinear has the weights of bilinear upsampling")
  func bilinear() {
    let four: [Float] = [0.25, 0.75, 0.75, 0.25]
    #expect(Self.fill([1, 1, 4, 4]) { $0.type = "bilinear" } == four.flatMap { y in four.map { $0 * y } })
    let three: [Float] = [0.5, 1, 0.5]
    let expected = three.flatMap { y in three.map { $0 * y } }
    #expect(Self.fill([2, 1, 3, 3]) { $0.type = "bilinear" } == expected + expected)
  }

  @Test(
    "gives the same values for the same stream, and others for another",
    arguments: ["uniform", "gaussian", "xavier", "msra", "positive_unitball"])
  func streams(type: String) {
    let first = Self.fill([10, 10], seed: 5) { $0.type = type }
    #expect(first == Self.fill([10, 10], seed: 5) { $0.type = type })
    #expect(first != Self.fill([10, 10], seed: 6) { $0.type = type })
  }

  @Test(
    "that cannot be used says why",
    arguments: [
      ("xaver", -1, [2, 2], "there is no filler \"xaver\", did you mean \"xavier\"?"),
      (
        "orthogonal", -1, [2, 2],
        "there is no filler \"orthogonal\", one of bilinear, constant, gaussian, msra, positive_unitball, uniform, xavier"
      ),
      ("xavier", 3, [2, 2], "\"sparse\" goes with the gaussian filler only"),
      ("bilinear", -1, [2, 2], "the bilinear filler needs a blob of four axes with square filters, this one is 2x2"),
      ("bilinear", -1, [1, 1, 2, 3], "the bilinear filler needs a blob of four axes with square filters, this one is 1x1x2x3"),
    ])
  func problems(type: String, sparse: Int, dims: [Int], message: String) {
    var filler = FillerParameter()
    (filler.type, filler.sparse) = (type, sparse)
    #expect(Filler.problem(filler, for: Shape(dims)) == message)
  }

  @Test("may fill a blob without elements", arguments: Filler.names.filter { $0 != "bilinear" })
  func empty(type: String) {
    #expect(Self.fill([0, 3]) { $0.type = type }.isEmpty)
    #expect(Self.fill([3, 0]) { $0.type = type }.isEmpty)
  }
}
