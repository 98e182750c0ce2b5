import Foundation
import Testing

@Suite("Models on the command line", .enabled(if: Program.isBuilt))
struct ZooFormatTests {
  /// A folder with a trained tiny net and a picture.
  private static func trained() throws -> (folder: Workplace, picture: String) {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("solver.prototxt", iterations: 1, snapshot: 1, prefix: "tiny")
    #expect(try Program.run("train", "--solver", "solver.prototxt", "--threads", "1", in: folder).code == 0)
    try folder.write((0..<10).map { "digit \($0)\n" }.joined(), to: "names.txt")
    let samples = try FileManager.default.contentsOfDirectory(atPath: folder.file("digits/samples"))
    return (folder, "digits/samples/\(try #require(samples.first))")
  }

  private static let command = [
    "zoo", "new", "net", "--deploy", "deploy.prototxt", "--weights", "tiny_iter_1.caffemodel", "--train-val", "net.prototxt",
    "--solver", "solver.prototxt", "--labels", "names.txt", "--engine", "reference", "--threads", "1",
  ]

  @Test("a model is begun, filled in, checked and classifies by its readme")
  func story() throws {
    let (folder, picture) = try Self.trained()
    let new = try Program.run(
      Self.command + ["--verify", picture, "--author", "A. Person", "--task", "classification"], in: folder)
    #expect(new.code == 0, "\(new.words)")
    #expect(new.results == "net: written; fill in net/readme.md, then run: caffe zoo check net\n")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.file("net")).sorted()
    let name = try #require(picture.split(separator: "/").last.map(String.init))
    #expect(
      files
        == [
          name, "deploy.prototxt", "labels.txt", "readme.md", "solver.prototxt", "tiny_iter_1.caffemodel", "train_val.prototxt",
        ].sorted())
    let check = try Program.run("zoo", "check", "net", in: folder)
    #expect(check.code == 1 && check.results.isEmpty)
    let errors = check.words.split(separator: "\n").filter { $0.contains(" error: ") }.map { String($0.drop { $0 != " " }) }
    #expect(
      errors == [" error: license is not filled in"] + Array(repeating: " error: this is not filled in", count: 6)
        + [" error: there is no file \"net.prototxt\""])
    try fillIn(folder)
    let again = try Program.run("zoo", "check", "net", "--run", "--engine", "reference", in: folder)
    #expect(again.code == 0 && again.words.isEmpty, "\(again.words)")
    #expect(again.results == "net: ok, and the answers are as promised\n")
    let answers = try Program.run("classify", "net", picture, "--top", "1", in: folder)
    #expect(answers.results.contains("- \"digit ") && answers.words.isEmpty, "\(answers.words)")
  }

  /// What the author of a new model does.
  private func fillIn(_ folder: Workplace) throws {
    let readme = String(decoding: try folder.bytes("net/readme.md"), as: UTF8.self)
    let lines = readme.split(separator: "\n", omittingEmptySubsequences: false)
    let filled = lines.map { $0.hasPrefix("license:") ? "license: MIT" : $0.hasPrefix("TODO") ? "Words." : $0 }
    try folder.write(filled.joined(separator: "\n"), to: "net/readme.md")
    let solver = String(decoding: try folder.bytes("net/solver.prototxt"), as: UTF8.self)
    try folder.write(solver.replacing("\"net.prototxt\"", with: "\"train_val.prototxt\""), to: "net/solver.prototxt")
  }

  @Test("a directory that exists is not written into, and a failure leaves nothing")
  func existing() throws {
    let (folder, picture) = try Self.trained()
    let taken = try Program.run(["zoo", "new", "digits"] + Self.command.dropFirst(3), in: folder)
    #expect(taken.code == 1)
    #expect(taken.words == "caffe: digits exists already; nothing was written\n  name a directory that is not there yet\n")
    for extra in [["--verify", "net.prototxt"], ["--verify", picture, "--verify", picture], ["--labels", "absent.txt"]] {
      let failed = try Program.run(Self.command + extra, in: folder)
      #expect(failed.code == 1 && !failed.words.isEmpty)
      #expect(!folder.contains("net"))
      #expect(try !folder.hasLeftovers)
    }
  }

  @Test("problems are given as JSON, too")
  func json() throws {
    let folder = try Workplace()
    try folder.write("---\nname: A\n---\n", to: "readme.md")
    let outcome = try Program.run("zoo", "check", ".", "--json", in: folder)
    #expect(outcome.code == 1 && outcome.words.isEmpty)
    let results = try #require(try JSONSerialization.jsonObject(with: Data(outcome.results.utf8)) as? [[String: Any]])
    #expect(results.count == 1 && results[0]["isSound"] as? Bool == false && results[0]["directory"] as? String == ".")
    let problems = try #require(results[0]["problems"] as? [[String: Any]])
    let first = try #require(problems.first)
    #expect(first["message"] as? String == "there is no caffemodel" && first["severity"] as? String == "error")
    #expect(first["file"] as? String == "./readme.md" && first["line"] as? Int == 1 && first["column"] as? Int == 1)
    #expect(first["hint"] as? String == "write caffemodel: the file of weights")
    #expect(
      try Program.run("zoo", "check", "absent", in: folder).words
        == "caffe: absent: cannot read the directory: No such file or directory\n")
  }
}
