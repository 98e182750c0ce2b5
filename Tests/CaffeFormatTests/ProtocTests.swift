import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import Foundation
import Testing

/// The tool of Google's protobuf, where it is installed.
enum Protoc {
  static let path: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/protoc" }
    .first { access($0, X_OK) == 0 }
  static let reason = "protoc is not installed (Debian: protobuf-compiler)"

  /// Runs it on the given .proto and returns what it writes.
  static func run(_ arguments: [String], proto: String, input: [UInt8]) throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "caffe-protoc-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try proto.write(to: folder.appending(path: "caffe.proto"), atomically: false, encoding: .utf8)
    try Data(input).write(to: folder.appending(path: "in"))
    let process = Process()
    process.executableURL = URL(filePath: path ?? "")
    process.arguments = arguments + ["--proto_path=\(folder.path)", "caffe.proto"]
    process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "in"))
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return [UInt8](bytes)
  }
}

@Suite("protoc and this package", .enabled(if: Protoc.path != nil, "\(Protoc.reason)"))
struct ProtocTests {
  private static let schema = LayerRegistry.standard.schema
  private static let proto = ProtoPrinter.print(schema.net, schema.solver, Datum.schema)

  private static let files = ["models", "examples"].flatMap { SharedFolder.prototxts(under: "\(SharedFolder.checkout)/\($0)") }

  @Test("agree on the bytes and the text of every model, example and solver")
  func files() throws {
    for path in Self.files {
      let type = path.contains("solver") ? Self.schema.solver : Self.schema.net
      let text = try SharedFolder.bytes(path)
      let message = try TextParser.parse(SourceFile(name: path, bytes: text), as: type)
      let bytes = WireWriter.bytes(message)
      #expect(try Protoc.run(["--encode=caffe.\(type.name)"], proto: Self.proto, input: text) == bytes, "\(path)")
      try compare(bytes, message)
    }
  }

  @Test("agree on random messages of every kind of field")
  func random() throws {
    for seed in 0..<4 {
      var maker = RandomMessage(seed: UInt64(seed))
      for type in [Everything.schema, Self.schema.net] {
        let message = maker.make(type)
        let proto = ProtoPrinter.print(type)
        let bytes = WireWriter.bytes(message)
        #expect(
          try Protoc.run(["--encode=caffe.\(type.name)"], proto: proto, input: Array(TextPrinter.print(message).utf8)) == bytes,
          "seed \(seed)")
        try compare(bytes, message, proto: proto)
      }
    }
  }

  private func compare(_ bytes: [UInt8], _ message: Message, proto: String = Self.proto) throws {
    let text = try Protoc.run(["--decode=caffe.\(message.schema.name)"], proto: proto, input: bytes)
    #expect(try TextParser.parse(SourceFile(name: "protoc's text", bytes: text), as: message.schema) == message)
  }
}

@Suite("The printed .proto")
struct ProtoPrinterTests {
  @Test("has each message once with its enums inside, defaults and packing")
  func text() {
    #expect(
      ProtoPrinter.print(NetState.schema, BlobShape.schema, NetState.schema) == """
        syntax = "proto2";

        package caffe;

        message NetState {
          enum Phase {
            TRAIN = 0;
            TEST = 1;
          }
          optional Phase phase = 1;
          optional int32 level = 2 [default = 0];
          repeated string stage = 3;
        }

        message BlobShape {
          repeated int64 dim = 1 [packed = true];
        }

        """)
  }
}
