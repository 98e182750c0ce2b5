import CaffeCore
import CaffeGraph
import CaffeLayers
import CaffeTesting
import Testing

@Suite("The checks of layers")
struct LayerCheckTests {
  private static func failures(_ parameters: String, backends: [ZeroBackend] = []) throws -> [String] {
    var check = try LayerCheck(LayerCheck.net("type: 'Faulty' faulty_param { \(parameters) }", ["x": [2, 3]]))
    check.registry = LayerRegistry.standard.adding(FaultyLayer.self)
    check.backends = backends
    return try check.failures()
  }

  @Test("find nothing wrong with a sound layer of one's own")
  func sound() throws {
    #expect(try LayerCheckTests.failures("") == [])
  }

  private static let faults = [
    ("gradient", "the gradient of input x at "), ("undeclared", "backward reads what it did not declare"),
    ("added", "backward reads what it did not declare, or adds to a bottom's gradient"),
    ("unwritten", "forward does not write all it should: top 0"),
    ("replaced", "backward does not add to the gradient of parameter 0"),
    ("in place", "in place the layer computes something else: top 0"),
  ]

  @Test("find a wrong gradient, undeclared reads, gaps in what is written, and false leave to work in place", arguments: faults)
  func fault(name: String, finding: String) throws {
    let failures = try Self.failures("fault: '\(name)'")
    #expect(failures.contains { $0.hasPrefix(finding) }, "\(failures)")
  }

  @Test("find a field that is tied to the wrong property")
  func field() throws {
    let failures = try Self.failures("length: 3")
    #expect(failures == ["field size is \"size: 3\n\" once read, where the file says \"\""])
  }

  @Test("find a backend that computes something else, on the given shape and on others")
  func backend() throws {
    let failures = try Self.failures("", backends: [ZeroBackend()])
    #expect(failures.count { $0.hasPrefix("zero on x ") && $0.contains("top y at") } >= 4, "\(failures)")
  }

  @Test("throw what they find, and say so when everything lies on a kink")
  func thrown() throws {
    let kinks = stride(from: Float(-2), through: 2, by: 0.02).map { $0 }
    let error = #expect(throws: UnsoundLayer.self) {
      try LayerCheck.all(LayerCheck.net("type: 'TanH'", ["x": [3]]), kinks: kinks)
    }
    #expect(error?.failures == ["no element is far enough from a kink to check its gradient"])
  }

  @Test("keep their distance in distinct samples and their bounds in labels")
  func samples() {
    let random = RandomStream(seed: 1, path: 0)
    let distinct = SampleValues.distinct(spacing: 0.1).tensor([50], random).values
    #expect(distinct != distinct.sorted())
    #expect(zip(distinct.sorted(), distinct.sorted().dropFirst()).allSatisfy { $1 - $0 > 0.0999 })
    #expect(Set(SampleValues.labels(below: 3).tensor([50], random).values) == [0, 1, 2])
  }

  @Test("allow what the tolerance allows, and no NaN")
  func tolerance() {
    let expected = Tensor.of([2], [100, 0])
    #expect(Tolerance().mismatch(.of([2], [100.1, 0.1]), expected) == nil)
    #expect(Tolerance().mismatch(.of([2], [100, 0.2]), expected)?.hasPrefix("at 1 is 0.2 instead of 0.0") == true)
    #expect(Tolerance().mismatch(.of([2], [100, .nan]), expected)?.hasPrefix("at 1 is nan instead of 0.0") == true)
    #expect(Tolerance().mismatch(.of([1, 2], [100, 0]), expected) == "has shape 1x2 instead of 2")
    #expect(Tolerance().mismatch(nil, expected) == "is missing")
    #expect(Tolerance.exact.mismatch(.of([1], [1.000_000_1]), .of([1], [1])) != nil)
  }
}
