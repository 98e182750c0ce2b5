import CaffeCore
import CaffeData
import CaffeHDF5
import Testing

/// Pictures decoded and resized by Caffe with OpenCV.
@Suite("Pictures as Caffe reads them", .enabled(if: SharedData.isPresent))
struct ConformanceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let list: String
    let batch: Int
    let size: (height: Int, width: Int)?
    let channels: ImageDecoder.Channels
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "image_resize", list: "mixed.txt", batch: 2, size: (96, 80), channels: .color),
    Case(name: "image_upscale", list: "list.txt", batch: 5, size: (57, 61), channels: .color),
    Case(name: "image_gray", list: "mixed.txt", batch: 3, size: (40, 30), channels: .gray),
    Case(name: "image_skip", list: "list.txt", batch: 4, size: nil, channels: .color),
  ]

  @Test("each pixel within 1, the mean within 0.1", arguments: cases)
  func pixels(_ test: Case) throws {
    let names = try Self.names(in: "\(SharedData.conformance)/\(test.list)")
    let reader = try HDF5Reader(path: "\(SharedData.conformance)/\(test.name).h5")
    let batches = try reader.children(of: "/").count
    var worst: Float = 0
    var sum: Double = 0
    var count = 0
    for batch in 0..<batches {
      let expected = try reader.tensor("batch_\(batch)/data").values
      let actual = try (0..<test.batch).flatMap { item in
        try Self.planes(names[(batch * test.batch + item) % names.count], test)
      }
      #expect(actual.count == expected.count)
      for (left, right) in zip(actual, expected) {
        worst = max(worst, abs(left - right))
        sum += Double(abs(left - right))
      }
      count += expected.count
    }
    print("\(test.name): worst \(worst), mean \(sum / Double(count)) over \(count) values")
    #expect(worst <= 1)
    #expect(sum / Double(count) < 0.1)
  }

  /// A picture as Caffe's blob holds it: planes of floats.
  private static func planes(_ name: String, _ test: Case) throws -> [Float] {
    var image = try ImageDecoder.decode(contentsOf: "\(SharedData.conformance)/images/\(name)", as: test.channels)
    if let size = test.size { image = try image.resized(width: size.width, height: size.height) }
    return (0..<image.channels).flatMap { channel in
      stride(from: channel, to: image.pixels.count, by: image.channels).map { Float(image.pixels[$0]) }
    }
  }

  private static func names(in list: String) throws -> [String] {
    String(decoding: try FileBytes.read(list, limit: 1 << 20), as: UTF8.self)
      .split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
  }
}
