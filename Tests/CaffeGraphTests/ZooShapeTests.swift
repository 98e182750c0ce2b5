import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeTesting
import Foundation
import Testing

@Suite("The nets of models/")
struct ZooShapeTests {
  /// A net of the reference zoo; R-CNN has a deploy net only.
  struct Net: Sendable, CustomTestStringConvertible {
    let name: String
    let file: String
    let inputs: [String: Shape]
    var testDescription: String { "\(name)/\(file)" }

    func shaped(_ phase: Phase) throws -> ShapedGraph {
      let path = "\(SharedFolder.checkout)/models/\(name)/\(file).prototxt"
      return try Stages.shaped(SharedFolder.text(path), NetState(phase: phase), inputs: inputs)
    }
  }

  private static let images: [(String, Shape)] = [
    ("bvlc_alexnet", [8, 3, 227, 227]), ("bvlc_googlenet", [8, 3, 224, 224]), ("bvlc_reference_caffenet", [8, 3, 227, 227]),
    ("lenet", [8, 1, 28, 28]),
  ]
  static let deploy = (images.map(\.0) + ["bvlc_reference_rcnn_ilsvrc13"]).map { Net(name: $0, file: "deploy", inputs: [:]) }
  static let training = images.map { Net(name: $0.0, file: "train_val", inputs: ["data": $0.1, "label": [8]]) }

  @Test("to deploy give one probability or score per class", arguments: zip(deploy, [1000, 1000, 1000, 10, 200]))
  func deployShapes(net: Net, classes: Int) throws {
    let shaped = try net.shaped(.TEST)
    let outputs = shaped.graph.outputs.map { shaped.shapes[$0] }
    #expect(outputs.map { Array($0.dims.dropFirst()) } == [[classes]])
    #expect(shaped.gradients.runsBackward.allSatisfy { !$0 })
  }

  @Test("to train build in both phases, and every parameter gets a gradient", arguments: training)
  func trainingShapes(net: Net) throws {
    let train = try net.shaped(.TRAIN)
    #expect(train.gradients.parameters.allSatisfy { $0 })
    #expect(train.graph.outputs.allSatisfy { train.shapes[$0] == [] })
    let test = try net.shaped(.TEST)
    #expect(test.nodes.contains { $0.definition.type == "Accuracy" })
    #expect(test.parameters.map(\.shape) == train.parameters.map(\.shape))
  }

  private struct Stored: Decodable {
    let name: String
    let type: String
    let shapes: [[Int]]
  }

  @Test(
    "have the weights that the published files hold", .enabled(if: SharedFolder.path != nil, "\(SharedFolder.reason)"),
    arguments: deploy)
  func storedShapes(net: Net) throws {
    let json = try Data(contentsOf: URL(filePath: (SharedFolder.path ?? "") + "/conformance/zoo/shapes.json"))
    guard let stored = try JSONDecoder().decode([String: [Stored]].self, from: json)[net.name] else {
      return #expect(net.name == "lenet", "no shapes are stored for \(net.name)")
    }
    let shaped = try net.shaped(.TEST)
    let weights = Dictionary(
      uniqueKeysWithValues: shaped.nodes.map { ($0.definition.name, $0.signature.weights.map(\.shape.dims)) })
    for layer in stored where !layer.shapes.isEmpty && weights[layer.name] != nil {
      #expect(weights[layer.name] == layer.shapes, "\(layer.name)")
    }
    let learned = shaped.nodes.filter { !$0.parameters.isEmpty }.map(\.definition.name)
    #expect(Set(learned).isSubset(of: stored.map(\.name)))
  }
}

@Suite("A hostile net")
struct HostileNetTests {
  private static func layers(_ dims: String, _ layer: String) -> String {
    "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [\(dims)] } } }\n\(layer)"
  }

