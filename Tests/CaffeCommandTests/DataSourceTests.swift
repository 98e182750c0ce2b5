import CaffeFormat
import Foundation
import Testing

@Suite("Training from databases and lists", .enabled(if: Program.isBuilt))
struct DataSourceTests {
  private static let layers = """
    layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"
      inner_product_param { num_output: 10 weight_filler { type: "xavier" } } }
    layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" }
    """

  private static func train(_ source: String, _ more: String..., in folder: Workplace) throws -> Program.Outcome {
    try folder.write(source + layers, to: "source.prototxt")
    try folder.write(
      "net: 'source.prototxt' base_lr: 0.01 lr_policy: 'fixed' max_iter: 4 display: 1 snapshot_prefix: 'source'", to: "s.prototxt"
    )
    return try Program.run(["train", "--solver", "s.prototxt", "--threads", "1"] + more, in: folder)
  }

  private static func losses(_ outcome: Program.Outcome) -> [Substring] {
    outcome.lines.compactMap { $0.firstMatch(of: /Iteration \d+ .*loss = (.*)/)?.1 }
  }

  @Test("the same digits in LMDB and LevelDB give the same losses, and a net's wrong word for it is told")
  func databases() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    let drawn = try Program.run(
      "data", "digits", "other", "--train", "64", "--test", "32", "--backend", "leveldb", in: folder)
    #expect(drawn.code == 0, "\(drawn.words)")
    func source(_ path: String) -> String {
      """
      layer { name: "digits" type: "Data" top: "data" top: "label" transform_param { scale: 0.01 }
        data_param { source: "\(path)" batch_size: 8 backend: LMDB } }
      """
    }
    let (first, second) = try (
      Self.train(source("digits/train_lmdb"), in: folder), Self.train(source("other/train_leveldb"), in: folder)
    )
    #expect(first.code == 0 && second.code == 0, "\(second.words)")
    #expect(Self.losses(first).count == 4 && Self.losses(first) == Self.losses(second))
    let note = "other/train_leveldb is a database of the kind LEVELDB, not LMDB as the net says; it is read all the same."
    #expect(second.lines.contains(note) && !first.words.contains("kind"))
  }

  @Test("two data layers of one name go on from places of their own")
  func sameName() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    let source = """
      layer { name: "d" type: "Data" top: "data" top: "label" data_param { source: "digits/train_lmdb" batch_size: 2 } }
      layer { name: "d" type: "Data" top: "more" top: "others" data_param { source: "digits/test_lmdb" batch_size: 3 } }
      layer { name: "silence" type: "Silence" bottom: "more" bottom: "others" }
      """
    #expect(try Self.train(source, in: folder).code == 0)
    let state = try ResumeState.read(path: ResumeState.path(besideState: folder.file("source_iter_4.solverstate")))
    #expect(state.nets.first?.sources.map(\.layer) == ["d", "d (2)"])
    #expect(state.nets.first?.sources.map(\.position) == [8, 12])
  }

  @Test("debug_info of a net is for its tests; a solver's own decides in training, as in Caffe")
  func debugInfo() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    let source = """
      debug_info: true
      layer { name: "d" type: "Data" top: "data" top: "label" data_param { source: "digits/train_lmdb" batch_size: 2 } }

      """
    let trained = try Self.train(source, in: folder)
    #expect(trained.code == 0 && !trained.words.contains("[Forward]"), "\(trained.words)")
    let test = try Program.run(
      "test", "--model", "source.prototxt", "--weights", "source_iter_4.caffemodel", "--iterations", "1", "--threads", "1",
      in: folder)
    let lines = test.lines.filter { $0.hasPrefix("    [Forward] Layer ") }.map { $0.split(separator: ":")[0] }
    #expect(
      lines == [
        "    [Forward] Layer d, top blob data data", "    [Forward] Layer d, top blob label data",
        "    [Forward] Layer ip, top blob ip data", "    [Forward] Layer ip, param blob 0 data",
        "    [Forward] Layer ip, param blob 1 data", "    [Forward] Layer loss, top blob loss data",
      ])
  }

  @Test("the speed of data layers is measured without a net around them")
  func speed() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    let outcome = try Program.run("data", "speed", "--model", "net.prototxt", "--seconds", "0.2", "--json", in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    let figures = try #require(JSONSerialization.jsonObject(with: Data(outcome.results.utf8)) as? [[String: Any]])
    #expect(figures.count == 1 && figures[0]["layer"] as? String == "digits" && figures[0]["batchSize"] as? Int == 8)
    #expect((figures[0]["itemsPerSecond"] as? Double ?? 0) > 0)
  }

  @Test(
    "a full disk is named by its name, though LMDB calls it an input/output error",
    .enabled(if: SmallDisk.isPossible, "no file system can be mounted"), arguments: ["lmdb", "leveldb"])
  func fullDisk(kind: String) throws {
    let folder = try Workplace()
    let disk = try #require(SmallDisk(at: folder.file("disk")))
    let outcome = try Program.run(
      "data", "digits", "disk/digits", "--train", "3000", "--test", "10", "--backend", kind, in: folder)
    #expect(outcome.code == 1 && outcome.words.hasSuffix("No space left on device\n"), "\(outcome.words)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
  }

  @Test("a missing picture ends the training with its line, or is skipped and told of once")
  func badData() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    let sample = try #require(FileManager.default.contentsOfDirectory(atPath: folder.file("digits/samples")).first)
    try folder.write("digits/samples/\(sample) 3\nnone.png 4\n", to: "list.txt")
    let source = """
      layer { name: "pictures" type: "ImageData" top: "data" top: "label"
        image_data_param { source: "list.txt" batch_size: 2 is_color: false } }
      """
    let stopped = try Self.train(source, in: folder)
    #expect(stopped.code == 1)
    #expect(
      stopped.words.hasSuffix(
        "list.txt:2: none.png: cannot open the file: No such file or directory; --on-bad-data skip goes on without it\n"),
      "\(stopped.words)")
    let skipped = try Self.train(source, "--on-bad-data", "skip", "--log", "run.jsonl", in: folder)
    #expect(skipped.code == 0, "\(skipped.words)")
    let notes = skipped.lines.filter { $0.hasPrefix("Skipped ") }
    #expect(notes == ["Skipped list.txt:2: none.png: cannot open the file: No such file or directory"])
    let events = String(decoding: try folder.bytes("run.jsonl"), as: UTF8.self).split(separator: "\n")
    #expect(
      events.filter { $0.contains("skipped") }
        == [#"{"event":"skipped","item":"list.txt:2: none.png: cannot open the file: No such file or directory"}"#])
    let timed = try Program.run(
      "time", "--model", "source.prototxt", "--iterations", "1", "--on-bad-data", "skip", "--threads", "1", in: folder)
    #expect(timed.code == 0 && timed.lines.contains { $0.hasPrefix("Skipped list.txt:2") }, "\(timed.words)")
  }
}
