import CaffeCore
import CaffeData
import CaffeHDF5
import Foundation
import Testing

@Suite("Rows of HDF5 files as batches")
struct HDF5SourceTests {
  /// A folder with HDF5 files of the given numbers of rows, and their list. Row r of file f has label 100·f + r and two numbers,
  /// the label and its negative.
  private final class Rows {
    let directory = try? TemporaryDirectory()
    let list: String

    init(_ counts: [Int]) throws {
      let directory = try #require(directory)
      for (file, count) in counts.enumerated() {
        let labels = (0..<count).map { Float(100 * file + $0) }
        let writer = try HDF5Writer(path: directory.file("rows\(file).h5"))
        try writer.write(try Tensor([count], values: labels), to: "label")
        try writer.write(try Tensor([count, 1, 2], values: labels.flatMap { [$0, -$0] }), to: "data")
        try writer.commit()
      }
      let names = counts.indices.map { "rows\($0).h5\n" }.joined()
      list = try directory.write(Array(names.utf8), to: "list.txt")
    }

    func configuration(batch: Int, shuffle: Bool = false, seed: UInt64 = 1) -> HDF5Configuration {
      var configuration = HDF5Configuration(source: list, datasets: ["data", "label"], batchSize: batch)
      configuration.shuffle = shuffle
      configuration.seed = seed
      return configuration
    }

    /// The labels of some batches, after checking that the other dataset goes along.
    func labels(_ batches: Int, of source: HDF5Source) throws -> [Float] {
      try (0..<batches).flatMap { _ in
        let tensors = try source.nextTensors()
        #expect(tensors[0].values == tensors[1].values.flatMap { [$0, -$0] })
        return tensors[1].values
      }
    }
  }

  @Test("come in their order, file after file, and from the first again within a batch")
  func order() throws {
    let rows = try Rows([3, 2])
    #expect(try HDF5Source.shapes(of: rows.configuration(batch: 4)) == [[4, 1, 2], [4]])
    let source = try HDF5Source(rows.configuration(batch: 4))
    #expect(source.rowCount == 5)
    #expect(try rows.labels(3, of: source) == [0, 1, 2, 100, 101, 0, 1, 2, 100, 101, 0, 1])
    #expect(source.position == 12)
    let single = try Rows([3])
    #expect(try single.labels(2, of: HDF5Source(single.configuration(batch: 2))) == [0, 1, 2, 0])
  }

  @Test("are shuffled anew each epoch, the same for the same seed")
  func shuffle() throws {
    let rows = try Rows([30, 20])
    let all = (0..<30).map(Float.init) + (100..<120).map(Float.init)
    let labels = try rows.labels(15, of: HDF5Source(rows.configuration(batch: 10, shuffle: true)))
    let epochs = (0..<3).map { Array(labels[$0 * 50..<$0 * 50 + 50]) }
    for epoch in epochs {
      #expect(epoch.sorted() == all)
      #expect(epoch != all)
      // A file's rows stay together: it is read once an epoch.
      let isFirst = epoch.map { $0 < 100 }
      #expect(zip(isFirst, isFirst.dropFirst()).count { $0 != $1 } == 1)
    }
    #expect(epochs[0] != epochs[1] && epochs[1] != epochs[2])
    #expect(try rows.labels(15, of: HDF5Source(rows.configuration(batch: 10, shuffle: true))) == labels)
    #expect(try rows.labels(15, of: HDF5Source(rows.configuration(batch: 10, shuffle: true, seed: 2))) != labels)
  }

  @Test("go on where a run has stopped", arguments: [false, true])
  func resume(shuffle: Bool) throws {
    let rows = try Rows([3, 4, 2])
    let whole = try rows.labels(20, of: HDF5Source(rows.configuration(batch: 2, shuffle: shuffle)))
    for batches in 0..<19 {
      let source = try HDF5Source(rows.configuration(batch: 2, shuffle: shuffle), startingAt: batches * 2)
      #expect(source.position == batches * 2)
      #expect(try rows.labels(20 - batches, of: source) == Array(whole.dropFirst(batches * 2)))
    }
  }

  @Test("are the same whether files are held whole or read piece by piece", arguments: [false, true])
  func pieces(shuffle: Bool) throws {
    let rows = try Rows([3, 4, 2])
    var configuration = rows.configuration(batch: 2, shuffle: shuffle)
    let whole = try rows.labels(20, of: HDF5Source(configuration))
    for bytes in [1, 40, 100] {
      configuration.maximumHeld = bytes
      #expect(try rows.labels(20, of: HDF5Source(configuration)) == whole, "\(bytes)")
    }
  }

  @Test("are looked for beside the list, and files on one line count as several")
  func places() throws {
    let rows = try Rows([1, 1])
    let directory = try #require(rows.directory)
    try Data("rows1.h5 \(directory.file("rows0.h5"))\r\n\n".utf8).write(to: URL(filePath: rows.list))
    #expect(try rows.labels(2, of: HDF5Source(rows.configuration(batch: 1))) == [100, 0])
  }

  @Test("what is wrong is said with file and dataset")
  func errors() throws {
    let rows = try Rows([2, 3])
    let directory = try #require(rows.directory)
    func message(_ change: (inout HDF5Configuration) throws -> Void) throws -> String {
      var configuration = rows.configuration(batch: 2)
      try change(&configuration)
      let error = #expect(throws: (any Error).self) { _ = try HDF5Source(configuration) }
      return "\(error.map { "\($0)" } ?? "")".replacing(directory.path + "/", with: "")
    }
    func write(_ name: String, _ tensors: [String: Tensor]) throws {
      let writer = try HDF5Writer(path: directory.file(name))
      for (name, tensor) in tensors { try writer.write(tensor, to: name) }
      try writer.commit()
    }
    #expect(try message { $0.batchSize = 0 } == "batch_size is 0; it must be at least 1")
    #expect(try message { $0.source = directory.file("none.txt") } == "none.txt: cannot open the file: No such file or directory")
    #expect(try message { $0.source = try directory.write([], to: "empty.txt") } == "empty.txt: the list names no HDF5 file")
    #expect(try message { $0.datasets = ["data", "mask"] }.hasPrefix("rows0.h5: mask: "))
    try write("uneven.h5", ["data": Tensor([3, 1, 2]), "label": Tensor([2])])
    #expect(
      try message { $0.source = try directory.write(Array("uneven.h5".utf8), to: "uneven.txt") }
        == "uneven.h5: label: it has 2 rows, but data has 3; a row belongs to all tops")
    try write("none.h5", ["data": Tensor([0, 1, 2]), "label": Tensor([0])])
    #expect(
      try message { $0.source = try directory.write(Array("none.h5".utf8), to: "no_rows.txt") }
        == "none.h5: data: it has no rows: its shape is 0x1x2")
    try write("other.h5", ["data": Tensor([1, 2, 2]), "label": Tensor([1])])
    let found = try message { $0.source = try directory.write(Array("rows0.h5 other.h5".utf8), to: "other.txt") }
    #expect(found == "other.h5: data: its shape is 1x2x2, in rows0.h5 it is 2x1x2; only the number of rows may differ")
    let missing = try message { $0.source = try directory.write(Array("gone.h5".utf8), to: "gone.txt") }
    #expect(missing.hasPrefix("gone.h5: "))
  }
}
