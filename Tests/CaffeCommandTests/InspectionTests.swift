import CaffeCore
import CaffeFormat
import CaffeHDF5
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

  @Test(
    "a shape for what is no input is an error with the inputs' names",
    arguments: [
      ["summary", "deploy.prototxt"], ["plan", "deploy.prototxt"], ["check", "deploy.prototxt"], ["draw", "deploy.prototxt"],
      ["time", "--model", "deploy.prototxt"], ["derive-deploy", "deploy.prototxt"],
      ["weights", "convolve", "deploy.prototxt", "tiny.caffemodel", "new", "new.caffemodel"],
    ])
  func noInput(verb: [String]) throws {
    let folder = try Workplace()
    let blobs = [BlobRecord(Tensor([16, 784])), BlobRecord(Tensor([16]))]
    try WeightSet(layers: [WeightSet.Layer(name: "ip1", blobs: blobs)]).write(path: folder.file("tiny.caffemodel"))
    let outcome = try Program.run(verb + ["--input-shape", "dta=1,1,28,28"], in: folder)
    #expect(outcome.code == 1 && outcome.results.isEmpty && !folder.contains("new"))
    #expect(
      outcome.words.hasSuffix(
        "error: a shape is given for \"dta\", which is no input; the net's inputs are data\n  did you mean \"data\"?\n"),
      "\(outcome.words)")
  }

  @Test("check takes shapes for the inputs of either phase")
  func inputsOfPhases() throws {
    let folder = try Workplace()
    let rule = { (phase: String, top: String) in
      "layer { name: 'd' type: 'Input' top: '\(top)' include { phase: \(phase) } input_param { shape { dim: 1 } } }\n"
    }
    try folder.write(rule("TRAIN", "a") + rule("TEST", "b"), to: "phases.prototxt")
    let shapes = ["--input-shape", "a=2", "--input-shape", "b=2"]
    #expect(try Program.run(["check", "phases.prototxt"] + shapes, in: folder).code == 0)
    let wrong = try Program.run(["check", "phases.prototxt", "--input-shape", "c=2"], in: folder)
    #expect(wrong.code == 1 && wrong.words.contains("which is no input; the net's inputs are a, b"), "\(wrong.words)")
  }

  @Test(
    "a file of another kind than the wanted one is told by its content",
    arguments: [
      (["summary", "solver.prototxt"], "solver.prototxt: this seems to be a solver's prototxt; wanted is a net's prototxt"),
      (
        ["derive-deploy", "solver.prototxt"], "solver.prototxt: this seems to be a solver's prototxt; wanted is a net's prototxt"
      ),
      (["train", "--solver", "net.prototxt"], "net.prototxt: this seems to be a net's prototxt; wanted is a solver's prototxt"),
      (
        ["summary", "tiny.caffemodel"],
        "tiny.caffemodel: this seems to be a file of weights (.caffemodel); wanted is a net's prototxt"
      ),
      (
        ["weights", "list", "net.prototxt"],
        "net.prototxt: this seems to be a net's prototxt; wanted is a file of weights (.caffemodel)"
      ),
      (
        ["weights", "list", "tiny.solverstate"],
        "tiny.solverstate: this seems to be a solver state (.solverstate); wanted is a file of weights (.caffemodel)"
      ),
      (
        ["train", "--solver", "solver.prototxt", "--snapshot", "tiny.caffemodel"],
        "tiny.caffemodel: this seems to be a file of weights (.caffemodel); wanted is a solver state (.solverstate)"
      ),
      (
        ["train", "--solver", "solver.prototxt", "--snapshot", "tiny.caffemodel.h5"],
        "tiny.caffemodel.h5: this seems to be a file of weights (.caffemodel); wanted is a solver state (.solverstate)"
      ),
      (
        ["upgrade", "net", "--binary", "deploy.prototxt", "new"],
        "deploy.prototxt: this seems to be a net's prototxt; wanted is a file of weights (.caffemodel)"
      ),
    ])
  func kinds(arguments: [String], words: String) throws {
    let folder = try Workplace()
    try folder.writeSolver("solver.prototxt", iterations: 1, snapshot: 0, prefix: "tiny")
    let weights = WeightSet(name: "tiny", layers: [WeightSet.Layer(name: "ip1", blobs: [BlobRecord(Tensor([16, 784]))])])
    for name in ["tiny.caffemodel", "tiny.caffemodel.h5"] { try weights.save(path: folder.file(name)) }
    try SolverState(iteration: 300, learnedNet: "a", history: [], currentStep: 0).write(path: folder.file("tiny.solverstate"))
    let outcome = try Program.run(arguments, in: folder)
    #expect(outcome.code == 1 && outcome.words == "caffe: \(words)\n" && outcome.results.isEmpty, "\(outcome.words)")
  }

  @Test("check says what a file seems to be that is neither a net nor a solver")
  func checkedKind() throws {
    let folder = try Workplace()
    try WeightSet(name: "tiny", layers: [WeightSet.Layer(name: "a", blobs: [BlobRecord(Tensor([1]))])])
      .write(path: folder.file("tiny.caffemodel"))
    let outcome = try Program.run("check", "tiny.caffemodel", in: folder)
    #expect(outcome.code == 1)
    #expect(
      outcome.words
        == "error: tiny.caffemodel: this seems to be a file of weights (.caffemodel); wanted is a net's prototxt\n")
  }

  @Test("pictures that are made larger in training have their training shape there")
  func phaseOfData() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.write(
      """
      layer { name: "d" type: "Data" top: "data" data_param { source: "digits/train_lmdb" batch_size: 2 backend: LMDB }
        transform_param { crop_size: 32 augmentation_param { min_area: 0.5 } } }
      """, to: "larger.prototxt")
    let train = try Program.run("summary", "larger.prototxt", "--phase", "train", "--json", in: folder)
    #expect(train.code == 0 && train.words.isEmpty, "\(train.words)")
    let summary = try JSONDecoder().decode(Summary.self, from: Data(train.results.utf8))
    #expect(summary.blobs["data"] == [2, 1, 32, 32])
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
