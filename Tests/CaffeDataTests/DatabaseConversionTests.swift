import CaffeCore
import CaffeData
import CaffeFormat
import Foundation
import Testing

@Suite("Databases from published files and from nothing")
struct DatabaseConversionTests {
  private static func records(_ path: String) throws -> [(key: String, datum: Datum)] {
    let snapshot = try LMDBSnapshot(path: path)
    var cursor = snapshot.makeCursor()
    return try (0..<snapshot.count).map { _ in
      try cursor.next { key, value in (String(decoding: key, as: UTF8.self), try Datum(bytes: value, name: path)) }
    }
  }

  private static func digitOptions() -> DatabaseConversion.DigitOptions {
    var options = DatabaseConversion.DigitOptions()
    (options.trainingCount, options.testCount, options.sampleCount) = (1203, 20, 5)
    return options
  }

  @Test("digits: two databases and samples, the generator's own pictures, all different")
  func digits() throws {
    let directory = try TemporaryDirectory()
    let folder = directory.file("a/b")
    try DatabaseConversion.digits(into: folder, options: Self.digitOptions())
    let training = try Self.records(folder + "/train_lmdb")
    let test = try Self.records(folder + "/test_lmdb")
    #expect(training.count == 1203 && test.count == 20)
    #expect(training[1202].key == "00001202")
    let digit = DigitGenerator(seed: 1).digit(1202)
    #expect(training[1202].datum.data == digit.pixels && training[1202].datum.label == digit.label)
    #expect(Set((training + test).map(\.datum.data)).count == 1223)
    let samples = try FileManager.default.contentsOfDirectory(atPath: folder + "/samples").sorted()
    #expect(samples.count == 5 && samples.allSatisfy { $0.hasPrefix("digit_") && $0.hasSuffix(".png") })
    let image = try ImageDecoder.decode(contentsOf: "\(folder)/samples/\(samples[0])", as: .asStored)
    #expect(image.width == 28 && image.height == 28 && image.channels == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["samples", "test_lmdb", "train_lmdb"])
  }

  @Test("a stopped or refused conversion leaves nothing behind")
  func stopped() throws {
    let directory = try TemporaryDirectory()
    var done = 0
    #expect(throws: CancellationError.self) {
      try DatabaseConversion.digits(
        into: directory.file("out/deep"), options: Self.digitOptions(), progress: { count, _ in done = count },
        shouldStop: { done >= 1000 })
    }
    #expect(done == 1000)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    _ = try directory.write([1], to: "test_lmdb")
    let error = #expect(throws: DataFileError.self) { try DatabaseConversion.digits(into: directory.path) }
    #expect(error?.path.hasSuffix("test_lmdb") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["test_lmdb"])
    #expect(throws: DataFileError.self) { try DatabaseConversion.mnist(from: directory.path, into: directory.file("m")) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["test_lmdb"])
  }

  /// The number of a process that has ended.
  private static func deadProcess() throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "true"]
    try process.run()
    process.waitUntilExit()
    return process.processIdentifier
  }

  @Test("what killed conversions left is removed by the next to the same place")
  func leftovers() throws {
    let directory = try TemporaryDirectory()
    let dead = try Self.deadProcess()
    for place in [".\(dead).partial/samples", ".\(dead).partial/train_lmdb.\(dead).partial", "one.\(dead).partial", ".1.partial"]
    {
      try FileManager.default.createDirectory(atPath: directory.file("out/\(place)"), withIntermediateDirectories: true)
      _ = try directory.write([1], to: "out/\(place)/data.mdb")
    }
    var options = Self.digitOptions()
    (options.trainingCount, options.testCount, options.sampleCount) = (10, 10, 0)
    try DatabaseConversion.digits(into: directory.file("out"), options: options)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.file("out")).sorted()
        == [".1.partial", "one.\(dead).partial", "test_lmdb", "train_lmdb"])
    // A path may end in a slash, as shells complete it.
    let writer = try DatabaseWriter(path: directory.file("out/one/"))
    try writer.put(key: [1], value: [2])
    try writer.commit()
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.file("out")).sorted()
        == [".1.partial", "one", "test_lmdb", "train_lmdb"])
  }

  @Test("MNIST's files become records with keys of eight digits")
  func mnist() throws {
    let directory = try TemporaryDirectory()
    for (prefix, count) in [("train", 3), ("t10k", 2)] {
      let images = [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 2, 0, 0, 0, 2] + (0..<count * 4).map { UInt8($0) }
      let labels = [0, 0, 8, 1, 0, 0, 0, UInt8(count)] + (0..<count).map { UInt8($0 + 4) }
      _ = try directory.write(images, to: "\(prefix)-images-idx3-ubyte")
      _ = try directory.write(labels, to: "\(prefix)-labels-idx1-ubyte")
    }
    try DatabaseConversion.mnist(from: directory.path, into: directory.file("out"))
    let training = try Self.records(directory.file("out/train_lmdb"))
    #expect(training.map(\.key) == ["00000000", "00000001", "00000002"])
    #expect(training.map(\.datum.label) == [4, 5, 6])
    #expect(training[1].datum.data == [4, 5, 6, 7] && training[1].datum.height == 2 && training[1].datum.channels == 1)
    #expect(try Self.records(directory.file("out/test_lmdb")).count == 2)
  }

  @Test("the published MNIST files", .enabled(if: SharedData.isPresent, "the data sets lie beside the checkout"))
  func publishedMNIST() throws {
    let directory = try TemporaryDirectory()
    try DatabaseConversion.mnist(from: SharedData.root + "/data/mnist", into: directory.path)
    let source = try DatabaseSource(
      DatabaseConfiguration(path: directory.file("train_lmdb"), batchSize: 100, phase: .TRAIN))
    #expect(source.recordCount == 60_000 && source.dataShape == [100, 1, 28, 28])
    let start = ContinuousClock.now
    for _ in 0..<3000 { _ = try source.next() }
    let seconds = start.duration(to: .now) / .seconds(1)
    print("28x28 records: \(Int(300_000 / seconds)) a second; the consumer waited \(source.secondsWaited) of \(seconds) s")
  }

  @Test("CIFAR-10's files become records with keys of five digits, and their mean")
  func cifar() throws {
    let directory = try TemporaryDirectory()
    for (index, name) in (CIFARBinary.trainingFiles + [CIFARBinary.testFile]).enumerated() {
      let record = [UInt8(index)] + [UInt8](repeating: UInt8(10 * index), count: CIFARBinary.imageSize)
      _ = try directory.write(record + record, to: name)
    }
    try DatabaseConversion.cifar10(from: directory.path, into: directory.file("out"))
    let training = try Self.records(directory.file("out/train_lmdb"))
    #expect(training.count == 10 && training[9].key == "00009" && training[9].datum.label == 4)
    let mean = try MeanImage(contentsOf: directory.file("out/mean.binaryproto"))
    #expect(mean.tensor == Tensor([3, 32, 32], repeating: 20))
    #expect(try mean == MeanImage.compute(database: directory.file("out/train_lmdb")))
  }
}