  @Test(
    "whose sizes overflow is refused and nothing crashes",
    arguments: [
      layers("0, 4000000000, 4000000000, 4000000000", "layer { name: 'p' type: 'Flatten' bottom: 'x' top: 'p' }"),
      layers("9223372036854775807, 9223372036854775807", ""), layers("-1", ""), layers("1, 2, -9223372036854775808", ""),
      layers(
        "1, 1, 2, 2",
        "layer { name: 'p' type: 'Pooling' bottom: 'x' top: 'p' pooling_param { kernel_size: 4000000000 pad: 3999999999 } }"),
      layers(
        "1, 1, 2, 2",
        "layer { name: 'c' type: 'Convolution' bottom: 'x' top: 'c' "
          + "convolution_param { num_output: 4000000000 kernel_h: 4000000000 kernel_w: 1 pad_h: 4000000000 } }"
      ),
      layers(
        "1, 1, 2, 2",
        "layer { name: 'c' type: 'Convolution' bottom: 'x' top: 'c' "
          + "convolution_param { num_output: 1 kernel_size: 1 pad: 500000000 dilation: 500000000 } }"
      ),
      layers(
        "2, 2", "layer { name: 'i' type: 'InnerProduct' bottom: 'x' top: 'i' inner_product_param { num_output: 4294967295 } }"),
      layers(
        "2, 2",
        "layer { name: 'i' type: 'InnerProduct' bottom: 'x' top: 'i' inner_product_param { num_output: 1 axis: -2147483648 } }"),
      layers(
        "2, 2",
        "layer { name: 'r' type: 'Reshape' bottom: 'x' top: 'r' reshape_param { shape { dim: [9223372036854775807, -1] } } }"),
      layers(
        "2, 2",
        "layer { name: 'r' type: 'Reshape' bottom: 'x' top: 'r' "
          + "reshape_param { axis: -2147483648 num_axes: 2147483647 shape { dim: 4 } } }"
      ),
      layers("2, 2", "layer { name: 's' type: 'Slice' bottom: 'x' top: 'a' top: 'b' slice_param { slice_point: 4294967295 } }"),
      layers("2, 2", "layer { name: 's' type: 'Scale' bottom: 'x' top: 'a' scale_param { axis: 1 num_axes: 2147483647 } }"),
      layers("2, 2, 2, 2", "layer { name: 'l' type: 'LRN' bottom: 'x' top: 'a' lrn_param { local_size: 4294967294 } }"),
      layers("2, 2, 2, 2", "layer { name: 'l' type: 'Tile' bottom: 'x' top: 'y' tile_param { tiles: 2147483647 } }"),
      layers(
        "2, 2, 2, 2",
        "layer { name: 'l' type: 'Embed' bottom: 'x' top: 'y' embed_param { num_output: 4294967295 input_dim: 4294967295 } }"),
      layers("2, 2, 2, 2", "layer { name: 'l' type: 'Crop' bottom: 'x' bottom: 'x' top: 'y' crop_param { offset: 4294967295 } }"),
      layers("2, 2, 2, 2", "layer { name: 'l' type: 'SPP' bottom: 'x' top: 'y' spp_param { pyramid_height: 4294967295 } }"),
      layers("2, 2, 2, 2", "layer { name: 'l' type: 'ArgMax' bottom: 'x' top: 'y' argmax_param { top_k: 4294967295 } }"),
      layers("2, 2, 2, 2", "layer { name: 'l' type: 'Bias' bottom: 'x' top: 'y' bias_param { num_axes: 2147483647 } }"),
      layers(
        "2, 2, 2, 2",
        "layer { name: 'l' type: 'Im2col' bottom: 'x' top: 'y' convolution_param { kernel_size: 500000000 pad: 500000000 } }"),
      layers(
        "2, 2, 2, 2",
        "layer { name: 'l' type: 'Deconvolution' bottom: 'x' top: 'y' convolution_param { num_output: 4294967295 kernel_size: 1 } }"
      ),
      layers(
        "2, 2, 2, 2",
        "layer { name: 'l' type: 'Deconvolution' bottom: 'x' top: 'y' convolution_param { num_output: 1 kernel_size: 1 stride: 500000000 } }"
      ),
      layers(
        "2, 2, 2, 2",
        "layer { name: 'l' type: 'LSTM' bottom: 'x' bottom: 'x' top: 'y' recurrent_param { num_output: 4294967295 } }"),
      layers("2, 2, 2, 2", "layer { name: 'l' type: 'Reduction' bottom: 'x' top: 'y' reduction_param { axis: -2147483648 } }"),
      "layer { name: 'p' type: 'Parameter' top: 'p' parameter_param { shape { dim: [4294967296, 4294967296] } } }",
      "layer { name: 'd' type: 'DummyData' top: 'd' "
        + "dummy_data_param { num: 4294967295 channels: 4294967295 height: 4294967295 width: 4294967295 } }",
      "input: 'x' input_dim: [65536, 65536, 65536, 65536]",
    ])
  func overflow(text: String) {
    #expect(!Stages.mistakes(text).isEmpty)
  }

  @Test("of twenty thousand layers is read in good time")
  func large() throws {
    let text =
      "layer { name: 'x' type: 'Input' top: 'b0' input_param { shape { dim: 2 } } }\n"
      + (1...20_000).map { "layer { name: 'l\($0)' type: 'ReLU' bottom: 'b\($0 - 1)' top: 'b\($0)' }\n" }.joined()
    var count = 0
    let time = try computingTime { count = try Stages.shaped(text).nodes.count }
    #expect(count == 20_001 && time < .seconds(10))
  }
}
