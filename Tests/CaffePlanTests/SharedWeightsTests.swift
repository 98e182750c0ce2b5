import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Weights that plans share")
struct SharedWeightsTests {
  private static func text(_ head: String, outputs: Int = 5) -> String {
    """
    layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 16 dim: 6 dim: 6 } } }
    layer { name: 'conv' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { num_output: 24 kernel_size: 3 } }
    layer { name: 'relu' type: 'ReLU' bottom: 'a' top: 'a' }
    layer { name: '\(head)' type: 'InnerProduct' bottom: 'a' top: 'y' inner_product_param { num_output: \(outputs) } }

    """
  }

  private static func weights(_ text: String, _ purpose: Purpose, offset: Float) throws -> ResidentWeights {
    let net = try SampleNet(text, seeds: ["y"])
    return try ResidentWeights(try net.plan(purpose, [try OneDNNBackend()])) { index, destination in
      for place in destination.indices { destination[place] = net.parameters[index][place] + offset }
    }
  }

  @Test("come from layers of the same name, whatever layout each plan keeps them in")
  func sameNames() throws {
    let training = try Self.weights(Self.text("fc"), .training, offset: 0)
    let testing = try Self.weights(Self.text("fc"), .inference, offset: 1)
    #expect(try testing.tensor(ofParameter: 0) != training.tensor(ofParameter: 0))
    try testing.share(from: training)
    for index in 0..<4 { #expect(try testing.tensor(ofParameter: index) == training.tensor(ofParameter: index)) }
  }

  @Test("stay as they are in layers that the other net lacks")
  func ownLayer() throws {
    let training = try Self.weights(Self.text("fc"), .training, offset: 0)
    let testing = try Self.weights(Self.text("other"), .inference, offset: 1)
    let own = try testing.tensor(ofParameter: 2)
    try testing.share(from: training)
    #expect(try testing.tensor(ofParameter: 0) == training.tensor(ofParameter: 0))
    #expect(try testing.tensor(ofParameter: 2) == own)
  }

  @Test(
    "stay as they are in layers that the other net lacks, of which one has been worked into another; not where one is of both nets"
  )
  func ownNorm() throws {
    func text(_ norm: String, _ scale: String) -> String {
      """
      layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 3 dim: 4 dim: 4 } } }
      layer { name: '\(norm)' type: 'BatchNorm' bottom: 'x' top: 'n' batch_norm_param { use_global_stats: true } }
      layer { name: '\(scale)' type: 'Scale' bottom: 'n' top: 'y' scale_param { bias_term: true } }

      """
    }
    let training = try Self.weights(text("norm", "scale"), .training, offset: 0.5)
    func tops(_ norm: String, _ scale: String) throws -> (before: Tensor, after: Tensor) {
      let net = try SampleNet(text(norm, scale))
      let weights = try Self.weights(text(norm, scale), .inference, offset: 2)
      let session = try Session(weights)
      try session.setInput("x", Tensor([2, 3, 4, 4], values: (0..<96).map { Float($0) / 50 - 1 }))
      try session.forward()
      let before = try #require(session.output("y"))
      try weights.share(from: training)
      try session.forward()
      #expect(net.graph.parameters.count == 5)
      return (before, try #require(session.output("y")))
    }
    let (own, same) = (try tops("other", "another"), try tops("norm", "scale"))
    #expect(own.before == own.after)
    #expect(same.before != same.after && own.after == same.before)
    let error = #expect(throws: RunError.self) { try tops("norm", "another") }
    #expect(error?.description.hasPrefix("layer \"another\" is in this net alone, and layer \"norm\"") == true)
  }

  @Test("must have the same size")
  func sizes() throws {
    let training = try Self.weights(Self.text("fc"), .training, offset: 0)
    let testing = try Self.weights(Self.text("fc", outputs: 6), .inference, offset: 1)
    let error = #expect(throws: RunError.self) { try testing.share(from: training) }
    #expect(error?.description.contains("\"fc\"") == true)
  }

  @Test("under one name are one parameter, whose gradients add up")
  func sharedName() throws {
    func layer(_ name: String, _ parameter: String) -> String {
      "layer { name: '\(name)' type: 'InnerProduct' bottom: 'x' top: '\(name)' param { name: '\(parameter)' } "
        + "inner_product_param { num_output: 3 bias_term: false } }\n"
    }
    let input = "layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 4 } } }\n"
    let sum = "layer { name: 's' type: 'Eltwise' bottom: 'a' bottom: 'b' top: 'y' }\n"
    func gradients(_ second: String) throws -> [String: Tensor] {
      let net = try SampleNet(input + layer("a", "w") + layer("b", second) + sum, seeds: ["y"])
      let session = try net.session(net.plan(.training, [try OneDNNBackend()]))
      try session.forward()
      try session.backward()
      return try session.gradients()
    }
    let (shared, apart) = (try gradients("w"), try gradients("v"))
    let one = try #require(apart["a/0"])
    let doubled = try Tensor(one.shape, values: one.values.map { $0 * 2 })
    #expect(Tolerance(absolute: 1e-6, relative: 1e-6).mismatch(shared["a/0"], doubled) == nil)
    #expect(shared.count == 1)
  }

  /// Two convolutions with the same weights, the second of `input`.
  private static func towers(_ input: String, kernel: String) -> String {
    func tower(_ name: String, _ bottom: String) -> String {
      "layer { name: '\(name)' type: 'Convolution' bottom: '\(bottom)' top: '\(name)' param { name: 'w' } "
        + "convolution_param { num_output: 16 bias_term: false \(kernel) } }\n"
    }
    return """
      layer { name: 'in' type: 'Input' top: 'x' top: 'z' input_param {
        shape { dim: 2 dim: 16 dim: 6 dim: 6 } shape { dim: 2 dim: 16 dim: 6 dim: 6 } } }
      layer { name: 'fc' type: 'InnerProduct' bottom: 'z' top: 'v' inner_product_param { num_output: 16 bias_term: false } }
      layer { name: 'v3' type: 'Reshape' bottom: 'v' top: 'v3' reshape_param { shape { dim: 0 dim: 0 dim: 1 dim: 1 } } }

      """ + tower("a", "x") + tower("b", input)
        + "layer { name: 'ya' type: 'Reduction' bottom: 'a' top: 'ya' }\nlayer { name: 'yb' type: 'Reduction' bottom: 'b' top: 'yb' }\n"
  }

  @Test("are packed once for layers that want one layout, and give the reference's gradients")
  func packedTogether() throws {
    let net = try SampleNet(Self.towers("z", kernel: "kernel_size: 3"), seeds: ["ya", "yb"])
    func run(_ backends: [any Backend]) throws -> (plan: ExecutionPlan, gradients: [String: Tensor]) {
      let plan = try net.plan(.training, backends)
      let session = try net.session(plan)
      try session.forward()
      try session.backward()
      return (plan, try session.gradients())
    }
    let (fast, reference) = (try run([try OneDNNBackend()]), try run([]))
    let shared = try #require(fast.gradients["a/0"])
    #expect(Tolerance(absolute: 1e-3, relative: 1e-4).mismatch(shared, try #require(reference.gradients["a/0"])) == nil)
    let kernels = fast.plan.steps.filter { ["a", "b"].contains($0.name) && $0.kind == .forward }
    #expect(kernels.count == 2)
    let packed = fast.plan.residents.filter { $0.layout != .dense }
    #expect(packed.count == 1, "\(fast.plan.residents.map(\.layout))")
  }
}
