import CaffeCore
import CaffeData
import CaffeFormat
import Testing

@Suite("TransformationParameter")
struct DataTransformerTests {
  /// 2×3×4 bytes 0 … 23.
  private static let bytes = (0..<24).map { UInt8($0) }

  private static func transform(
    _ parameters: TransformationParameter, phase: Phase = .TEST, mean: MeanImage? = nil, item: Int = 0
  ) throws -> Tensor {
    let transformer = try DataTransformer(parameters, phase: phase, random: RandomStream(seed: 7), mean: mean)
    let shape = try transformer.outputShape(channels: 2, height: 3, width: 4)
    return try bytes.withUnsafeBufferPointer { bytes in
      let block = try PixelBlock(planes: bytes, channels: 2, height: 3, width: 4)
      return try Tensor(shape) { try transformer.transform(block, item: item, into: $0) }
    }
  }

  @Test("without parameters pixels stay as they are")
  func identity() throws {
    #expect(try Self.transform(TransformationParameter()).values == Self.bytes.map { Float($0) })
  }

  @Test("the mean is subtracted before scaling")
  func meanAndScale() throws {
    let one = try Self.transform(.with { ($0.meanValue, $0.scale) = ([4], 0.5) })
    #expect(one.values == (0..<24).map { (Float($0) - 4) * 0.5 })
    let two = try Self.transform(.with { $0.meanValue = [1, 10] })
    #expect(two.values == (0..<24).map { Float($0) - ($0 < 12 ? 1 : 10) })
  }

  @Test("TEST crops the middle, rounded down, and takes the mean image at the same place")
  func centre() throws {
    let mean = try MeanImage(Tensor([2, 3, 4], values: (0..<24).map { Float($0) - 100 }))
    #expect(try Self.transform(.with { $0.cropSize = 2 }).values == [1, 2, 5, 6, 13, 14, 17, 18])
    #expect(try Self.transform(.with { $0.cropSize = 2 }, mean: mean).values == [Float](repeating: 100, count: 8))
  }

  @Test("TRAIN crops everywhere, mirrors half of the items, and item i is the same each time")
  func random() throws {
    let parameters = TransformationParameter.with { ($0.cropSize, $0.mirror) = (2, true) }
    var seen = Set<[Float]>()
    var mirrored = 0
    for item in 0..<400 {
      let values = try Self.transform(parameters, phase: .TRAIN, item: item).values
      seen.insert(values)
      if values[0] > values[1] { mirrored += 1 }
      #expect(try Self.transform(parameters, phase: .TRAIN, item: item).values == values)
    }
    #expect(seen.count == 2 * 3 * 2)
    #expect((150...250).contains(mirrored))
  }

  @Test("TEST mirrors too, as Caffe does")
  func mirrorInTest() throws {
    let rows = try Set((0..<50).map { try Self.transform(.with { $0.mirror = true }, item: $0).values[0] })
    #expect(rows == [0, 3])
  }

  @Test("interleaved pictures become planes")
  func interleaved() throws {
    let image = try Image(width: 2, height: 1, channels: 3, pixels: [1, 2, 3, 4, 5, 6])
    let transformer = try DataTransformer(TransformationParameter(), phase: .TEST, random: RandomStream(seed: 1))
    let tensor = try Tensor([3, 1, 2]) { try transformer.transform(image, item: 0, into: $0) }
    #expect(tensor.values == [1, 4, 2, 5, 3, 6])
  }

  @Test("what contradicts itself is refused in words")
  func mistakes() throws {
    let mean = try MeanImage(Tensor([2, 2, 2]))
    let cases: [(TransformationParameter, MeanImage?, String)] = [
      (.with { $0.meanValue = [1] }, mean, "mean_file and mean_value are both given"),
      (.with { ($0.forceColor, $0.forceGray) = (true, true) }, nil, "force_color and force_gray"),
      (.with { $0.cropSize = 4 }, nil, "crop_size 4 is larger than the picture, 3x4"),
      (.with { $0.meanValue = [1, 2, 3] }, nil, "3 mean_value for 2 channels"),
      (TransformationParameter(), mean, "the mean image is 2x2x2, the picture 2x3x4"),
    ]
    for (parameters, mean, text) in cases {
      let error = #expect(throws: DataSettingsError.self) { try Self.transform(parameters, mean: mean) }
      #expect(error?.description.contains(text) == true)
    }
  }
}
