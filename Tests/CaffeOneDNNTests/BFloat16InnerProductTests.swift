import CKernels
import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Inner products in bf16")
struct BFloat16InnerProductTests {
  private static func net(_ rows: Int, isTransposed: Bool = false) throws -> SampleNet {
    try SampleNet(
      """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: \(rows) dim: 300 } } }
      layer { name: 'ip' type: 'InnerProduct' bottom: 'x' top: 'y'
        inner_product_param { num_output: 130 transpose: \(isTransposed) } }
      layer { name: 'relu' type: 'ReLU' bottom: 'y' top: 'y' }
      """)
  }

  /// What the reference makes of the net with weights that were rounded before.
  private static func expected(_ net: SampleNet) throws -> [String: Tensor] {
    let plan = try net.plan(.inference, [])
    let weights = try ResidentWeights(plan) { index, destination in
      let isMatrix = net.parameters[index].shape.rank > 1
      for (place, value) in net.parameters[index].values.enumerated() {
        destination[place] = isMatrix ? BFloat16.rounded(value) : value
      }
    }
    let session = try Session(weights, seed: 1701)
    try net.fill(session)
    try session.forward()
    return session.observedTops
  }

  @Test("are those of fp32 with rounded weights", arguments: [1, 2, 7, 70], [false, true])
  func values(rows: Int, isTransposed: Bool) throws {
    let net = try Self.net(rows, isTransposed: isTransposed)
    let results = try [1, 3].map { threads -> [String: Tensor] in
      let session = try net.session(net.plan(.inference, [try OneDNNBackend()], threads: threads, precision: .bf16))
      try session.forward()
      return session.observedTops
    }
    #expect(results[0] == results[1], "threads must not matter")
    #expect(Tolerance().mismatches(results[0], try Self.expected(net), "") == [])
  }

  @Test("take half the memory for their weights, which can be read back as they are computed with")
  func memory() throws {
    let net = try Self.net(1)
    let plan = try net.plan(.inference, [try OneDNNBackend()], precision: .bf16)
    #expect(plan.weightBytes == 300 * 130 * 2 + 130 * 4)
    #expect(plan.steps.map(\.kernel.implementation) == ["gemv bf16" + (ckernels_multiplies_bf16() != 0 ? ":avx512_bf16" : "")])
    #expect(plan.residents.map(\.layout.description) == ["bf16", "dense"])
    let kept = try #require(try net.weights(plan).tensor(ofParameter: 0))
    #expect(kept.values == net.parameters[0].values.map(BFloat16.rounded))
  }

  @Test("get their weights run by run as they would at once", arguments: ["xavier", "gaussian", "positive_unitball"])
  func runs(filler: String) throws {
    let net = try SampleNet(
      """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 1 dim: 1100 } } }
      layer { name: 'ip' type: 'InnerProduct' bottom: 'x' top: 'y'
        inner_product_param { num_output: 1000 weight_filler { type: '\(filler)' } } }
      """)
    let values = ParameterValues(net.graph, seed: 1)
    let plan = try net.plan(.inference, [try OneDNNBackend()], threads: 2, precision: .bf16)
    let whole = try #require(try ResidentWeights(plan, provider: values.write).tensor(ofParameter: 0))
    let runs = try #require(try ResidentWeights(plan, provider: values.write, runs: values.write).tensor(ofParameter: 0))
    #expect(runs.values == whole.values && Set(runs.values.suffix(1000)).count > 1)
  }

  @Test("are the user's choice: without it, and where small work stays on the reference, weights are fp32")
  func choice() throws {
    let net = try Self.net(1)
    let plain = try net.plan(.inference, [try OneDNNBackend()])
    #expect(plain.steps.map(\.kernel.implementation) == ["gemv"] && plain.residents.allSatisfy { $0.layout == .dense })
    let small = try net.plan(.inference, [try OneDNNBackend(minimumWork: 1_000_000)], precision: .bf16)
    #expect(small.residents.allSatisfy { $0.layout == .dense })
  }

  @Test("are for inference alone")
  func training() throws {
    let net = try Self.net(1)
    let error = #expect(throws: PlanError.self) {
      try net.plan(.training, [try OneDNNBackend()], precision: .bf16)
    }
    #expect(
      error?.description
        == "bf16 is a precision for inference, and this net would compute gradients; choose fp32, or leave gradients out")
  }
}
