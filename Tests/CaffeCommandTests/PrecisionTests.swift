import Foundation
import Testing

@Suite("The precision of a run, from the command line", .enabled(if: Program.isBuilt))
struct PrecisionTests {
  private struct Comparison: Decodable {
    struct Blob: Decodable {
      let name: String
      let fp32, bf16, difference: Float
      let largest, largestRelative: Float?
    }
    struct Answers: Decodable {
      let blob: String
      let items, differing: Int
    }
    let batches: Int
    let blobs: [Blob]
    let answers: [Answers]
  }
  private struct Means: Decodable {
    struct Value: Decodable {
      let blob: String
      let value: Float
    }
    let values: [Value]
  }

  /// A place with digits and a net that was trained a little.
  private static func place() throws -> Workplace {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("solver.prototxt", iterations: 20, snapshot: 20, prefix: "tiny")
    #expect(try Program.run("train", "--solver", "solver.prototxt", "--threads", "1", in: folder).code == 0)
    return folder
  }

  private static let test = [
    "test", "--model", "net.prototxt", "--weights", "tiny_iter_20.caffemodel", "--iterations", "3", "--threads", "1", "--json",
  ]

  @Test("test runs each batch in both and says what differs")
  func comparison() throws {
    let folder = try Self.place()
    let outcome = try Program.run(Self.test + ["--compare-precision"], in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    let result = try JSONDecoder().decode(Comparison.self, from: Data(outcome.results.utf8))
    #expect(result.batches == 3 && result.blobs.map(\.name) == ["accuracy", "loss", "ip2"])
    // The same as two runs one after the other.
    for (flags, mean) in [([], \Comparison.Blob.fp32), (["--precision", "bf16"], \.bf16)] {
      let single = try JSONDecoder().decode(Means.self, from: Data(try Program.run(Self.test + flags, in: folder).results.utf8))
      for (value, blob) in zip(single.values, result.blobs) {
        #expect(value.blob == blob.name && abs(value.value - blob[keyPath: mean]) < 1e-5)
      }
    }
    let scores = try #require(result.blobs.last)
    let relative = try #require(scores.largestRelative)
    // Each weight is off by 2^-9 of itself at most.
    #expect(relative > 1e-5 && relative < 0x1p-7, "\(relative)")
    #expect(result.answers.map(\.items) == [24] && result.answers.map(\.blob) == ["ip2"])
    let lines = outcome.lines
    #expect(lines.contains { $0.hasPrefix("Batch 2, largest difference: ") && $0.hasSuffix(" of the largest number") })
    #expect(
      lines.contains {
        $0.hasPrefix("loss = ") && $0.contains(" in bf16 (difference ") && $0.contains("; of single numbers at most ")
      })
    #expect(lines.last == "ip2: \(result.answers[0].differing) of 24 first answers differ")
  }

  @Test("the bundled LeNet reads digits as well in bf16")
  func leNet() throws {
    let folder = try Workplace()
    _ = try Program.run("data", "digits", "digits", "--train", "1", "--test", "200", in: folder)
    let models = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../models/lenet")
    let net = try String(contentsOf: models.appending(path: "train_val.prototxt"), encoding: .utf8)
    try folder.write(net.replacing("data/mnist/test_lmdb", with: "digits/test_lmdb"), to: "lenet.prototxt")
    let outcome = try Program.run(
      "test", "--model", "lenet.prototxt", "--weights", models.appending(path: "lenet.caffemodel").path, "--iterations", "2",
      "--json", "--compare-precision", in: folder)
    let result = try JSONDecoder().decode(Comparison.self, from: Data(outcome.results.utf8))
    let accuracy = try #require(result.blobs.first { $0.name == "accuracy" })
    #expect(accuracy.fp32 > 0.85 && abs(accuracy.difference) <= 0.02, "\(outcome.words)")
    // Where convolutions are bf16 as well, a digit that is hard to read may tip over.
    #expect(result.answers.map(\.items) == [200] && result.answers[0].differing <= 4)
  }

  @Test("bf16 is for forward passes by kernels that have it")
  func refusals() throws {
    let folder = try Workplace()
    let calls: [([String], Int32, String)] = [
      (
        ["summary", "deploy.prototxt", "--precision", "bf16", "--engine", "reference"], 2,
        "Error: --precision bf16 is computed by --engine onednn; the reference has fp32 alone"
      ),
      (Self.test + ["--compare-precision", "--engine", "reference"], 2, "Error: --compare-precision needs --engine onednn;"),
      (
        ["time", "--model", "deploy.prototxt", "--precision", "bf16"], 1,
        "would compute gradients; choose fp32, or leave gradients out"
      ),
      (["train", "--solver", "solver.prototxt", "--precision", "bf16"], 2, "Unknown option '--precision'"),
    ]
    for (call, code, words) in calls {
      let outcome = try Program.run(call, in: folder)
      #expect(outcome.code == code && outcome.words.contains(words), "\(outcome.words)")
    }
  }

  @Test("plan and summary show bf16 weights, and time runs them")
  func inspection() throws {
    let folder = try Workplace()
    let flags = ["--precision", "bf16", "--threads", "1", "--input-shape", "data=16,1,28,28"]
    let plan = try Program.run(["plan", "deploy.prototxt"] + flags, in: folder).results
    #expect(plan.contains("gemm bf16"), "\(plan)")
    struct Summary: Decodable { let weightBytes: Int }
    let summary = try Program.run(["summary", "deploy.prototxt", "--json"] + flags, in: folder).results
    let weightBytes = try JSONDecoder().decode(Summary.self, from: Data(summary.utf8)).weightBytes
    #expect(weightBytes < (784 * 16 + 16 * 10) * 4 * 3 / 4)
    let time = try Program.run(
      ["time", "--model", "deploy.prototxt", "--phase", "test", "--iterations", "1"] + flags, in: folder)
    #expect(time.code == 0 && time.lines.contains { $0.hasPrefix("Average Forward pass: ") }, "\(time.words)")
    // 16 times 784 inputs and 16 outputs in fp32, 784 x 16 weights in bf16, 16 biases in fp32.
    #expect(time.words.contains("0.401408 MFLOP, 0.076352 MB"), "\(time.words)")
  }
}
