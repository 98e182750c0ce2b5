import CaffeCore
import CaffeHDF5
import Foundation
import Testing

@Suite("HDF5 files")
struct HDF5FileTests {
  /// Writes a file with all that is stored in one, and returns its path.
  private static func sample(in directory: TemporaryDirectory) throws -> String {
    let path = directory.file("sample.h5")
    let writer = try HDF5Writer(path: path)
    try writer.write(Tensor([2, 3], values: [1, 2, 3, 4, 5, 6.5]), to: "data/conv1/0")
    try writer.write(Tensor([3], values: [7, 8, 9]), to: "data/conv1/10")
    try writer.write(Tensor([], repeating: 0.25), to: "data/conv1/2")
    try writer.write(Tensor([0, 4]), to: "data/inception/a/none")
    try writer.write(42, to: "iter")
    try writer.write(1 << 40, to: "long")
    try writer.write("net.prototxt", to: "learned_net")
    try writer.setAttribute("phase", to: "TRAIN")
    try writer.commit()
    return path
  }

  @Test("what is written is read")
  func roundTrip() throws {
    let directory = try TemporaryDirectory()
    let reader = try HDF5Reader(path: Self.sample(in: directory))
    #expect(try reader.tensor("data/conv1/0") == Tensor([2, 3], values: [1, 2, 3, 4, 5, 6.5]))
    #expect(try reader.tensor("data/conv1/2") == Tensor([], repeating: 0.25))
    #expect(try reader.shape(of: "data/inception/a/none") == [0, 4])
    #expect(try reader.tensor("data/inception/a/none").values.isEmpty)
    #expect(try reader.integer("iter") == 42)
    #expect(try reader.integer("long") == 1 << 40)
    #expect(try reader.string("learned_net") == "net.prototxt")
    #expect(try reader.attribute("phase") == "TRAIN")
    #expect(try reader.attribute("nothing") == nil)
    #expect(try directory.contents == ["sample.h5"])
  }

  @Test("names are listed in the order of their numbers, nested ones with their groups")
  func listing() throws {
    let directory = try TemporaryDirectory()
    let reader = try HDF5Reader(path: Self.sample(in: directory))
    #expect(try reader.children(of: "/") == ["data", "iter", "learned_net", "long"])
    #expect(try reader.children(of: "data/conv1") == ["0", "2", "10"])
    #expect(try reader.datasets(under: "data") == ["conv1/0", "conv1/2", "conv1/10", "inception/a/none"])
    #expect(reader.contains("data/conv1"))
    #expect(!reader.contains("data/conv2/0"))
  }

  @Test("errors name the file and the dataset")
  func errors() throws {
    let directory = try TemporaryDirectory()
    let path = try Self.sample(in: directory)
    let reader = try HDF5Reader(path: path)
    for (call, name): (() throws -> Void, String) in [
      ({ _ = try reader.tensor("data/fc9/0") }, "data/fc9/0"), ({ _ = try reader.tensor("data") }, "data"),
      ({ _ = try reader.tensor("learned_net") }, "learned_net"), ({ _ = try reader.integer("data/conv1/0") }, "data/conv1/0"),
      ({ _ = try reader.string("iter") }, "iter"), ({ _ = try reader.children(of: "iter") }, "iter"),
    ] {
      let error = #expect(throws: HDF5Error.self) { try call() }
      #expect(error?.path == path && error?.object == name)
    }
  }

  @Test("what is no HDF5 file is told apart")
  func signature() throws {
    let directory = try TemporaryDirectory()
    #expect(HDF5Reader.isHDF5(path: try Self.sample(in: directory)))
    for bytes in [Data(), Data("layer {}".utf8), Data(repeating: 0x89, count: 100)] {
      let path = try directory.write(bytes, to: "other")
      #expect(!HDF5Reader.isHDF5(path: path))
      #expect(throws: HDF5Error.self) { try HDF5Reader(path: path) }
    }
    #expect(throws: HDF5Error.self) { try HDF5Reader(path: directory.path) }
    #expect(throws: HDF5Error.self) { try HDF5Reader(path: directory.file("missing")) }
  }

  @Test("without commit nothing is left, and what stood there stays")
  func abandoned() throws {
    let directory = try TemporaryDirectory()
    let path = try Self.sample(in: directory)
    do {
      let writer = try HDF5Writer(path: path)
      try writer.write(1, to: "iter")
      #expect(throws: HDF5Error.self) { try writer.write(2, to: "iter") }
    }
    #expect(try HDF5Reader(path: path).integer("iter") == 42)
    #expect(try directory.contents == ["sample.h5"])
  }

  @Test("many threads read one file")
  func concurrency() async throws {
    let directory = try TemporaryDirectory()
    let reader = try HDF5Reader(path: Self.sample(in: directory))
    try await withThrowingTaskGroup(of: Float.self) { group in
      for _ in 0..<200 { group.addTask { try reader.tensor("data/conv1/0")[5] } }
      for try await value in group { #expect(value == 6.5) }
    }
  }

  @Test("every cut of a file is an error or reads as far as it is whole")
  func truncated() throws {
    let directory = try TemporaryDirectory()
    let bytes = try Data(contentsOf: URL(filePath: Self.sample(in: directory)))
    for length in stride(from: 0, to: bytes.count, by: 97) {
      let path = try directory.write(bytes.prefix(length), to: "cut")
      #expect(throws: HDF5Error.self) { try HDF5Reader(path: path) }
    }
  }

  @Test("files of other programs: every dataset of every case", .enabled(if: SharedData.isPresent))
  func otherPrograms() throws {
    let cases = try FileManager.default.contentsOfDirectory(atPath: SharedData.layers)
    for name in cases {
      let reader = try HDF5Reader(path: "\(SharedData.layers)/\(name)/case.h5")
      #expect(["TRAIN", "TEST"].contains(try reader.attribute("phase")))
      for dataset in try reader.datasets(under: "/") {
        #expect(try reader.tensor(dataset).shape == reader.shape(of: dataset))
      }
    }
  }
}
