import Foundation
import Testing

@Suite("Calls of the program", .enabled(if: Program.isBuilt))
struct CallTests {
  private static let verbs = [
    ["train"], ["test"], ["time"], ["run"], ["check"], ["summary"], ["plan"], ["convert"], ["classify"], ["report"],
    ["data", "digits"], ["data", "mnist"], ["data", "cifar10"], ["data", "mean"], ["data", "images"], ["upgrade", "net"],
    ["upgrade", "solver"], ["weights", "list"], ["weights", "diff"], ["weights", "rename"],
    ["weights", "extract"], ["weights", "convolve"], ["derive-deploy"], ["plot"], ["device_query"], ["extract-features"],
    ["draw"],
    ["zoo", "index", "add"],
    ["zoo", "index", "update"],
    ["zoo", "index", "remove"], ["zoo", "index", "check"], ["zoo", "index", "render"], ["zoo", "index", "publish"],
    ["zoo", "index", "list"], ["zoo", "index", "subscribe"], ["zoo", "index", "unsubscribe"], ["zoo", "index", "refresh"],
  ]

  @Test("without a verb, or asking for help, list the verbs on stdout", arguments: [[], ["--help"], ["help"]])
  func help(arguments: [String]) throws {
    let outcome = try Program.run(arguments, in: try Workplace())
    #expect(outcome.code == 0)
    #expect(outcome.words.isEmpty)
    for verb in Self.verbs { #expect(outcome.results.contains("  \(verb[0]) ")) }
  }

  @Test("for help with a verb show an example", arguments: verbs)
  func examples(verb: [String]) throws {
    let outcome = try Program.run(verb + ["--help"], in: try Workplace())
    #expect(outcome.code == 0)
    #expect(outcome.results.contains("Example: caffe \(verb.joined(separator: " ")) "))
    #expect(outcome.words.isEmpty)
  }

  @Test(
    "that are wrong end with 2 and say how it is right, on stderr",
    arguments: [
      (["frobnicate"], "frobnicate"), (["train"], "--solver"), (["check"], "files"),
      (["test", "--model", "net.prototxt"], "--weights"),
      (["train", "--solver", "s", "--threads", "0"], "--threads"), (["train", "--solver", "s", "--engine", "abacus"], "abacus"),
      (["summary", "net.prototxt", "--phase", "later"], "later"), (["summary", "net.prototxt", "--input-shape", "data"], "data"),
      (["train", "--solver", "s", "--snapshot", "a", "--weights", "b"], "--snapshot"), (["convert", "one"], "output"),
      (["test", "--model", "n", "--weights", "w", "--iterations", "0"], "--iterations"),
    ] as [([String], String)])
  func wrong(arguments: [String], word: String) throws {
    let outcome = try Program.run(arguments, in: try Workplace())
    #expect(outcome.code == 2)
    #expect(outcome.results.isEmpty)
    #expect(outcome.words.hasPrefix("Error: ") && outcome.words.contains(word) && outcome.words.contains("Usage: caffe"))
  }

  @Test(
    "of a verb that is nearly one tell which was meant",
    arguments: [
      (["wieghts", "list", "a"], "caffe weights"), (["weights", "lits", "a"], "caffe weights list"),
      (["data", "imges", "a"], "caffe data images"), (["zoo", "index", "chek"], "caffe zoo index check"),
      (["upgrade", "nte", "a", "b"], "caffe upgrade net"),
    ] as [([String], String)])
  func nearly(arguments: [String], verb: String) throws {
    let outcome = try Program.run(arguments, in: try Workplace())
    #expect(outcome.code == 2 && outcome.words.contains("Did you mean '\(verb)'?"), "\(outcome.words)")
  }

  @Test(
    "that name a file which is not there end with 1 and name it",
    arguments: [
      ["check", "gone"], ["summary", "gone"], ["plan", "gone"], ["train", "--solver", "gone"], ["convert", "gone", "new.h5"],
      ["run", "deploy.prototxt", "--input", "gone", "--output", "new.h5"], ["time", "--model", "gone"],
      ["test", "--model", "net.prototxt", "--weights", "gone"], ["report", "--log", "gone"], ["data", "mean", "gone"],
      ["data", "mnist", "gone", "new"], ["data", "cifar10", "gone", "new"], ["data", "images", "", "gone", "new"],
    ])
  func missing(arguments: [String]) throws {
    let folder = try Workplace()
    let outcome = try Program.run(arguments, in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.results.isEmpty)
    #expect(outcome.words.hasPrefix("caffe: gone"), "\(outcome.words)")
    #expect(!folder.contains("new") && !folder.contains("new.h5"))
  }

  @Test("take flags in all four ways of gflags", arguments: [["-model", "M"], ["--model", "M"], ["--model=M"], ["-model=M"]])
  func flags(flag: [String]) throws {
    let folder = try Workplace()
    let arguments = flag.map { $0.replacing("M", with: "deploy.prototxt") }
    let outcome = try Program.run(["time"] + arguments + ["-iterations=1", "-phase", "test", "--threads", "1"], in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    #expect(outcome.lines.contains("*** Benchmark ends ***"))
  }

  @Test(
    "take a solver in all four ways of gflags", arguments: [["-solver", "S"], ["--solver", "S"], ["--solver=S"], ["-solver=S"]])
  func solver(flag: [String]) throws {
    let folder = try Workplace()
    try folder.write("max_iter: wrong\n", to: "solver.prototxt")
    let outcome = try Program.run(["train"] + flag.map { $0.replacing("S", with: "solver.prototxt") }, in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.words.hasPrefix("solver.prototxt:1:"), "\(outcome.words)")
  }
}
