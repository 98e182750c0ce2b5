import CaffeTesting
import Foundation
import Testing

@Suite("Caffe's tools by their own names", .enabled(if: Program.isBuilt))
struct ToolScriptTests {
  /// A folder as `make install` leaves it: the scripts beside the program.
  private static func place() throws -> Workplace {
    let folder = try Workplace()
    let tools = Checkout().path + "/tools"
    for name in try FileManager.default.contentsOfDirectory(atPath: tools) {
      try FileManager.default.copyItem(atPath: "\(tools)/\(name)", toPath: folder.file(name))
    }
    try FileManager.default.createSymbolicLink(atPath: folder.file("caffe"), withDestinationPath: #require(Program.path))
    return folder
  }

  private static func run(_ tool: String, _ arguments: String..., in folder: Workplace) throws -> Program.Outcome {
    try Running(folder.file(tool), arguments, in: folder).outcome()
  }

  @Test("do what Caffe's do, with its arguments")
  func work() throws {
    let folder = try Self.place()
    _ = try folder.drawDigits()
    let sample = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.file("digits/samples")).first)
    try folder.write("\(sample) 7\n", to: "list.txt")
    let images = try Self.run("convert_imageset", "-gray", "--backend=lmdb", "digits/samples/", "list.txt", "db", in: folder)
    #expect(images.code == 0 && folder.contains("db/data.mdb"), "\(images.words)")
    let mean = try Self.run("compute_image_mean", "-backend", "lmdb", "db", "mean.binaryproto", in: folder)
    #expect(mean.code == 0 && mean.results.hasPrefix("mean_value channel [0]: ") && folder.contains("mean.binaryproto"))
    try folder.write("solver_type: ADAM\n", to: "solver.prototxt")
    #expect(try Self.run("upgrade_solver_proto_text", "solver.prototxt", "new.prototxt", in: folder).code == 0)
    #expect(String(decoding: try folder.bytes("new.prototxt"), as: UTF8.self) == "type: \"Adam\"\n")
    #expect(try Self.run("upgrade_net_proto_text", "deploy.prototxt", "net_new.prototxt", in: folder).code == 0)
    let features = try Self.run(
      "extract_features", "gone.caffemodel", "net.prototxt", "ip1", "features", "1", "lmdb", in: folder)
    #expect(features.code == 1 && features.words.hasPrefix("caffe: gone.caffemodel: "), "\(features.words)")
  }

  @Test(
    "the upgrade tools keep Caffe's exit codes",
    arguments: ["upgrade_net_proto_text", "upgrade_net_proto_binary", "upgrade_solver_proto_text"])
  func codes(tool: String) throws {
    let folder = try Self.place()
    #expect(try Self.run(tool, "one", in: folder).code == 1)
    #expect(try Self.run(tool, "gone", "new", in: folder).code == 2)
    #expect(!folder.contains("new"))
  }
}
