import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeTesting
import Foundation
import Testing

@Suite("Nets for use derived from nets for training", .enabled(if: Program.isBuilt))
struct DeriveDeployTests {
  private static func derive(_ arguments: String..., in folder: Workplace) throws -> String {
    let outcome = try Program.run(["derive-deploy"] + arguments, in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    return outcome.results
  }

  /// The layers of a net, without what only training reads.
  private static func layers(_ text: String) throws -> [Message] {
    let net = try TextParser.parse(SourceFile(name: "net", text: text), as: LayerRegistry.standard.schema.net)
    return net.messages("layer").map { layer in
      var layer = layer
      layer.remove("param")
      for index in layer.entries.indices {
        guard var inner = layer.entries[index].value.message else { continue }
        for filler in ["weight_filler", "bias_filler"] { inner.remove(filler) }
        layer.entries[index].value = .message(inner)
      }
      return layer
    }
  }

  @Test(
    "the published nets for use follow from those for training",
    arguments: [
      ("models/bvlc_alexnet/train_val", "models/bvlc_alexnet/deploy", "10", ""),
      ("models/bvlc_reference_caffenet/train_val", "models/bvlc_reference_caffenet/deploy", "10", ""),
      ("models/bvlc_googlenet/train_val", "models/bvlc_googlenet/deploy", "10", ""),
      ("models/lenet/train_val", "models/lenet/deploy", "1", "data=64,1,28,28"),
      ("examples/mnist/lenet_train_test", "examples/mnist/lenet", "1", "data=64,1,28,28"),
    ])
  func published(source: String, deploy: String, batch: String, shape: String) throws {
    let root = Checkout().path
    let folder = try Workplace()
    let text = try Program.run(
      ["derive-deploy", "\(root)/\(source).prototxt", "--batch-size", batch] + (shape.isEmpty ? [] : ["--input-shape", shape]),
      in: folder)
    #expect(text.code == 0, "\(text.words)")
    let expected = try Self.layers(String(contentsOfFile: "\(root)/\(deploy).prototxt", encoding: .utf8))
    #expect(try Self.layers(text.results) == expected)
    #expect(text.words.contains("left out") == source.contains("googlenet"), "\(text.words)")
  }

  private static let commentedNet = """
    # A net.

    name: "net"  # its name
    # The data.
    layer { name: "d" type: "Data" top: "data" top: "label" include { phase: TRAIN }
      data_param { source: "gone" batch_size: 8 backend: LMDB } }
    # The test data.
    layer { name: "d" type: "Data" top: "data" top: "label"
      include { phase: TEST }
      transform_param { crop_size: 7 mean_value: 128 } data_param { source: "gone" batch_size: 8 backend: LMDB } }

    # The only product.
    layer {
      name: "ip"  # not for the address
      type: "InnerProduct"
      # Only when testing.
      include { phase: TEST }  # says who
      bottom: "data" top: "ip" inner_product_param { num_output: 3 }
    }
    layer { name: "relu" type: "ReLU" exclude { stage: "never" } bottom: "ip" top: "ip" }
    layer { name: "accuracy" type: "Accuracy" bottom: "ip" bottom: "label" top: "accuracy" }
    # The loss.
    layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" softmax_param { axis: -1 } }

    """

  private static let derivedNet = """
    # A net.

    name: "net"  # its name
    # The test data.
    layer {
      name: "data"
      type: "Input"
      top: "data"
      input_param {
        shape {
          dim: 1
          dim: 1
          dim: 7
          dim: 7
        }
      }
    }

    # The only product.
    layer {
      name: "ip"  # not for the address
      type: "InnerProduct"
      bottom: "data" top: "ip" inner_product_param { num_output: 3 }
    }
    layer { name: "relu" type: "ReLU" bottom: "ip" top: "ip" }
    # The loss.
    layer {
      name: "prob"
      type: "Softmax"
      bottom: "ip"
      top: "prob"
      softmax_param {
        axis: -1
      }
    }

    """

  @Test("comments and order of what stays are kept; what goes takes its comments along")
  func comments() throws {
    let folder = try Workplace()
    try folder.write(
      Self.commentedNet, to: "train.prototxt")
    let outcome = try Program.run("derive-deploy", "train.prototxt", "-o", "deploy_made.prototxt", in: folder)
    #expect(outcome.code == 0 && outcome.words == "Wrote deploy_made.prototxt\n" && outcome.results.isEmpty, "\(outcome.words)")
    #expect(
      String(decoding: try folder.bytes("deploy_made.prototxt"), as: UTF8.self) == Self.derivedNet)
  }

