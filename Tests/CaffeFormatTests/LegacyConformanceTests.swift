import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import Foundation
import Testing

@Suite("Nets and weights of every age, as Caffe upgrades them", .enabled(if: SharedFolder.path != nil, "\(SharedFolder.reason)"))
struct LegacyConformanceTests {
  private static let folder = (SharedFolder.path ?? "") + "/conformance/legacy"
  private static let schema = LayerRegistry.standard.schema

  private static func net(_ path: String) throws -> Message {
    try TextParser.parse(SourceFile(name: path, bytes: SharedFolder.bytes(path)), as: schema.net)
  }

  @Test("become the very message that Caffe's own tool writes", arguments: ["inputfields", "v0", "v1", "v1_train"])
  func upgrades(name: String) throws {
    let upgraded = try NetUpgrade.upgrade(Self.net("\(Self.folder)/\(name)/net.prototxt"), schema: Self.schema)
    let expected = try Self.net("\(Self.folder)/\(name)/upgraded.prototxt")
    #expect(upgraded == expected)
    if upgraded != expected { print(TextPrinter.print(upgraded)) }
    #expect(try NetUpgrade.upgrade(expected, schema: Self.schema) == expected)
  }

  @Test("hold the same blobs", arguments: ["v0", "v1"])
  func weights(name: String) throws {
    let old = try WeightSet.read(path: "\(Self.folder)/\(name)/weights_legacy.caffemodel")
    let new = try WeightSet.read(path: "\(Self.folder)/\(name)/weights_v2.caffemodel")
    #expect(!new.layers.isEmpty)
    #expect(old.layers.map(\.name) == new.layers.map(\.name))
    for layer in new.layers {
      let blobs = try #require(old[layer.name])
      #expect(blobs.count == layer.blobs.count)
      for (left, right) in zip(blobs, layer.blobs) {
        #expect(left.fits(right.shape), "\(layer.name): \(left.shape) \(right.shape)")
        #expect(left.tensor.values == right.tensor.values, "\(layer.name)")
      }
    }
  }

  @Test("written again are read again, with and without the net beside them", arguments: [true, false])
  func rewritten(withDefinition: Bool) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "caffe-weights-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let weights = try WeightSet.read(path: "\(Self.folder)/v1/weights_legacy.caffemodel")
    let definition = try Self.net("\(Self.folder)/v1/upgraded.prototxt")
    try weights.write(path: "\(folder)/w", definition: withDefinition ? definition : nil)
    let again = try WeightSet.read(path: "\(folder)/w")
    #expect(again.layers.map(\.name) == weights.layers.map(\.name))
    #expect(again.layers.map { $0.blobs.map(\.tensor) } == weights.layers.map { $0.blobs.map(\.tensor) })
  }
}

@Suite("A file of weights")
struct WeightFileTests {
  private func error(_ bytes: [UInt8]) throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "caffe-weights-\(UUID().uuidString)").path
    try AtomicFile.write(bytes, to: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let error = #expect(throws: (any Error).self) { try WeightSet.read(path: path) }
    return "\(error.map { "\($0)" } ?? "")".replacing(path, with: "F")
  }

  @Test("that is none says what it is not")
  func none() throws {
    #expect(try error([]) == "F: the file holds no layers; is it a caffemodel?")
    #expect(
      try error(Array("name: 'lenet'".utf8)) == "F: byte 0: wire type 6 is not used by Caffe; this is no protobuf file of Caffe's"
    )
    let missing = #expect(throws: FileError.self) { try WeightSet.read(path: "/nonexistent/x.caffemodel") }
    #expect(missing?.description == "/nonexistent/x.caffemodel: cannot open the file: No such file or directory")
    let folder = #expect(throws: FileError.self) { try WeightSet.read(path: "/") }
    #expect(folder?.description.contains("no regular file") == true)
  }

  @Test("with a blob that makes no sense names its layer")
  func badBlob() throws {
    let blob: [UInt8] = [0x3A, 3, 0x0A, 1, 5]
    let layer: [UInt8] = [0x0A, 2] + Array("ip".utf8) + [0x3A, UInt8(blob.count)] + blob
    #expect(
      try error([0xA2, 0x06, UInt8(layer.count)] + layer) == "F: layer \"ip\", blob 0: its shape 5 needs 5 values, the file has 0"
    )
  }
}
