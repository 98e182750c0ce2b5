import CaffeCore
import CaffeFormat
import Testing

@testable import CaffeData

@Suite("Pictures varied at random")
struct PictureVariationTests {
  private static func variation(
    crop: Int = 0, seed: UInt64 = 1, _ change: (inout AugmentationParameter) -> Void
  ) throws -> PictureVariation {
    var parameters = AugmentationParameter()
    change(&parameters)
    return try PictureVariation(parameters, cropSize: crop, random: RandomStream(seed: seed))
  }

  /// One colour everywhere.
  private static func plain(_ pixel: [UInt8], side: Int = 4) throws -> Image {
    try Image(width: side, height: side, channels: pixel.count, pixels: (0..<side * side).flatMap { _ in pixel })
  }

  @Test("colours: what each change does, worked out by hand")
  func colours() throws {
    func changed(_ pixel: [UInt8], _ brightness: Float, _ contrast: Float, _ saturation: Float, _ hue: Float) throws -> [UInt8] {
      let change = ColourChange(brightness: brightness, contrast: contrast, saturation: saturation, hueDegrees: hue)
      return try Array(change.apply(to: Self.plain(pixel)).pixels.prefix(pixel.count))
    }
    #expect(try changed([10, 100, 250], 0, 1, 1, 0) == [10, 100, 250])
    #expect(try changed([10, 100, 250], 20, 1, 1, 0) == [30, 120, 255])
    #expect(try changed([10, 100, 240], 0, 0.5, 1, 0) == [5, 50, 120])
    #expect(try changed([50], 10, 2, 0, 90) == [110])
    // Without saturation the brightness stays: .114 · 10 + .587 · 100 + .299 · 250 = 134.6.
    #expect(try changed([10, 100, 250], 0, 1, 0, 0) == [135, 135, 135])
    // Gray has no hue, and half a turn of colours keeps the brightness.
    #expect(try changed([80, 80, 80], 0, 1, 1, 180) == [80, 80, 80])
    let turned = try changed([100, 100, 140], 0, 1, 1, 180).map { Float($0) }
    let brightness = 0.114 * turned[0] + 0.587 * turned[1] + 0.299 * turned[2]
    #expect(abs(brightness - (0.701 * 100 + 0.299 * 140)) < 1 && turned[2] < turned[0])
  }

  @Test("rotation: by quarters exactly, and borders fill what becomes free")
  func rotation() throws {
    let image = try Image(width: 3, height: 3, channels: 1, pixels: [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(image.rotated(byDegrees: 90).pixels == [3, 6, 9, 2, 5, 8, 1, 4, 7])
    #expect(image.rotated(byDegrees: 180).pixels == [9, 8, 7, 6, 5, 4, 3, 2, 1])
    #expect(try Self.plain([7, 8, 9]).rotated(byDegrees: 33) == Self.plain([7, 8, 9]))
  }

  @Test("regions have the crop's size, lie inside, and differ; scales stay in their range")
  func sizes() throws {
    let image = try Image.gradient(width: 60, height: 40)
    let regions = try Self.variation(crop: 16) { ($0.minArea, $0.maxArea, $0.maxAspect) = (0.1, 0.8, 2) }
    let pictures = try (0..<20).map { try regions.apply(to: image, item: $0) }
    #expect(pictures.allSatisfy { $0.width == 16 && $0.height == 16 } && Set(pictures.map(\.pixels)).count == 20)
    let scales = try Self.variation(crop: 8) { ($0.minScale, $0.maxScale) = (0.5, 1.5) }
    let widths = try (0..<50).map { try scales.apply(to: image, item: $0).width }
    #expect(widths.allSatisfy { (30...90).contains($0) } && Set(widths).count > 10)
  }

  @Test("an item's draws depend on the seed and its number alone")
  func draws() throws {
    let image = try Image.gradient(width: 20, height: 20)
    func all(_ seed: UInt64, _ items: [Int]) throws -> [[UInt8]] {
      let variation = try Self.variation(seed: seed) {
        ($0.maxAngle, $0.brightness, $0.contrast, $0.saturation, $0.hue) = (20, 30, 0.3, 0.3, 20)
      }
      return try items.map { try variation.apply(to: image, item: $0).pixels }
    }
    #expect(try all(1, [0, 1, 2]) == all(1, [2, 1, 0]).reversed())
    #expect(try all(1, [5]) != all(2, [5]))
  }

  @Test("in training only, for pictures of all sources, and a run that continues gets the same")
  func sources() throws {
    let directory = try TemporaryDirectory()
    var configuration = DatabaseConfiguration(
      path: try directory.database((0..<6).map { .counting(40 * $0, channels: 3, height: 12, width: 12) }), batchSize: 3,
      phase: .TRAIN)
    configuration.transform = .with {
      $0.cropSize = 8
      $0.augmentationParam = AugmentationParameter()
      $0.augmentationParam?.minArea = 0.3
      $0.augmentationParam?.brightness = 20
    }
    let source = try DatabaseSource(configuration)
    let batches = try (0..<4).map { _ in try source.next() }
    #expect(batches[0].data.shape == [3, 3, 8, 8] && batches[0].data != batches[2].data)
    #expect(try DatabaseSource(configuration, startingAt: 6).next().data == batches[2].data)
    configuration.phase = .TEST
    let test = try DatabaseSource(configuration)
    let first = try test.next()
    _ = try test.next()
    #expect(try test.next().data == first.data)
    configuration.phase = .TRAIN
    configuration.path = try directory.database([.counting(1, channels: 2, height: 12, width: 12)], name: "two")
    let error = #expect(throws: RecordError.self) { try DatabaseSource(configuration).next() }
    #expect(error?.message == "augmentation_param is for pictures of bytes with 1 or 3 channels; this has 2")
  }

  @Test("numbers that make no sense are refused")
  func refused() throws {
    let changes: [(Int, (inout AugmentationParameter) -> Void)] = [
      (8, { $0.minArea = 0 }), (8, { ($0.minArea, $0.maxArea) = (0.5, 0.4) }), (8, { $0.maxAspect = 0.5 }),
      (0, { $0.minArea = 0.5 }),
      (8, { $0.maxScale = 0.5 }), (8, { $0.minScale = 0 }), (8, { ($0.minArea, $0.minScale) = (0.5, 0.5) }),
      (0, { $0.maxAngle = -1 }),
      (0, { $0.contrast = 2 }), (0, { $0.hue = .nan }), (0, { $0.brightness = .infinity }),
    ]
    for (crop, change) in changes { #expect(throws: DataSettingsError.self) { _ = try Self.variation(crop: crop, change) } }
  }
}