  @Test("a net that computes its answer already gets no second one; labels made of data are none of the net's business")
  func autoencoder() throws {
    let folder = try Workplace()
    try folder.write(
      """
      layer { name: "d" type: "Input" top: "data" input_param { shape { dim: 4 dim: 1 dim: 2 dim: 2 } } }
      layer { name: "flat" type: "Flatten" bottom: "data" top: "flat" }
      layer { name: "code" type: "InnerProduct" bottom: "data" top: "code" inner_product_param { num_output: 4 } }
      layer { name: "loss" type: "SigmoidCrossEntropyLoss" bottom: "code" bottom: "flat" top: "loss" loss_weight: 1 }
      layer { name: "sig" type: "Sigmoid" bottom: "code" top: "sig" }
      layer { name: "silence" type: "Silence" bottom: "flat" }
      layer { name: "error" type: "EuclideanLoss" bottom: "sig" bottom: "flat" top: "error" loss_weight: 0 }
      """, to: "auto.prototxt")
    let layers = try Self.layers(Self.derive("auto.prototxt", in: folder))
    #expect(layers.compactMap { $0.string("name") } == ["d", "code", "sig"])
  }

  @Test("a loss that only training has becomes a prediction all the same")
  func trainingLoss() throws {
    let folder = try Workplace()
    try folder.write(
      """
      layer { name: "d" type: "Input" top: "data" top: "l" input_param { shape { dim: 4 dim: 9 } shape { dim: 4 } } }
      layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip" inner_product_param { num_output: 3 } }
      layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "l" include { phase: TRAIN } }
      layer { name: "acc" type: "Accuracy" bottom: "ip" bottom: "l" top: "acc" include { phase: TEST } }
      """, to: "two.prototxt")
    let layers = try Self.layers(Self.derive("two.prototxt", in: folder))
    #expect(layers.compactMap { $0.string("type") } == ["Input", "InnerProduct", "Softmax"])
    #expect(layers.last?.strings("top") == ["prob"])
  }

  @Test("a net of an older form is printed in today's")
  func old() throws {
    let folder = try Workplace()
    try folder.write(
      """
      layers { name: "d" type: DATA top: "data" top: "label" data_param { source: "gone" batch_size: 8 crop_size: 5 } }
      layers { name: "ip" type: INNER_PRODUCT bottom: "data" top: "ip" inner_product_param { num_output: 3 } }
      layers { name: "loss" type: SOFTMAX_LOSS bottom: "ip" bottom: "label" }
      """, to: "old.prototxt")
    let layers = try Self.layers(Self.derive("old.prototxt", "--batch-size", "2", in: folder))
    #expect(layers.compactMap { $0.string("type") } == ["Input", "InnerProduct", "Softmax"])
    #expect(layers.first.map { TextPrinter.print($0) }?.contains("dim: 2\n    dim: 3\n    dim: 5\n    dim: 5") == true)
  }

  @Test("a shape that nothing tells is asked for, at the layer's place, and nothing is written")
  func unknownShape() throws {
    let folder = try Workplace()
    let outcome = try Program.run("derive-deploy", "net.prototxt", "-o", "new.prototxt", in: folder)
    #expect(outcome.code == 1 && !folder.contains("new.prototxt"))
    #expect(
      outcome.words.hasPrefix(
        "net.prototxt:4:15: error: neither the file nor its data tells the shape of \"data\"; give it, as in --input-shape data=1,3,224,224\n"
      ),
      "\(outcome.words)")
    _ = try folder.drawDigits()
    let layers = try Self.layers(Self.derive("net.prototxt", "--batch-size", "2", in: folder))
    #expect(try layers == Self.layers(String(decoding: folder.bytes("deploy.prototxt"), as: UTF8.self)))
  }
}
