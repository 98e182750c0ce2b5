import CaffeCore
import CaffeData
import CaffeFormat
import Testing

@Suite("Mean images")
struct MeanImageTests {
  @Test("the mean of a database, written and read again")
  func roundTrip() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.database([.counting(0, channels: 2), .counting(10, channels: 2), .counting(5, channels: 2)])
    var reports: [Int] = []
    let mean = try MeanImage.compute(database: path, progress: { done, total in reports += [done, total] })
    #expect(mean.tensor.shape == [2, 2, 3])
    #expect(mean.tensor.values == (0..<12).map { 5 + Float($0) })
    #expect(mean.channelMeans == [7.5, 13.5])
    #expect(reports == [3, 3])
    try mean.write(to: directory.file("mean.binaryproto"))
    #expect(try MeanImage(contentsOf: directory.file("mean.binaryproto")) == mean)
  }

  @Test("sizes that differ name the record; a wish to stop is heard; a file of other axes is refused")
  func mistakes() throws {
    let directory = try TemporaryDirectory()
    let mixed = try directory.database([.counting(0), .counting(1, height: 7)], name: "mixed")
    let error = #expect(throws: RecordError.self) { try MeanImage.compute(database: mixed) }
    #expect(error?.key == "10000001")
    #expect(throws: CancellationError.self) {
      try MeanImage.compute(database: directory.database([.counting(0)]), shouldStop: { true })
    }
    try BlobRecord(Tensor([2, 3, 4, 5])).writeMean(path: directory.file("many"))
    #expect(throws: DataFileError.self) { try MeanImage(contentsOf: directory.file("many")) }
  }

  @Test("Caffe's mean of the same pictures", .enabled(if: SharedData.isPresent, "the conformance data lies beside the checkout"))
  func caffe() throws {
    let expected = try MeanImage(contentsOf: SharedData.conformance + "/mean.binaryproto").tensor
    let actual = try MeanImage.compute(database: SharedData.conformance + "/cifar_lmdb").tensor
    #expect(actual.shape == expected.shape)
    let worst = zip(actual.values, expected.values).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
    #expect(worst < 1e-3)
  }
}
