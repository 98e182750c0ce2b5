import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeTesting
import Foundation
import Testing

/// Sound inputs, damaged at random: each must give a message or an error, in bounded time. A crash is told by the seed
/// that stands in the file `caffe-fuzz-….seed` of the folder for temporary files.
@Suite("Damaged inputs", .serialized)
struct FuzzTests {
  private static let seconds = ProcessInfo.processInfo.environment["CAFFE_FUZZ_SECONDS"].flatMap(Double.init) ?? 1
  private static let schema = LayerRegistry.standard.schema

  private static let texts: [[UInt8]] = ["models", "examples"]
    .flatMap { SharedFolder.prototxts(under: "\(SharedFolder.checkout)/\($0)") }.filter { !$0.contains("solver") }
    .compactMap { try? SharedFolder.bytes($0) }.sorted { $0.count < $1.count }

  /// Small caffemodels: of today's form with blobs of every layout, and random nets of all ages.
  private static let models: [[UInt8]] = (0..<6 as Range<UInt64>).map { seed in
    var maker = RandomMessage(seed: seed)
    return WireWriter.bytes(maker.make(schema.net))
  }

  @Test("of text are read or refused, and what is read prints and reads again")
  func text() throws {
    try #require(Self.texts.count > 5)
    try Self.run("text", over: Self.texts) { bytes in
      let file = SourceFile(name: "fuzz", bytes: bytes)
      do throws(Diagnostics) {
        let message = try TextParser.parse(file, as: Self.schema.net)
        let printed = TextPrinter.print(message)
        let again = try TextParser.parse(SourceFile(name: "printed", text: printed), as: Self.schema.net)
        return TextPrinter.print(again) == printed
      } catch {
        return !error.isEmpty && error.count <= 100 && error.allSatisfy { $0.location?.file === file }
          && !error.description.isEmpty
      }
    }
  }

  @Test("of binary nets are read or refused, and what is read writes and reads again")
  func wire() throws {
    try Self.run("wire", over: Self.models) { bytes in
      do {
        let message = try WireRoundTripTests.decode(bytes, as: Self.schema.net)
        let written = WireWriter.bytes(message)
        return WireWriter.bytes(try WireRoundTripTests.decode(written, as: Self.schema.net)) == written
      } catch let error as WireError {
        return (0...bytes.count).contains(error.offset)
      } catch { return false }
    }
  }

  @Test("of whole nets go through every stage to a shaped graph or to mistakes")
  func nets() throws {
    try Self.run("nets", over: Array(Self.texts.prefix(6))) { bytes in
      do throws(Diagnostics) {
        let net = try NetDefinition(SourceFile(name: "fuzz", bytes: bytes), schema: Self.schema)
        let graph = try NetGraph(net, state: NetState(phase: .TEST), registry: .standard)
        return try ShapedGraph(graph, registry: .standard).shapes.count == graph.values.count
      } catch { return error.hasErrors }
    }
  }

  /// Damages inputs until the time is over; the seed is on the disk before each try.
  private static func run(_ name: String, over corpus: [[UInt8]], _ isSound: ([UInt8]) -> Bool) throws {
    let place = FileManager.default.temporaryDirectory.appending(path: "caffe-fuzz-\(name)-\(getpid()).seed").path
    let start = UInt64(ProcessInfo.processInfo.environment["CAFFE_FUZZ_SEED"] ?? "") ?? 0
    let end = Date.now.addingTimeInterval(seconds)
    var seed = start
    repeat {
      if seed % 64 == start % 64 {
        try "\(name) \(seed) and the 63 after it\n".write(toFile: place, atomically: false, encoding: .utf8)
      }
      var mutation = Mutation(seed: seed)
      let bytes = mutation.damaged(corpus)
      let time = computingTime { #expect(isSound(bytes), "seed \(seed) of \(name)") }
      #expect(time < .seconds(5), "seed \(seed) of \(name) takes long")
      seed += 1
    } while Date.now < end
    #expect(seed - start > 20, "hardly anything was tried")
    try? FileManager.default.removeItem(atPath: place)
  }
}

/// Random damage to bytes.
struct Mutation {
  private var random: SequentialRandom

  init(seed: UInt64) { random = SequentialRandom(RandomStream(seed: seed)) }

  private static let pieces: [[UInt8]] =
    [
      "{", "}", "<", "[", "]", ":", "\"", "\\", "-", "0x", "inf", "nan", "9999999999999999999", "-1", "0", "layer {",
      "input_dim: 0", "#", "\n",
    ]
    .map { Array($0.utf8) } + [[0xFF], [0x80], [0x00], [UInt8](repeating: 0xFF, count: 9), [0xEF, 0xBB, 0xBF]]

  /// One of the inputs with one to eight wounds.
  mutating func damaged(_ corpus: [[UInt8]]) -> [UInt8] {
    var bytes = corpus[below(corpus.count)]
    for _ in 0...below(8) { wound(&bytes, corpus) }
    return bytes
  }

  private mutating func wound(_ bytes: inout [UInt8], _ corpus: [[UInt8]]) {
    guard !bytes.isEmpty else {
      bytes = corpus[below(corpus.count)]
      return
    }
    let place = below(bytes.count)
    let end = min(bytes.count, place + 1 + below(below(4) == 0 ? 400 : 8))
    switch below(7) {
    case 0: bytes[place] ^= 1 << UInt8(below(8))
    case 1: bytes[place] = UInt8(below(256))
    case 2: bytes.removeSubrange(place..<end)
    case 3: bytes.insert(contentsOf: Mutation.pieces[below(Mutation.pieces.count)], at: place)
    case 4: bytes.insert(contentsOf: bytes[place..<end], at: below(bytes.count))
    case 5: bytes.removeSubrange(place...)
    default:
      let other = corpus[below(corpus.count)]
      guard !other.isEmpty else { return }
      let from = below(other.count)
      bytes.replaceSubrange(place..<end, with: other[from..<min(other.count, from + 60)])
    }
  }

  private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
}
