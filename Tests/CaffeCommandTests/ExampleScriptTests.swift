import CaffeTesting
import Foundation
import Testing

/// The examples' `run` scripts themselves, in copies of their folders.
@Suite("Scripts of the examples", .enabled(if: Program.isBuilt))
struct ExampleScriptTests {
  /// A folder that has the example beside the steps all share, with some words of the script replaced.
  private static func place(_ example: String, _ replaced: [String: String] = [:]) throws -> Workplace {
    let folder = try Workplace()
    let source = Checkout().path + "/examples"
    try FileManager.default.copyItem(atPath: "\(source)/steps.sh", toPath: folder.file("steps.sh"))
    try FileManager.default.createDirectory(atPath: folder.file(example), withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(source)/\(example)") where name != "work" {
      try FileManager.default.copyItem(atPath: "\(source)/\(example)/\(name)", toPath: folder.file("\(example)/\(name)"))
    }
    var text = String(decoding: try folder.bytes("\(example)/run"), as: UTF8.self)
    for (old, new) in replaced {
      #expect(text.contains(old))
      text = text.replacingOccurrences(of: old, with: new)
    }
    try Data(text.utf8).write(to: URL(filePath: folder.file("\(example)/run")))
    return folder
  }

  private static func run(
    _ example: String, _ arguments: [String] = [], in folder: Workplace, iterations: Int? = nil
  ) throws -> Program.Outcome {
    var environment = ["CAFFE": try #require(Program.path)]
    environment["ITERATIONS"] = iterations.map(String.init)
    return try Running("/bin/sh", ["\(example)/run"] + arguments, in: folder, environment: environment).outcome()
  }

  /// What the script says of its scores, first to last.
  private static func scores(_ outcome: Program.Outcome) -> [Double] {
    outcome.results.matches(of: #/\n\w+ is ([\d.]+), /#).compactMap { Double($0.1) }
  }

  @Test("a hidden layer learns the border that a plane cannot follow")
  func points() throws {
    let folder = try Self.place("hdf5_classification")
    let outcome = try Self.run("hdf5_classification", in: folder, iterations: 1_000)
    #expect(outcome.code == 0, "\(outcome.words)")
    let scores = Self.scores(outcome)
    #expect(scores.count == 2 && (0.7..<0.85).contains(scores[0]) && scores[1] > 0.93, "\(scores)")
    #expect(outcome.results.contains(", nothing is promised of 1000 iterations. Done after "))
  }

  @Test("LeNet's weights are a better beginning than random ones")
  func fineTuning() throws {
    let folder = try Self.place("finetuning")
    let weights = Checkout().path + "/models/lenet/lenet.caffemodel"
    let outcome = try Self.run("finetuning", [weights], in: folder, iterations: 20)
    #expect(outcome.code == 0 && outcome.words.contains("Ignoring source layer ip2"), "\(outcome.words)")
    let scores = Self.scores(outcome)
    #expect(scores.count == 2 && scores[1] > scores[0] + 0.05, "\(scores)")
  }

  @Test("R-CNN: from drawn scenes to drawn boxes")
  func windows() throws {
    let folder = try Self.place(
      "rcnn",
      [
        "scenes --pictures": "scenes --pictures --train 12 --test 4 --side 128",
        "[0-5].png --draw found.png": "[0-1].png --draw found.svg",
      ])
    let outcome = try Self.run("rcnn", in: folder, iterations: 40)
    #expect(outcome.code == 0, "\(outcome.words)")
    #expect(outcome.results.contains("nothing is promised of 40 iterations. Done after "), "\(outcome.results)")
    let made = "rcnn/work"
    #expect(folder.contains("\(made)/found-0.svg") && folder.contains("\(made)/found-1.svg"))
    let table = String(decoding: try folder.bytes("\(made)/result.txt"), as: UTF8.self)
    #expect(table.contains("VOC 2012") && table.split(separator: "\n").last?.hasPrefix("mean ") == true, "\(table)")
  }

  @Test("a score that is not kept fails the script")
  func broken() throws {
    let folder = try Self.place("hdf5_classification", ["learn \"\" 0.75": "learn \"\" 0.99"])
    let outcome = try Self.run("hdf5_classification", in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.results.contains(", promised is at least 0.99: not kept. Done after "), "\(outcome.results)")
  }

  @Test(
    "wrong calls end with 2 and say how it is right",
    arguments: [
      ("mnist", ["sdg"], "examples/mnist/run SOLVER IDX_DIR "), ("mnist", ["sgd", "gone"], "run: there is no folder gone\n"),
      ("cifar10", ["quick"], "examples/cifar10/run quick FOLDER"),
      ("siamese", ["twins"], "examples/siamese/run siamese IDX_DIR "),
    ])
  func wrong(example: String, arguments: [String], words: String) throws {
    let outcome = try Self.run(example, arguments, in: try Self.place(example))
    #expect(outcome.code == 2 && outcome.words.contains(words), "\(outcome.words)")
  }

  @Test("ITERATIONS is a number")
  func odd() throws {
    let folder = try Self.place("finetuning")
    let outcome = try Running(
      "/bin/sh", ["finetuning/run"], in: folder, environment: ["CAFFE": #require(Program.path), "ITERATIONS": "many"]
    ).outcome()
    #expect(outcome.code == 2)
    #expect(outcome.words == "run: ITERATIONS is \"many\", which is no number of iterations\n")
  }
}
