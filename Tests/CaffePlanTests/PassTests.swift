import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Every pass", .serialized)
struct PassTests {
  private static let close = Tolerance(absolute: 1e-7, relative: 1e-5)

  private static func outputs(_ net: SampleNet, _ backends: [any Backend], without: Set<String>) throws -> [String: Tensor] {
    let session = try net.session(net.plan(.inference, backends, threads: 2, without: without))
    try session.forward()
    return session.observedTops
  }

  @Test("leaves the outputs of the bundled models as they are", arguments: SampleNets.models + ["lenet"])
  func models(model: String) throws {
    let net = try SampleNets.deploy(model)
    let backends = [try OneDNNBackend()]
    let plain = try Self.outputs(net, backends, without: Set(Passes.names))
    #expect(!plain.isEmpty)
    for pass in Passes.names {
      let alone = try Self.outputs(net, backends, without: Set(Passes.names).subtracting([pass]))
      #expect(Self.close.mismatches(alone, plain) == [], "\(pass) alone")
    }
    #expect(Self.close.mismatches(try Self.outputs(net, backends, without: []), plain) == [], "all together")
  }

  @Test("leaves the outputs of normalised convolutions as they are", arguments: [true, false])
  func normalized(fast: Bool) throws {
    let net = try SampleNet(SampleNets.normalized)
    let backends: [any Backend] = fast ? [try OneDNNBackend()] : []
    let plain = try Self.outputs(net, backends, without: Set(Passes.names))
    for pass in Passes.names {
      let alone = try Self.outputs(net, backends, without: Set(Passes.names).subtracting([pass]))
      #expect(Self.close.mismatches(alone, plain) == [], "\(pass) alone")
    }
    #expect(Self.close.mismatches(try Self.outputs(net, backends, without: []), plain) == [], "all together")
  }

  @Test("leaves LeNet's gradients as they are")
  func gradients() throws { try checkGradients(SampleNets.lenetWithLoss(), count: 8) }

  @Test("leaves the gradients of a pooling behind a ReLU as they are", arguments: [0, 0.1] as [Float])
  func pooledGradients(slope: Float) throws {
    try checkGradients(SampleNet(SampleNets.pooled(slope: slope), seeds: ["y"]), count: 4)
  }

  private func checkGradients(_ net: SampleNet, count: Int) throws {
    let backends = [try OneDNNBackend()]
    func gradients(without: Set<String>) throws -> [String: Tensor] {
      let session = try net.session(
        net.plan(.training, backends, threads: 2, without: without), values: ["label": .labels(below: 10)])
      try session.forward()
      try session.backward()
      return try session.gradients()
    }
    let plain = try gradients(without: Set(Passes.names))
    #expect(plain.count == count)
    for pass in Passes.names {
      #expect(Self.close.mismatches(try gradients(without: Set(Passes.names).subtracting([pass])), plain) == [], "\(pass) alone")
    }
    #expect(Self.close.mismatches(try gradients(without: []), plain) == [], "all together")
  }

  @Test("does something", arguments: Passes.names)
  func effect(pass: String) throws {
    let texts = [
      "fold-batchnorm": SampleNets.normalized, "fuse-sum": SampleNets.residual(batch: 1),
      Passes.imageByImage: LayerCheck.net(
        "type: 'Convolution' convolution_param { num_output: 16 kernel_size: 2 }", ["x": [4, 16, 8, 8]]),
      Passes.joinSeparable: SampleNets.separable, Passes.joinSiblings: SampleNets.siblings,
    ]
    let net = try texts[pass].map { try SampleNet($0) } ?? SampleNets.deploy("bvlc_googlenet")
    let backends = [try OneDNNBackend()]
    let with = try net.plan(.inference, backends)
    let without = try net.plan(.inference, backends, without: [pass])
    if pass == Passes.shareMemory {
      #expect(with.arenaBytes < without.arenaBytes / 2)
    } else if pass == Passes.imageByImage {
      let isThere = [with, without].map { $0.steps.contains { $0.kernel.implementation.hasSuffix(" x4") } }
      #expect(isThere == [true, false])
    } else if pass == Passes.winograd {
      let isThere = [with, without].map { $0.steps.contains { $0.kernel.implementation.hasPrefix("winograd") } }
      #expect(
        isThere == [OneDNNLibrary.instructionSet.hasPrefix("avx2") || OneDNNLibrary.instructionSet.hasPrefix("avx512"), false])
    } else if pass == Passes.joinSeparable {
      let names = [with, without].map { $0.steps.filter { $0.kind == .forward }.map(\.name) }
      let isAvailable = OneDNNLibrary.instructionSet.hasPrefix("avx2") || OneDNNLibrary.instructionSet.hasPrefix("avx512")
      #expect(names == [isAvailable ? ["d + p"] : ["d", "p"], ["d", "p"]])
    } else if pass == Passes.joinSiblings {
      let names = [with, without].map { $0.program.operations.map(\.title) }
      let isAvailable = OneDNNLibrary.instructionSet.hasPrefix("avx2") || OneDNNLibrary.instructionSet.hasPrefix("avx512")
      #expect(names == [isAvailable ? ["a + r, b", "c", "y"] : ["a + r", "c", "b", "y"], ["a + r", "c", "b", "y"]])
    } else if pass == "pool-first" {
      let net = try SampleNet(SampleNets.pooled(slope: 0), seeds: ["y"])
      let plans = try [[], [pass]].map { try net.plan(.training, backends, without: $0) }
      #expect(plans.map { $0.program.operations.map(\.title) } == [["a", "pool", "relu", "b"], ["a", "relu", "pool", "b"]])
      #expect(plans[0].arenaBytes < plans[1].arenaBytes)
    } else {
      #expect(with.steps.count < without.steps.count)
    }
  }

  @Test("is known by its name, and no other name is")
  func names() throws {
    let net = try SampleNet(SampleNets.normalized)
    let error = #expect(throws: PlanError.self) { try net.plan(.inference, [], without: ["fuse"]) }
    #expect(error?.description == "there is no pass \"fuse\"; the passes are \(Passes.names.joined(separator: ", "))")
  }
}
