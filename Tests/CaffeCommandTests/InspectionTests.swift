import Foundation
import Testing

@Suite("Looking at nets from the command line", .enabled(if: Program.isBuilt))
struct InspectionTests {
  @Test("a sound net and a sound solver are ok, which is a result")
  func sound() throws {
    let folder = try Workplace()
    try folder.writeSolver("solver.prototxt", iterations: 10, snapshot: 0, prefix: "tiny")
    _ = try folder.drawDigits()
    let outcome = try Program.run("check", "deploy.prototxt", "net.prototxt", "solver.prototxt", in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    #expect(outcome.results == "deploy.prototxt: ok\nnet.prototxt: ok\nsolver.prototxt: ok\n")
    #expect(outcome.words.isEmpty)
  }

  @Test(
    "mistakes are shown with file, line and column on stderr, and the exit code is 1",
    arguments: [
      ("layer { name: \"a\" type: \"ReLU\" bottom: \"dta\" top: \"a\" }", ":1:40: error: "),
      ("layer { name: \"a\" tpe: \"ReLU\" }", ":1:19: error: "), ("layer {", ":1:"),
      ("base_lr: 0.1\nbse_lr: 0.1\n", ":2:1: error: "),
      ("base_lr: 0.1\nlr_policy: \"fixd\"\nmax_iter: 1\nnet: \"net.prototxt\"\n", ":2:"),
    ])
  func broken(text: String, place: String) throws {
    let folder = try Workplace()
    try folder.write(text, to: "broken.prototxt")
    let outcome = try Program.run("check", "deploy.prototxt", "broken.prototxt", in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.results == "deploy.prototxt: ok\n")
    #expect(outcome.words.hasPrefix("broken.prototxt\(place)"), "\(outcome.words)")
  }

  /// The parts of `summary --json` that people's scripts read.
  private struct Summary: Decodable {
    struct Layer: Decodable {
      let name: String
      let type: String
      let bottoms: [String]
      let tops: [String]
      let parameters: Int
      let flops: Int
    }
    let blobs: [String: [Int]]
    let layers: [Layer]
  }

  @Test("summary --json has blobs and layers")
  func summary() throws {
    let outcome = try Program.run("summary", "--json", "deploy.prototxt", in: try Workplace())
    #expect(outcome.code == 0 && outcome.words.isEmpty)
    let summary = try JSONDecoder().decode(Summary.self, from: Data(outcome.results.utf8))
    #expect(summary.blobs == ["data": [2, 1, 28, 28], "ip1": [2, 16], "ip2": [2, 10], "prob": [2, 10]])
    #expect(summary.layers.map(\.name) == ["data", "ip1", "relu1", "drop1", "ip2", "prob"])
    let product = try #require(summary.layers.first { $0.name == "ip1" })
    #expect(product.type == "InnerProduct" && product.bottoms == ["data"] && product.tops == ["ip1"])
    #expect(product.parameters == 784 * 16 + 16)
    let products = 2 * 784 * 16
    #expect(product.flops >= 2 * products && product.flops <= 2 * products + 64)
  }

  @Test("a shape on the command line replaces the file's")
  func inputShape() throws {
    let outcome = try Program.run("summary", "--json", "deploy.prototxt", "--input-shape", "data=5,1,28,28", in: try Workplace())
    let summary = try JSONDecoder().decode(Summary.self, from: Data(outcome.results.utf8))
    #expect(summary.blobs["prob"] == [5, 10])
  }

  @Test("every stage of a plan is a result", arguments: ["definition", "graph", "shapes", "program", "plan"])
  func plan(stage: String) throws {
    let outcome = try Program.run("plan", "deploy.prototxt", "--show", stage, in: try Workplace())
    #expect(outcome.code == 0 && outcome.words.isEmpty, "\(outcome.words)")
    #expect(outcome.results.contains("ip1"))
  }

  @Test("schema --layer prints the messages of a layer's parameters, and which field holds them")
  func layerSchema() throws {
    let folder = try Workplace()
    let small = try Program.run("schema", "--layer", "ELU", in: folder)
    #expect(small.code == 0 && small.words.isEmpty)
    #expect(
      small.results == """
        // LayerParameter.elu_param = 140
        syntax = "proto2";

        package caffe;

        message ELUParameter {
          optional float alpha = 1 [default = 1];
        }

        """)
    let large = try Program.run("schema", "--layer", "Deconvolution", in: folder)
    #expect(large.results.hasPrefix("// LayerParameter.convolution_param = 106\n"))
    let messages = large.results.split(separator: "\n").filter { $0.hasPrefix("message ") }
    #expect(messages == ["message ConvolutionParameter {", "message FillerParameter {"])
    #expect(try Program.run("schema", "--layer", "AbsVal", in: folder).results == "// AbsVal has no parameters of its own\n")
  }

  @Test("schema --layer tells the nearest layer when there is none of the name")
  func noLayer() throws {
    let outcome = try Program.run("schema", "--layer", "Convolutoin", in: try Workplace())
    #expect(outcome.code == 2 && outcome.results.isEmpty)
    #expect(outcome.words.contains("there is no layer \"Convolutoin\", did you mean \"Convolution\"?"), "\(outcome.words)")
  }
}
