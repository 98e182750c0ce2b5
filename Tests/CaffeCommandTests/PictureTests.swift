import CaffeData
import Foundation
import Testing

@Suite("Pictures and digits on the command line", .enabled(if: Program.isBuilt))
struct PictureTests {
  @Test("a folder that is there already is not drawn into")
  func existingFolder() throws {
    let folder = try Workplace()
    let first = try folder.drawDigits()
    #expect(first.code == 0 && first.results.isEmpty, "\(first.words)")
    let before = try folder.bytes("digits/train_lmdb/data.mdb")
    let second = try folder.drawDigits()
    #expect(second.code == 1)
    #expect(second.words.contains("train_lmdb") && second.words.contains("exists"), "\(second.words)")
    #expect(try folder.bytes("digits/train_lmdb/data.mdb") == before)
  }

  /// The path of the one picture that was drawn.
  private static func sample(in folder: Workplace) throws -> String {
    _ = try folder.drawDigits()
    return "digits/samples/"
      + (try #require(try FileManager.default.contentsOfDirectory(atPath: folder.file("digits/samples")).first))
  }

  @Test("classify says which model is wrong for a picture")
  func wrongModel() throws {
    let folder = try Workplace()
    let picture = try Self.sample(in: folder)
    try folder.write("no weights", to: "wrong.weights")
    for (arguments, words) in [
      (["deploy.prototxt"], "weights"), (["gone"], "gone"),
      (["deploy.prototxt", "--weights", "wrong.weights"], "wrong.weights"),
      (["deploy.prototxt", "--weights", "gone.caffemodel"], "gone.caffemodel"),
    ] {
      let outcome = try Program.run(["classify"] + arguments + [picture], in: folder)
      #expect(outcome.code == 1)
      #expect(outcome.results.isEmpty)
      #expect(outcome.words.contains(words), "\(outcome.words)")
    }
  }

  @Test("classify names a text that is called a picture")
  func noPicture() throws {
    let folder = try Workplace()
    let picture = try Self.sample(in: folder)
    try folder.writeSolver("solver.prototxt", iterations: 1, snapshot: 1, prefix: "tiny")
    #expect(try Program.run("train", "--solver", "solver.prototxt", "--threads", "1", in: folder).code == 0)
    try folder.write("hello", to: "text.jpg")
    let model = ["deploy.prototxt", "--weights", "tiny_iter_1.caffemodel"]
    let good = try Program.run(["classify"] + model + [picture, "--top", "3"], in: folder)
    #expect(good.code == 0, "\(good.words)")
    #expect(good.results.hasPrefix("---------- Prediction for \(picture) ----------\n"))
    #expect(good.results.split(separator: "\n").count == 4)
    let bad = try Program.run(["classify"] + model + ["text.jpg"], in: folder)
    #expect(bad.code == 1 && bad.results.isEmpty)
    #expect(bad.words.hasPrefix("caffe: text.jpg: neither a JPEG nor a PNG image"), "\(bad.words)")
  }
}
