import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Operations that become one")
struct FusionTests {
  private static let activated = """
    layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 1 dim: 3 dim: 6 dim: 6 } } }
    layer { name: 'conv' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { num_output: 8 kernel_size: 3 } }
    layer { name: 'relu' type: 'ReLU' bottom: 'a' top: 'y' }

    """

  private static func operations(_ text: String, observing: Set<String>? = [], purpose: Purpose = .inference) throws -> [String] {
    try SampleNet(text, seeds: purpose == .training ? ["y"] : []).plan(purpose, [], observing: observing).program.operations.map(
      \.title)
  }

  @Test("are a convolution and the ReLU behind it")
  func relu() throws {
    #expect(try Self.operations(Self.activated) == ["conv + relu"])
    #expect(try Self.operations(Self.activated, purpose: .training) == ["conv", "relu"])
  }

  @Test("stay apart where somebody looks at what lies between them")
  func observed() throws {
    #expect(try Self.operations(Self.activated, observing: ["a"]) == ["conv", "relu"])
    #expect(try Self.operations(Self.activated, observing: nil) == ["conv", "relu"])
    #expect(try Self.operations(Self.activated, observing: ["y"]) == ["conv + relu"])
  }

  @Test("stay apart where a second layer reads what lies between them")
  func twoReaders() throws {
    let second = "layer { name: 'tanh' type: 'TanH' bottom: 'a' top: 'z' }\n"
    #expect(try Self.operations(Self.activated + second) == ["conv", "relu", "tanh"])
  }

