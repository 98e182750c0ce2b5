import CaffeCore
import CaffeData
import Testing

@Suite("Resizing")
struct ResizeTests {
  @Test("the same size is the same picture")
  func identity() throws {
    let image = try Image.pattern(width: 9, height: 5)
    #expect(try image.resized(width: 9, height: 5) == image)
  }

  @Test("halving averages two by two")
  func halving() throws {
    let image = try Image(width: 4, height: 2, channels: 1, pixels: [0, 100, 50, 50, 100, 200, 50, 54])
    #expect(try image.resized(width: 2, height: 1).pixels == [100, 51])
  }

  @Test("doubling a row gives quarters, and the border is held")
  func doubling() throws {
    let image = try Image(width: 2, height: 1, channels: 1, pixels: [0, 100])
    #expect(try image.resized(width: 4, height: 1).pixels == [0, 25, 75, 100])
  }

  @Test("planes of floats agree with bytes")
  func planes() throws {
    let image = try Image.pattern(width: 31, height: 17, channels: 1)
    let planes = try Tensor([1, 17, 31], values: image.pixels.map(Float.init)).resizingPlanes(height: 23, width: 12)
    let bytes = try image.resized(width: 12, height: 23)
    #expect(planes.shape == [1, 23, 12])
    #expect(zip(planes.values, bytes.pixels).allSatisfy { abs($0 - Float($1)) <= 1 })
  }

  @Test("sizes that cannot be are refused")
  func refused() throws {
    let image = try Image.pattern(width: 3, height: 3)
    #expect(throws: ImageError.self) { try image.resized(width: 0, height: 3) }
    #expect(throws: ImageError.self) { try image.resized(width: 1 << 20, height: 1 << 20) }
    #expect(throws: ShapeError.self) { try Tensor([3]).resizingPlanes(height: 2, width: 2) }
  }
}
