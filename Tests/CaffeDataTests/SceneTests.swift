import CaffeCore
import CaffeHDF5
import Foundation
import Testing

@testable import CaffeData

@Suite("Drawn scenes")
struct SceneTests {
  /// The smallest rectangle of whole pixels around those that a shape covers, in a fine grid of samples.
  private static func covered(_ shape: PlacedShape, side: Int, samples: Int) -> SceneBox? {
    var box: SceneBox?
    for index in 0..<side * side * samples * samples {
      let point = (SIMD2(Float(index % (side * samples)), Float(index / (side * samples))) + 0.5) / Float(samples)
      guard shape.contains(point) else { continue }
      let before = box ?? SceneBox(minimum: point, maximum: point)
      box = SceneBox(
        minimum: SIMD2(min(before.minimum.x, point.x), min(before.minimum.y, point.y)),
        maximum: SIMD2(max(before.maximum.x, point.x), max(before.maximum.y, point.y)))
    }
    return box
  }

  @Test("boxes enclose every point of the shape, and closely", arguments: ShapeClass.allCases)
  func boxes(shape: ShapeClass) throws {
    for (angle, radii) in [(Float(0), SIMD2<Float>(9, 9)), (0.3, [12, 8]), (-0.9, [7, 11])] {
      let placed = PlacedShape(shape, radii: radii, angle: angle, center: [20.3, 18.7])
      let found = try #require(Self.covered(placed, side: 40, samples: 8))
      let (low, high) = (found.minimum - placed.box.minimum, placed.box.maximum - found.maximum)
      // A corner's tip may lie between the samples.
      for gap in [low.x, low.y, high.x, high.y] { #expect(gap >= 0 && gap < 0.75, "\(gap)") }
    }
  }

  @Test("shapes lie in the picture, one to four, and hardly cover one another")
  func places() {
    let generator = SceneGenerator(side: 64, seed: 3)
    var kinds = Set<ShapeClass>()
    var counts = Set<Int>()
    for index in 0..<200 {
      let objects = generator.scene(index).objects
      counts.insert(objects.count)
      for (place, object) in objects.enumerated() {
        kinds.insert(object.shape)
        let (low, high) = (object.box.minimum, object.box.maximum)
        #expect(low.x >= -1e-3 && low.y >= -1e-3 && high.x <= 64.001 && high.y <= 64.001)
        #expect(high.x - low.x > 8 && high.y - low.y > 8)
        for other in objects.prefix(place) {
          #expect(object.box.shared(with: other.box) <= 0.1 * min(object.box.area, other.box.area))
        }
      }
    }
    #expect(counts == [1, 2, 3, 4])
    #expect(kinds.count == 5)
  }

  @Test("a painted shape changes pixels within its box only, up to the edges")
  func painted() {
    let placed = PlacedShape(.star, radii: [10, 12], angle: 0.2, center: [21.4, 17.9])
    var canvas = SceneCanvas(side: 40, from: .zero, to: .zero, direction: .zero)
    canvas.fill(.one, placed)
    let changed = canvas.pixels.indices.filter { canvas.pixels[$0] != .zero }
    let (columns, rows) = (changed.map { $0 % 40 }, changed.map { $0 / 40 })
    let box = placed.box
    #expect(abs(Float(columns.min() ?? -1) - box.minimum.x.rounded(.down)) <= 1)
    #expect(abs(Float(columns.max() ?? -1) + 1 - box.maximum.x.rounded(.up)) <= 1)
    #expect(abs(Float(rows.min() ?? -1) - box.minimum.y.rounded(.down)) <= 1)
    #expect(abs(Float(rows.max() ?? -1) + 1 - box.maximum.y.rounded(.up)) <= 1)
    #expect(Float(columns.min() ?? -1) >= box.minimum.x.rounded(.down))
    #expect(Float(rows.max() ?? 99) < box.maximum.y)
  }

  @Test("scene i is the same in any order, and another seed draws others")
  func determinism() {
    let generator = SceneGenerator(side: 48, seed: 3)
    let forward = (0..<6).map { generator.scene($0) }
    let backward = (0..<6).reversed().map { SceneGenerator(side: 48, seed: 3).scene($0) }
    for (one, other) in zip(forward, backward.reversed()) {
      #expect(one.image == other.image && one.objects.map(\.box) == other.objects.map(\.box))
    }
    #expect(Set(forward.map(\.image.pixels)).count == 6)
    #expect(SceneGenerator(side: 48, seed: 4).scene(0).image != forward[0].image)
  }

  @Test("files hold pictures and ground truth, which counts in each batch")
  func files() throws {
    let directory = try TemporaryDirectory()
    var options = DatabaseConversion.SceneOptions()
    (options.trainingCount, options.testCount, options.batchSize, options.sampleCount) = (8, 4, 4, 2)
    try DatabaseConversion.scenes(into: directory.path, options: options)
    let names = ["samples", "test.h5", "test.txt", "train.h5", "train.txt"]
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == names)
    let file = try HDF5Reader(path: directory.file("train.h5"))
    let (data, label) = (try file.tensor("data"), try file.tensor("label"))
    #expect(data.shape == [8, 3, 64, 64] && label.shape == [8, 4, 8])
    let generator = SceneGenerator(seed: 1)
    for item in 0..<8 {
      let scene = generator.scene(item)
      // Pixel (x 5, y 9), blue and red.
      let pixel = scene.image.pixels[(9 * 64 + 5) * 3..<(9 * 64 + 5) * 3 + 3].map { Float($0) / 255 - 0.5 }
      #expect(data[(item * 3) * 4096 + 9 * 64 + 5] == pixel[0] && data[(item * 3 + 2) * 4096 + 9 * 64 + 5] == pixel[2])
      for row in 0..<4 {
        let values = Array(label.values[(item * 4 + row) * 8..<(item * 4 + row) * 8 + 8])
        guard row < scene.objects.count else {
          #expect(values == [Float](repeating: -1, count: 8))
          continue
        }
        let object = scene.objects[row]
        #expect(values[0] == Float(item % 4) && values[1] == Float(object.shape.label) && values[7] == 0)
        let same = scene.objects.prefix(row).count { $0.shape == object.shape }
        #expect(values[2] == Float(same))
        let (low, high) = (object.box.minimum / 64, object.box.maximum / 64)
        #expect(Array(values[3..<7]) == [low.x, low.y, high.x, high.y])
      }
    }
    options.testCount = 5
    let error = #expect(throws: DataFileError.self) {
      try DatabaseConversion.scenes(into: directory.file("x"), options: options)
    }
    #expect(error?.message == "5 scenes do not fill batches of 4; choose a multiple")
  }
}
