import CaffeCore
import CaffeData
import CaffeFormat
import Foundation
import Testing

@Suite("Pairs for siamese nets")
struct PairConversionTests {
  private static func records(_ path: String) throws -> [Datum] {
    let snapshot = try LMDBSnapshot(path: path)
    var cursor = snapshot.makeCursor()
    return try (0..<snapshot.count).map { _ in try cursor.next { _, value in try Datum(bytes: value, name: path) } }
  }

  @Test("have two pictures of the database, label 1 where both show one class, about half of them alike")
  func pairs() throws {
    let directory = try TemporaryDirectory()
    var options = DatabaseConversion.DigitOptions()
    (options.trainingCount, options.testCount) = (300, 0)
    try DatabaseConversion.digits(into: directory.path, options: options)
    let source = directory.file("train_lmdb")
    try DatabaseConversion.pairs(of: source, into: directory.file("a"), count: 1000)
    try DatabaseConversion.pairs(of: source, into: directory.file("b"), count: 1000)
    try DatabaseConversion.pairs(of: source, into: directory.file("c"), seed: 2)
    let labels = Dictionary(try Self.records(source).map { ($0.data, $0.label) }) { first, _ in first }
    let pairs = try Self.records(directory.file("a"))
    #expect(pairs.count == 1000)
    for pair in pairs {
      #expect((pair.channels, pair.height, pair.width) == (2, 28, 28))
      let (first, second) = (labels[Array(pair.data.prefix(784))], labels[Array(pair.data.suffix(784))])
      #expect(first != nil && second != nil)
      #expect(pair.label == (first == second ? 1 : 0))
    }
    // Five deviations of a thousand fair coins.
    #expect(abs(pairs.count { $0.label == 1 } - 500) < 80)
    #expect(try Self.records(directory.file("b")).map(\.data) == pairs.map(\.data))
    let others = try Self.records(directory.file("c"))
    #expect(others.count == 300 && others[0].data != pairs[0].data)
  }

  @Test("need two classes")
  func oneClass() throws {
    let directory = try TemporaryDirectory()
    let writer = try DatabaseWriter(path: directory.file("one"))
    try writer.put(key: [48], value: Datum.counting(3).bytes)
    try writer.put(key: [49], value: Datum.counting(3).bytes)
    try writer.commit()
    let error = #expect(throws: DataFileError.self) {
      try DatabaseConversion.pairs(of: directory.file("one"), into: directory.file("out"))
    }
    #expect(error?.message == "pairs need pictures of two classes; all of these have the same label")
    #expect(!FileManager.default.fileExists(atPath: directory.file("out")))
  }
}
