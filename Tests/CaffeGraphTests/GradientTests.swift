import CaffeCore
import CaffeFormat
import CaffeGraph
import Testing

@Suite("Gradients")
struct GradientTests {
  private static let input = """
    layer { name: 'x' type: 'Input' top: 'x' top: 't' input_param { shape { dim: [2, 4] } } }

    """

  private static func ip(_ name: String, _ bottom: String, lr: Float = 1, _ extra: String = "") -> String {
    "layer { name: '\(name)' type: 'InnerProduct' bottom: '\(bottom)' top: '\(name)' \(extra) "
      + "param { lr_mult: \(lr) } param { lr_mult: \(lr) } inner_product_param { num_output: 4 } }\n"
  }

  private static func loss(_ bottom: String, _ extra: String = "") -> String {
    "layer { name: 'loss' type: 'EuclideanLoss' bottom: '\(bottom)' bottom: 't' top: 'loss' \(extra) }\n"
  }

  /// Per layer that runs backward: its name and which bottoms get a gradient.
  private static func needs(_ text: String, seeds: Set<String> = []) throws -> [String: [Bool]] {
    let shaped = try Stages.shaped(input + text, seeds: seeds)
    var result: [String: [Bool]] = [:]
    for (index, node) in shaped.nodes.enumerated() where shaped.gradients.runsBackward[index] {
      result[node.definition.name] = shaped.gradients.propagates[index]
    }
    return result
  }

  private static func parameters(_ text: String, seeds: Set<String> = []) throws -> [Bool] {
    try Stages.shaped(input + text, seeds: seeds).gradients.parameters
  }

  @Test("flow down to the first learned parameter and no further")
  func downToParameters() throws {
    #expect(
      try Self.needs(Self.ip("a", "x") + Self.ip("b", "a") + Self.loss("b")) == [
        "a": [false], "b": [true], "loss": [true, false],
      ])
  }

  @Test("stop above layers with lr_mult 0, which get none")
  func frozen() throws {
    let net = Self.ip("a", "x", lr: 0) + Self.ip("b", "a") + Self.loss("b")
    #expect(try Self.needs(net) == ["b": [false], "loss": [true, false]])
    #expect(try Self.parameters(net) == [false, false, true, true])
  }

  @Test("pass through a frozen layer to one that learns below")
  func throughFrozen() throws {
    let net = Self.ip("a", "x") + Self.ip("b", "a", lr: 0) + Self.loss("b")
    #expect(try Self.needs(net) == ["a": [false], "b": [true], "loss": [true, false]])
    #expect(try Self.parameters(net) == [true, true, false, false])
  }

  @Test("stop at propagate_down: false, and all that is only above it below stays still")
  func propagateDownFalse() throws {
    let net = Self.ip("a", "x") + Self.ip("b", "a", "propagate_down: false") + Self.loss("b")
    #expect(try Self.needs(net) == ["b": [false], "loss": [true, false]])
    #expect(try Self.parameters(net) == [false, false, true, true])
  }

  @Test("still reach a layer by another way when one is closed")
  func otherWay() throws {
    let net =
      Self.ip("a", "x") + Self.ip("b", "a", "propagate_down: false")
      + "layer { name: 's' type: 'Eltwise' bottom: 'a' bottom: 'b' top: 's' }\n" + Self.loss("s")
    #expect(try Self.needs(net) == ["a": [false], "b": [false], "s": [true, true], "loss": [true, false]])
  }

  @Test("are not made by propagate_down: true where there is nothing to learn, as in Caffe")
  func nothingToLearn() throws {
    #expect(try Self.needs(Self.loss("x", "propagate_down: true propagate_down: false")).isEmpty)
  }

  @Test("flow into an input where propagate_down asks for it")
  func propagateDownTrue() throws {
    let net = Self.ip("a", "x", "propagate_down: true") + Self.loss("a", "propagate_down: true propagate_down: true")
    #expect(try Self.needs(net) == ["a": [true], "loss": [true, true]])
  }

  @Test("do not enter branches that end in no loss")
  func withoutLoss() throws {
    let net = Self.ip("a", "x") + Self.ip("side", "a") + Self.ip("b", "a") + Self.loss("b")
    #expect(try Self.needs(net).keys.sorted() == ["a", "b", "loss"])
    #expect(try Self.parameters(net) == [true, true, false, false, true, true])
    #expect(try Self.needs(Self.ip("a", "x")).isEmpty)
  }

  @Test("start at any blob with a loss_weight, and at none with loss_weight 0")
  func lossWeights() throws {
    let weighted = "layer { name: 'r' type: 'ReLU' bottom: 'a' top: 'r' loss_weight: 0.1 }\n"
    #expect(try Self.needs(Self.ip("a", "x") + weighted) == ["a": [false], "r": [true]])
    #expect(try Self.needs(Self.ip("a", "x") + Self.loss("a", "loss_weight: 0")).isEmpty)
    let shaped = try Stages.shaped(Self.input + Self.ip("a", "x") + weighted + Self.loss("r"))
    #expect(shaped.nodes.map(\.lossWeights) == [[0, 0], [0], [0.1], [1]])
  }

  @Test("start at outputs that get one from outside")
  func seeds() throws {
    #expect(try Self.needs(Self.ip("a", "x") + Self.ip("b", "a"), seeds: ["b"]) == ["a": [false], "b": [true]])
    #expect(try Self.needs(Self.ip("a", "x") + Self.ip("b", "a"), seeds: ["a"]) == ["a": [false]])
  }

  @Test("flow everywhere with force_backward, but never into labels")
  func forceBackward() throws {
    let net =
      "force_backward: true\n" + Self.ip("a", "x", lr: 0) + Self.loss("a")
      + "layer { name: 'd' type: 'Input' top: 'd' input_param { shape { dim: 2 } } }\n"
      + "layer { name: 's' type: 'SoftmaxWithLoss' bottom: 'a' bottom: 'd' top: 's' }\n"
    #expect(try Self.needs(net) == ["a": [true], "loss": [true, true], "s": [true, false]])
    #expect(try Self.parameters(net) == [true, true])
  }

  @Test("into a label that depends on learned parameters are refused, unless stopped")
  func labels() throws {
    func net(_ extra: String) -> String {
      Self.input + Self.ip("a", "x")
        + "layer { name: 'f' type: 'InnerProduct' bottom: 'a' top: 'f' inner_product_param { num_output: 1 } }\n"
        + "layer { name: 's' type: 'SoftmaxWithLoss' bottom: 'a' bottom: 'f' top: 's' \(extra) }\n"
    }
    #expect(
      Stages.mistakes(net("")) == [
        "net.prototxt:4:63: error: layer \"s\" (SoftmaxWithLoss) cannot pass a gradient to bottom \"f\", "
          + "which depends on learned parameters"
      ])
    #expect(Stages.mistakes(net("propagate_down: true propagate_down: false")).isEmpty)
  }

  @Test("of statistics are never wanted")
  func statistics() throws {
    let net = "layer { name: 'b' type: 'BatchNorm' bottom: 'x' top: 'b' }\nforce_backward: true\n" + Self.loss("b")
    #expect(try Self.parameters(net) == [false, false, false])
  }
}
