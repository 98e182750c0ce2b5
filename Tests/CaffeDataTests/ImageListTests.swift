import CaffeCore
import CaffeData
import CaffeFormat
import Foundation
import Testing

@Suite("Pictures from a list")
struct ImageListTests {
  /// A folder with gray pictures p0.png … whose pixels all have their number's value, and a list of them.
  private static func folder(_ count: Int, list: [String]? = nil) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for number in 0..<count {
      let image = try Image(width: 4, height: 4, channels: 1, pixels: [UInt8](repeating: UInt8(number), count: 16))
      _ = try directory.write(ImageEncoder.encode(image, as: .png), to: "p\(number).png")
    }
    let lines = list ?? (0..<count).map { "p\($0).png \($0 * 10)" }
    _ = try directory.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "list.txt")
    return directory
  }

  private static func configuration(_ directory: TemporaryDirectory, batch: Int, seed: UInt64 = 0) -> ImageListConfiguration {
    var configuration = ImageListConfiguration(source: directory.file("list.txt"), batchSize: batch, phase: .TRAIN, seed: seed)
    configuration.isColor = false
    return configuration
  }

  /// The first pixel of each picture.
  private static func pictures(_ source: ImageListSource, batches: Int) throws -> [Float] {
    try (0..<batches).flatMap { _ in
      let batch = try source.next()
      return stride(from: 0, to: batch.data.values.count, by: 16).map { batch.data.values[$0] }
    }
  }

  @Test("pictures come in order with their labels, again and again; spaces in paths are kept")
  func order() throws {
    let directory = try Self.folder(3, list: ["p0.png 5", "", "  p1.png\t6 \r", "a b 1.png 7"])
    try FileManager.default.copyItem(atPath: directory.file("p2.png"), toPath: directory.file("a b 1.png"))
    let source = try ImageListSource(Self.configuration(directory, batch: 2))
    let (first, second) = try (source.next(), source.next())
    #expect(first.data.shape == [2, 1, 4, 4] && first.labels.values == [5, 6] && first.position == 2)
    #expect(second.labels.values == [7, 5] && second.data.values[0] == 2 && second.firstItem == 2 && source.position == 4)
  }

  @Test("several labels a picture, of any value, are N×K")
  func labels() throws {
    let directory = try Self.folder(2, list: ["p0.png 1 -0.5 2e3", "p1.png 0 0 1"])
    var configuration = Self.configuration(directory, batch: 2)
    configuration.labelCount = 3
    let batch = try ImageListSource(configuration).next()
    #expect(batch.labels.shape == [2, 3] && batch.labels.values == [1, -0.5, 2000, 0, 0, 1])
    #expect(try ImageListSource.shapes(of: configuration).labels == [2, 3])
    configuration.labelCount = 4
    let error = #expect(throws: DataFileError.self) { try ImageListSource(configuration) }
    #expect(
      error?.description
        == "\(directory.file("list.txt")):1: a line has a path and 4 labels, which are numbers, behind it; this one is "
        + "\"p0.png 1 -0.5 2e3\"")
  }

  @Test("each epoch has another order, all pictures in each, and a run that continues gets the same", arguments: [0, 5, 17])
  func shuffling(start: Int) throws {
    let directory = try Self.folder(12)
    var configuration = Self.configuration(directory, batch: 4, seed: 3)
    configuration.shuffle = true
    let pictures = try Self.pictures(ImageListSource(configuration), batches: 9)
    let epochs = (0..<3).map { Array(pictures[$0 * 12..<($0 + 1) * 12]) }
    #expect(epochs.allSatisfy { $0.sorted() == (0..<12).map { Float($0) } })
    #expect(Set(epochs).count == 3)
    #expect(
      try Self.pictures(ImageListSource(configuration, startingAt: start), batches: 2) == Array(pictures[start..<start + 8]))
    configuration.seed = 4
    #expect(try Self.pictures(ImageListSource(configuration), batches: 3) != epochs[0])
  }

  @Test("rand_skip passes over a part of the list")
  func skipping() throws {
    let directory = try Self.folder(12)
    let starts = try Set(
      (0..<10).map { seed in
        var configuration = Self.configuration(directory, batch: 1, seed: UInt64(seed))
        configuration.randSkip = 6
        return try Self.pictures(ImageListSource(configuration), batches: 1)[0]
      })
    #expect(starts.count > 2 && starts.allSatisfy { $0 < 6 })
  }

  @Test("a picture that is missing or broken is named with its line; the batches before it arrive")
  func missing() throws {
    let directory = try Self.folder(4)
    try FileManager.default.removeItem(atPath: directory.file("p2.png"))
    let source = try ImageListSource(Self.configuration(directory, batch: 1))
    #expect(try Self.pictures(source, batches: 2) == [0, 1])
    for _ in 0..<2 {
      let error = #expect(throws: DataFileError.self) { try source.next() }
      #expect(
        error?.description
          == "\(directory.file("list.txt")):3: p2.png: cannot open the file: No such file or directory")
    }
    #expect(source.position == 2)
  }

  @Test("bad pictures are skipped where that is asked for, told of once, and a run that continues gets the same")
  func skippingBad() throws {
    let directory = try Self.folder(6)
    _ = try directory.write(Array("no picture".utf8), to: "p0.png")
    try FileManager.default.removeItem(atPath: directory.file("p3.png"))
    let notes = Notes()
    var configuration = Self.configuration(directory, batch: 3)
    configuration.badData = BadDataPolicy(.skip, note: notes.add)
    let source = try ImageListSource(configuration)
    var positions: [Int] = []
    var pictures: [Float] = []
    for _ in 0..<6 {
      pictures += try Self.pictures(source, batches: 1)
      positions.append(source.position)
    }
    #expect(pictures == [1, 2, 4, 5, 1, 2, 4, 5, 1, 2, 4, 5, 1, 2, 4, 5, 1, 2])
    #expect(positions == [5, 9, 14, 18, 23, 27])
    #expect(notes.lines.count == 2 && notes.lines.allSatisfy { $0.hasPrefix("Skipped \(directory.file("list.txt")):") })
    for (index, position) in positions.enumerated().dropLast(2) {
      let rest = try Self.pictures(ImageListSource(configuration, startingAt: position), batches: 2)
      #expect(rest == Array(pictures[3 * (index + 1)..<3 * (index + 3)]))
    }
  }

  @Test("a list of nothing but bad pictures ends in an error")
  func allBad() throws {
    let directory = try Self.folder(3)
    var configuration = Self.configuration(directory, batch: 2)
    configuration.badData = BadDataPolicy(.skip)
    let source = try ImageListSource(configuration)
    _ = try source.next()
    for number in 0..<3 { _ = try directory.write([1], to: "p\(number).png") }
    let error = #expect(throws: NoGoodDataError.self) { for _ in 0..<100 { _ = try source.next() } }
    #expect(error?.description.hasPrefix("none of 3 items can be used; the last: \(directory.file("list.txt")):") == true)
    #expect(throws: NoGoodDataError.self) { try ImageListSource(configuration) }
  }

  @Test("lists that are empty, missing or have lines without labels are refused")
  func lists() throws {
    let directory = try Self.folder(1, list: ["", " "])
    #expect(throws: DataFileError.self) { try ImageListSource(Self.configuration(directory, batch: 1)) }
    _ = try directory.write(Array("p0.png 0\np0.png\n".utf8), to: "list.txt")
    let error = #expect(throws: DataFileError.self) { try ImageListSource(Self.configuration(directory, batch: 1)) }
    #expect(
      error?.description == "\(directory.file("list.txt")):2: a line has a path and a label, which is a number, behind it; "
        + "this one is \"p0.png\"")
    var unlabelled = Self.configuration(directory, batch: 2)
    unlabelled.needsLabels = false
    #expect(try ImageListSource(unlabelled).next().labels.values == [0, 0])
    #expect(throws: FileError.self) {
      try ImageListSource(ImageListConfiguration(source: directory.file("none"), batchSize: 1, phase: .TEST))
    }
  }
}
