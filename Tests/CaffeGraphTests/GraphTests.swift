import CaffeCore
import CaffeFormat
import CaffeGraph
import Testing

@Suite("The graph of a net")
struct GraphTests {
  private static let input =
    "layer { name: 'data' type: 'Input' top: 'data' top: 'label' input_param { shape { dim: [2, 3] } } }\n"

  private static func relu(_ name: String, _ bottom: String, _ top: String) -> String {
    "layer { name: '\(name)' type: 'ReLU' bottom: '\(bottom)' top: '\(top)' }\n"
  }

  @Test("has a new value for every write, so in-place layers have versions")
  func versions() throws {
    let graph = try Stages.graph(
      Self.input + Self.relu("r1", "data", "data") + Self.relu("r2", "data", "data") + Self.relu("r3", "data", "out"))
    #expect(graph.values.map(\.name) == ["data", "label", "data", "data", "out"])
    #expect(graph.nodes.map(\.bottoms) == [[], [0], [2], [3]])
    #expect(graph.nodes.map(\.tops) == [[0, 1], [2], [3], [4]])
    #expect(graph.value(named: "data") == 3)
    #expect(graph.blobNames == ["data", "label", "out"])
  }

  @Test("has the values nobody reads as outputs, sorted by name")
  func outputs() throws {
    let graph = try Stages.graph(Self.input + Self.relu("r1", "data", "zebra") + Self.relu("r2", "data", "ape"))
    #expect(graph.outputs.map { graph.values[$0].name } == ["ape", "label", "zebra"])
  }

  @Test("shows the Split layers that Caffe would insert")
  func splits() throws {
    let graph = try Stages.graph(
      Self.input + Self.relu("r1", "label", "a") + Self.relu("r2", "label", "b") + Self.relu("r3", "data", "c"))
    #expect(graph.splits.map(\.name) == ["label_data_1_split"])
    #expect(graph.splits.map(\.bottom) == ["label"])
    #expect(graph.splits.map(\.tops) == [["label_data_1_split_0", "label_data_1_split_1"]])
  }

  @Test("names the Split of an in-place layer's blob by that layer")
  func inPlaceSplit() throws {
    let net =
      Self.input + Self.relu("conv", "data", "x") + Self.relu("relu", "x", "x") + Self.relu("a", "x", "a")
      + Self.relu("b", "x", "b")
    #expect(try Stages.graph(net).splits.map(\.name) == ["x_relu_0_split"])
  }

  @Test("counts a loss_weight as a reader of its blob")
  func lossSplit() throws {
    func net(_ weight: String) -> String {
      Self.input + "layer { name: 'l' type: 'EuclideanLoss' bottom: 'data' bottom: 'label' top: 'loss' \(weight) }\n"
        + Self.relu("r", "loss", "out")
    }
    #expect(try Stages.graph(net("loss_weight: 0.5")).splits.map(\.tops) == [["loss_l_0_split_0", "loss_l_0_split_1"]])
    #expect(try Stages.graph(net("loss_weight: 0")).splits.isEmpty)
    #expect(try Stages.graph(net("")).splits.isEmpty)
  }

  @Test("warns of two layers of one name and runs all the same")
  func sameNames() throws {
    let graph = try Stages.graph(Self.input + Self.relu("r", "data", "a") + Self.relu("r", "a", "b"))
    #expect(graph.warnings.map(\.message) == ["two layers are named \"r\"; stored weights go to the first"])
    #expect(graph.warnings.first?.location?.description == "net.prototxt:3:15")
  }

  @Test("takes shapes from the caller instead of the file")
  func givenShapes() throws {
    let shaped = try Stages.shaped(Self.input + Self.relu("r", "data", "a"), inputs: ["data": [7, 3]])
    #expect(shaped.shape(of: "a") == [7, 3])
    #expect(shaped.shape(of: "label") == [2, 3])
    #expect(shaped.inputs.map { shaped.graph.values[$0].name } == ["data", "label"])
  }
}

@Suite("Parameters that share a name")
struct SharingTests {
  private static func net(_ first: String, _ second: String, outputs: (Int, Int) = (4, 4), overBatch: Bool = false) -> String {
    """
    layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [2, 4] } } }
    layer {
      name: 'a' type: 'InnerProduct' bottom: 'x' top: 'a' param { \(first) }
      inner_product_param { num_output: \(outputs.0) bias_term: false }
    }
    layer {
      name: 'b' type: 'InnerProduct' bottom: 'x' top: 'b' param { \(second) }
      inner_product_param { num_output: \(outputs.1) bias_term: false axis: \(overBatch ? 0 : 1) }
    }
    """
  }

  @Test("are one, owned by the first layer")
  func shared() throws {
    let shaped = try Stages.shaped(Self.net("name: 'w' lr_mult: 2", "name: 'w'"))
    #expect(shaped.parameters.count == 1)
    #expect(shaped.nodes.map(\.parameters) == [[], [0], [0]])
    let parameter = shaped.parameters[0]
    #expect(parameter.layer == "a" && parameter.users == 2 && parameter.lrMult == 2 && parameter.sharedName == "w")
  }

  @Test("without a name are not shared", arguments: ["", "name: ''"])
  func unnamed(spec: String) throws {
    #expect(try Stages.shaped(Self.net(spec, spec)).parameters.count == 2)
  }

  @Test("must have one shape, or with PERMISSIVE as many elements")
  func shapes() throws {
    #expect(
      Stages.mistakes(Self.net("name: 'w'", "name: 'w'", outputs: (4, 2), overBatch: true)) == [
        "net.prototxt:7:55: error: layer \"b\" (InnerProduct) shares \"w\" with layer \"a\", but needs 2x8 where that has 4x4"
      ])
    let permissive = try Stages.shaped(
      Self.net("name: 'w'", "name: 'w' share_mode: PERMISSIVE", outputs: (4, 2), overBatch: true))
    #expect(permissive.parameters.map(\.shape) == [[4, 4]])
    #expect(Stages.mistakes(Self.net("name: 'w'", "name: 'w' share_mode: PERMISSIVE", outputs: (4, 3))).count == 1)
  }

  @Test("may not have two learning rates or decays")
  func multipliers() {
    #expect(
      Stages.mistakes(Self.net("name: 'w' lr_mult: 2 decay_mult: 3", "name: 'w' lr_mult: 1 decay_mult: 0")) == [
        "net.prototxt:7:55: error: shared parameter \"w\" has lr_mult 1.0 here, but 2.0 before (its owner is layer \"a\")",
        "net.prototxt:7:55: error: shared parameter \"w\" has decay_mult 0.0 here, but 3.0 before (its owner is layer \"a\")",
      ])
  }

  @Test("take the learning rate of the layer that gives one, owner or not")
  func givenLater() throws {
    let shaped = try Stages.shaped(Self.net("name: 'w'", "name: 'w' lr_mult: 0 decay_mult: 5"))
    #expect(shaped.parameters[0].lrMult == 0 && shaped.parameters[0].decayMult == 5)
  }
}