  @Test("are a convolution with its BatchNorm, Scale and ReLU, in place or not")
  func batchNorm() throws {
    #expect(
      try Self.operations(SampleNets.normalized) == ["conv1 + norm1 + scale1 + relu1", "conv2 + norm2 + scale2 + relu2"])
    #expect(
      try Self.operations(SampleNets.normalized, observing: ["c"]) == [
        "conv1 + norm1 + scale1 + relu1", "conv2 + norm2", "scale2 + relu2",
      ])
  }

  @Test("are a Scale with the BatchNorm before it and the ReLU behind it, where no convolution comes before")
  func scale() throws {
    let text = """
      layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 3 dim: 4 dim: 5 } } }
      layer { name: 'pool' type: 'Pooling' bottom: 'x' top: 'p' pooling_param { kernel_size: 2 } }
      layer { name: 'norm' type: 'BatchNorm' bottom: 'p' top: 'n' batch_norm_param { eps: 0.1 } }
      layer { name: 'scale' type: 'Scale' bottom: 'n' top: 'y' scale_param { filler { value: -2 } } }
      layer { name: 'relu' type: 'ReLU' bottom: 'y' top: 'y' }

      """
    #expect(try Self.operations(text) == ["pool", "norm + scale + relu"])
    #expect(try Self.operations(text, observing: ["n"]) == ["pool", "norm", "scale + relu"])
    #expect(try Self.operations(text + "layer { name: 'tanh' type: 'TanH' bottom: 'n' top: 'z' }\n").contains("scale + relu"))
    let net = try SampleNet(text)
    let sessions = try [[], Set(Passes.names)].map { try net.session(net.plan(.inference, [], without: $0)) }
    for session in sessions { try session.forward() }
    #expect(Tolerance(absolute: 1e-6, relative: 1e-5).mismatches(sessions[0].observedTops, sessions[1].observedTops, "") == [])
    #expect(sessions[0].observedTops["y"]?.values.contains { $0 > 0 } == true)
  }

  @Test("do not move a BatchNorm that measures its own batch")
  func trainingPhase() throws {
    let net = try SampleNet(SampleNets.normalized, phase: .TRAIN)
    let operations = try net.plan(.inference, []).program.operations
    #expect(operations.map(\.title) == ["conv1", "norm1", "scale1 + relu1", "conv2", "norm2", "scale2 + relu2"])
  }

  @Test("change places where a max pooling alone reads a ReLU")
  func poolFirst() throws {
    func operations(_ text: String, observing: Set<String>? = []) throws -> [String] {
      try SampleNet(text, seeds: ["y"]).plan(.training, [], observing: observing).program.operations.map(\.title)
    }
    let text = SampleNets.pooled(slope: 0)
    #expect(try operations(text) == ["a", "pool", "relu", "b"])
    #expect(try operations(text, observing: ["b"]) == ["a", "pool", "relu", "b"])
    let (before, pooling) = (["a", "relu", "pool", "b"], "pooling_param {")
    #expect(try operations(text, observing: ["a"]) == before)
    #expect(try operations(text.replacing(pooling, with: "pooling_param { pool: AVE")) == before)
    #expect(try operations(SampleNets.pooled(slope: -1)) == before)
    #expect(try operations(text.replacing("top: 'b' pool", with: "top: 'b' top: 'mask' pool")) == before)
    #expect(try operations(text + "layer { name: 'tanh' type: 'TanH' bottom: 'a' top: 'z' }\n") == before + ["tanh"])
    #expect(try operations(text.replacing("top: 'b' pool", with: "top: 'b' loss_weight: 1 pool")) == before)
    let again = "layer { name: 'again' type: 'Pooling' bottom: 'b' top: 'c' pooling_param { kernel_size: 2 } }\n"
    let twice = text.replacing("layer { name: 'b'", with: again + "layer { name: 'b'").replacing(
      "bottom: 'b' top: 'y'", with: "bottom: 'c' top: 'y'")
    #expect(try operations(twice) == ["a", "pool", "again", "relu", "b"])
  }

  @Test("keep their places where the caller gives a gradient to what lies between them")
  func seededReLU() throws {
    let net = try SampleNet(SampleNets.pooled(slope: 0), seeds: ["a", "y"])
    let plan = try net.plan(.training, [])
    #expect(plan.program.operations.map(\.title) == ["a", "relu", "pool", "b"])
    let session = try net.session(plan)
    try session.forward()
    try session.setOutputDiff("a", Tensor(net.graph.shape(of: "a") ?? []))
    try session.backward()
  }

  /// Whether a Concat of that blob and another runs as a step of its own.
  private static func copies(_ first: String, _ backends: [any Backend]) throws -> Bool {
    let text = """
      layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 1 dim: 16 dim: 6 dim: 6 } } }
      layer { name: 'one' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { num_output: 16 kernel_size: 1 } }
      layer { name: 'two' type: 'Convolution' bottom: 'x' top: 'b' convolution_param { num_output: 32 kernel_size: 3 pad: 1 } }
      layer { name: 'join' type: 'Concat' bottom: '\(first)' bottom: 'b' top: 'c' }
      layer { name: 'end' type: 'Convolution' bottom: 'c' top: 'y' convolution_param { num_output: 8 kernel_size: 1 } }

      """
    let plan = try SampleNet(text).plan(.inference, backends)
    return plan.steps.contains { $0.name == "join" }
  }

  @Test("are written where a Concat would copy them, unless they are needed elsewhere too")
  func concat() throws {
    for backends in [[], [try OneDNNBackend()]] as [[any Backend]] {
      #expect(try !Self.copies("a", backends))
      #expect(try Self.copies("b", backends))
    }
    #expect(try Self.copies("x", []))
  }

  @Test("hold the right values when a Concat's parts are looked at as well")
  func observedParts() throws {
    let net = try SampleNets.deploy("bvlc_googlenet")
    let parts: Set<String> = ["inception_3a/1x1", "inception_3a/pool_proj", "inception_3a/output"]
    func session(without passes: Set<String>) throws -> Session {
      try net.session(net.plan(.inference, [try OneDNNBackend()], without: passes, observing: parts))
    }
    let (fast, plain) = (try session(without: []), try session(without: Set(Passes.names)))
    for session in [fast, plain] { try session.forward() }
    #expect(Tolerance(absolute: 1e-6, relative: 1e-5).mismatches(fast.observedTops, plain.observedTops) == [])
    #expect(fast.observedTops.count == 4)
  }

  @Test("are a convolution and the sum with a blob that is there before it")
  func sum() throws {
    #expect(
      try Self.operations(SampleNets.residual(batch: 1)) == [
        "a", "b + ab + relu1", "c", "abc", "relu2", "d", "e + de", "f",
      ])
    let kept = try Self.operations(SampleNets.residual(batch: 1), observing: ["b", "e"])
    #expect(kept == ["a", "b", "ab", "relu1", "c", "abc", "relu2", "d", "e", "de", "f"])
  }

  @Test("of a sum give what the layers give, on every backend, thread and batch", arguments: [1, 2, 3])
  func sums(batch: Int) throws {
    let net = try SampleNet(SampleNets.residual(batch: batch))
    for backends in [[], [try OneDNNBackend()]] as [[any Backend]] {
      let plain = try net.session(net.plan(.inference, [], without: Set(Passes.names)))
      let fused = try net.session(net.plan(.inference, backends, threads: 2))
      // Twice, since what lay in a place before must not be added.
      for session in [plain, fused, fused] { try session.forward() }
      #expect(Tolerance(absolute: 5e-4, relative: 1e-3).mismatches(fused.observedTops, plain.observedTops) == [])
    }
  }

  @Test("of a sum do not write over what they still read: a part of the addend")
  func sumWithOwnPart() throws {
    let text = """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 1 dim: 32 dim: 40 dim: 40 } } }
      layer { name: 'a' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { num_output: 32 kernel_size: 1 } }
      layer { name: 'b' type: 'Convolution' bottom: 'x' top: 'b' convolution_param { num_output: 32 kernel_size: 1 } }
      layer { name: 'w' type: 'Concat' bottom: 'a' bottom: 'b' top: 'w' }
      layer { name: 'c' type: 'Convolution' bottom: 'a' top: 'c' convolution_param { num_output: 64 kernel_size: 3 pad: 1 } }
      layer { name: 's' type: 'Eltwise' bottom: 'c' bottom: 'w' top: 's' }
      """
    let net = try SampleNet(text)
    let plain = try net.session(net.plan(.inference, []))
    let fast = try net.session(net.plan(.inference, [try OneDNNBackend()], threads: 2))
    for session in [plain, fast] { try session.forward() }
    #expect(Tolerance(absolute: 5e-4, relative: 1e-3).mismatches(fast.observedTops, plain.observedTops) == [])
  }
}
