import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Gradients that share memory")
struct GradientMemoryTests {
  private static func session(_ net: SampleNet, early: Bool, without passes: Set<String> = []) throws -> Session {
    var options = PlanOptions(threads: 2, withoutPasses: passes)
    options.takesGradientsEarly = early
    let plan = try Planner.plan(
      Program(net.graph, purpose: .training), backends: [try OneDNNBackend()], options: options)
    let session = try net.session(plan, values: ["label": .labels(below: 10)])
    try session.forward()
    return session
  }

  @Test("are those that are kept, each when it is finished, in every pass")
  func finished() throws {
    let net = try SampleNets.lenetWithLoss()
    let kept = try Self.session(net, early: false)
    try kept.backward()
    let early = try Self.session(net, early: true)
    #expect(early.plan.gradientBytes < kept.plan.gradientBytes)
    for _ in 0..<2 {
      try early.forward()
      var seen: [Int] = []
      try early.backward { parameters in
        for parameter in parameters {
          let (gradient, expected) = try (early.weights.diff(ofParameter: parameter), kept.weights.diff(ofParameter: parameter))
          #expect(gradient == expected)
          let trained = early.weights.trained.first { $0.parameter == parameter }
          trained?.diff.update(repeating: 0)
        }
        seen += parameters
      }
      #expect(seen.sorted() == Array(0..<8))
    }
  }

  @Test("cannot be had all at once")
  func whole() throws {
    let early = try Self.session(SampleNets.lenetWithLoss(), early: true)
    let error = #expect(throws: RunError.self) { try early.backward() }
    #expect(error?.description.contains("backward(onFinished:)") == true)
  }

  @Test("do not share it without share-memory")
  func withoutPass() throws {
    let plan = try Self.session(SampleNets.lenetWithLoss(), early: true, without: [Passes.shareMemory]).plan
    #expect(!plan.sharesGradientMemory)
  }

  @Test("do not share it where a later part of the net is planned as it runs")
  func levels() throws {
    let text = """
      layer { name: 'in' type: 'Input' top: 'x' top: 'keep' input_param { shape { dim: [6, 4] } shape { dim: 6 } } }
      layer { name: 'a' type: 'InnerProduct' bottom: 'x' top: 'a' inner_product_param { num_output: 500 } }
      layer { name: 'b' type: 'InnerProduct' bottom: 'a' top: 'b' inner_product_param { num_output: 5 } }
      layer { name: 'pick' type: 'Filter' bottom: 'b' bottom: 'keep' top: 'kept' }
      layer { name: 'c' type: 'InnerProduct' bottom: 'kept' top: 'y' inner_product_param { num_output: 3 } }

      """
    let net = try SampleNet(text, phase: .TRAIN, seeds: ["y"])
    let options = PlanOptions(seeds: ["y"], takesGradientsEarly: true)
    let plan = try Planner.plan(Program(net.graph, purpose: .training), backends: [], options: options)
    #expect(!plan.sharesGradientMemory && plan.gradientBytes >= plan.weightBytes)
  }

  @Test("have places of their own otherwise, in the net's order, so that neighbours leave for other ranks together")
  func order() throws {
    let session = try Self.session(SampleNets.lenetWithLoss(), early: false)
    let places = session.weights.trained.compactMap { item in item.diff.baseAddress.map { ($0, $0 + item.diff.count) } }
    #expect(places.count == 8)
    for (one, next) in zip(places, places.dropFirst()) { #expect((0..<16).contains(next.0 - one.1)) }
    #expect(session.plan.gradientBytes == session.plan.keptGradientBytes)
  }
}
