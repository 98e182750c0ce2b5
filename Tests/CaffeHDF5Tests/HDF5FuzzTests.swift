import CaffeCore
import CaffeHDF5
import CaffeTesting
import Foundation
import Testing

/// Sound files, damaged at random: each must give values or errors, in bounded time. A crash is told by the seed that
/// stands in the file `caffe-fuzz-hdf5-….seed` of the folder for temporary files.
@Suite("Damaged HDF5 files")
struct HDF5FuzzTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let seconds = environment["CAFFE_FUZZ_SECONDS"].flatMap(Double.init) ?? 1
  private static let start = UInt64(environment["CAFFE_FUZZ_SEED"] ?? "") ?? 0

  /// A file of plain datasets as Caffe writes them.
  private static func plainFile(in directory: TemporaryDirectory) throws -> [UInt8] {
    let writer = try HDF5Writer(path: directory.file("whole.h5"))
    try writer.write(Tensor([2, 3, 4], repeating: 1), to: "data/conv1/0")
    try writer.write(Tensor([], repeating: 1), to: "data/conv1/1")
    try writer.write(4, to: "iter")
    try writer.write("learned", to: "learned_net")
    try writer.setAttribute("phase", to: "TRAIN")
    try writer.commit()
    return [UInt8](try Data(contentsOf: URL(filePath: directory.file("whole.h5"))))
  }

  @Test("give values or errors, never a crash")
  func mutations() throws {
    let directory = try TemporaryDirectory()
    let corpus = [try Self.plainFile(in: directory), ChunkedFile.early, ChunkedFile.new]
    let place = FileManager.default.temporaryDirectory.appending(path: "caffe-fuzz-hdf5-\(getpid()).seed").path
    let end = Date.now.addingTimeInterval(Self.seconds)
    var seed = Self.start
    var values = 0
    repeat {
      try "hdf5 \(seed)\n".write(toFile: place, atomically: false, encoding: .utf8)
      let path = try directory.write(Data(Self.damaged(corpus, seed: seed)), to: "damaged.h5")
      let time = computingTime { values += Self.readAll(path) }
      #expect(time < .seconds(5), "seed \(seed) takes long")
      seed += 1
    } while Date.now < end
    #expect(seed - Self.start > 20 && values > 20, "hardly anything was tried: \(seed - Self.start) files, \(values) values read")
    try? FileManager.default.removeItem(atPath: place)
  }

  /// Reads what can be read, and says how many datasets that were.
  private static func readAll(_ path: String) -> Int {
    guard let reader = try? HDF5Reader(path: path) else { return 0 }
    _ = try? reader.attribute("phase")
    return ((try? reader.datasets(under: "/")) ?? []).count { name in
      _ = try? reader.string(name)
      _ = try? reader.integer(name)
      return (try? reader.tensor(name)) != nil
    }
  }

  /// One of the files with one to six wounds: a bit turned, a byte set, or bytes from elsewhere.
  private static func damaged(_ corpus: [[UInt8]], seed: UInt64) -> [UInt8] {
    var random = SequentialRandom(RandomStream(seed: seed))
    var bytes = corpus[Int.random(in: 0..<corpus.count, using: &random)]
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let place = Int.random(in: 8..<bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes[place] = [0, 0xFF].randomElement(using: &random) ?? 0
      case 3: bytes[place] &+= 1
      default:
        let source = Int.random(in: 8..<bytes.count, using: &random)
        let count = min(8, bytes.count - max(place, source))
        bytes.replaceSubrange(place..<place + count, with: bytes[source..<source + count])
      }
    }
    return bytes
  }
}
