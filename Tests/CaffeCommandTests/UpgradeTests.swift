import CaffeFormat
import CaffeTesting
import Foundation
import Testing

@Suite("Upgrades from the command line", .enabled(if: Program.isBuilt))
struct UpgradeTests {
  private static let oldNet = """
    name: "old"
    input: "data"
    input_dim: 1 input_dim: 1 input_dim: 2 input_dim: 2
    layers { name: "ip" type: INNER_PRODUCT bottom: "data" top: "ip" blobs_lr: 1 blobs_lr: 2
      inner_product_param { num_output: 3 } }  # a comment

    """
  private static let newNet = """
    name: "old"
    layer {
      name: "input"
      type: "Input"
      top: "data"
      input_param {
        shape {
          dim: 1
          dim: 1
          dim: 2
          dim: 2
        }
      }
    }
    layer {
      name: "ip"
      type: "InnerProduct"
      bottom: "data"
      top: "ip"
      inner_product_param {
        num_output: 3
      }
      param {
        lr_mult: 1
      }
      param {
        lr_mult: 2
      }
    }

    """

  @Test("net writes today's form, which it then leaves as it is")
  func net() throws {
    let folder = try Workplace()
    try folder.write(Self.oldNet, to: "old.prototxt")
    let outcome = try Program.run("upgrade", "net", "old.prototxt", "new.prototxt", in: folder)
    #expect(outcome.code == 0 && outcome.words == "Wrote new.prototxt\n" && outcome.results.isEmpty, "\(outcome.words)")
    #expect(String(decoding: try folder.bytes("new.prototxt"), as: UTF8.self) == Self.newNet)
    let again = try Program.run("upgrade", "net", "new.prototxt", "again.prototxt", in: folder)
    #expect(again.code == 0 && again.words == "new.prototxt has today's form already\nWrote again.prototxt\n")
    #expect(try folder.bytes("again.prototxt") == folder.bytes("new.prototxt"))
  }

  @Test("--diff shows the upgrade and writes nothing")
  func difference() throws {
    let folder = try Workplace()
    try folder.write("net: \"net.prototxt\"  # mine\nsolver_type: ADAGRAD\nbase_lr: 0.1\n", to: "solver.prototxt")
    let outcome = try Program.run("upgrade", "solver", "solver.prototxt", "new.prototxt", "--diff", in: folder)
    #expect(outcome.code == 0 && outcome.words.isEmpty && !folder.contains("new.prototxt"), "\(outcome.words)")
    #expect(
      outcome.results == """
        --- solver.prototxt
        +++ new.prototxt
        @@ -1,3 +1,3 @@
         net: "net.prototxt"
        -solver_type: ADAGRAD
         base_lr: 0.1
        +type: "AdaGrad"

        """)
    let same = try Program.run("upgrade", "solver", "solver.prototxt", "solver.prototxt", "--diff", in: folder)
    #expect(same.code == 0 && same.words.isEmpty && same.results.hasPrefix("--- solver.prototxt\n+++ solver.prototxt\n"))
    let none = try Program.run("upgrade", "net", "deploy.prototxt", "--diff", in: folder)
    #expect(none.code == 0 && none.results.isEmpty && none.words == "deploy.prototxt has today's form already\n")
  }

  @Test("mistakes keep their place, and a file is written or not at all")
  func mistakes() throws {
    let folder = try Workplace()
    try folder.write("solver_type: SGD\ntype: \"SGD\"\n", to: "both.prototxt")
    let both = try Program.run("upgrade", "solver", "both.prototxt", "new", in: folder)
    #expect(both.code == 1 && both.words.hasPrefix("both.prototxt:1:1: error: the solver gives both"), "\(both.words)")
    let missing = try Program.run("upgrade", "net", "deploy.prototxt", in: folder)
    #expect(missing.code == 2 && missing.words.contains("name the file to write, or look with --diff"))
    let text = try Program.run("upgrade", "net", "--binary", "deploy.prototxt", "new", in: folder)
    #expect(text.code == 1 && text.words.hasPrefix("caffe: deploy.prototxt: this seems to be a net's"), "\(text.words)")
    #expect(!folder.contains("new"))
  }

  @Test(
    "--binary keeps the blobs of a caffemodel and shows none of them",
    .enabled(if: Checkout().shared != nil, "\(Checkout.sharedReason)"))
  func binary() throws {
    let folder = try Workplace()
    for name in ["v0", "v1"] {
      let shared = try #require(Checkout().shared) + "/conformance/legacy/\(name)"
      let outcome = try Program.run("upgrade", "net", "--binary", "\(shared)/weights_legacy.caffemodel", name, in: folder)
      #expect(outcome.code == 0, "\(outcome.words)")
      let (ours, theirs) = try (WeightSet.read(path: folder.file(name)), WeightSet.read(path: "\(shared)/weights_v2.caffemodel"))
      #expect(ours.layers.map(\.name) == theirs.layers.map(\.name) && ours.layers.map(\.type) == theirs.layers.map(\.type))
      for layer in theirs.layers { #expect(ours[layer.name]?.map(\.data.floats) == layer.blobs.map(\.data.floats)) }
      let shown = try Program.run(
        "upgrade", "net", "--binary", "--diff", "\(shared)/weights_legacy.caffemodel", in: folder)
      #expect(shown.code == 0 && shown.results.contains("+layer {\n") && !shown.results.contains("data: "), "\(shown.words)")
    }
  }
}
