import CaffeCore
import CaffeData
import CaffeFormat
import CaffeVision
import Testing

@Suite("Pictures become a net's input")
struct ImagePreprocessingTests {
  /// 4×4, blue 0 … 15, green 100 more, red 200.
  private static func image() throws -> Image {
    try Image(width: 4, height: 4, channels: 3, pixels: (0..<16).flatMap { [UInt8($0), UInt8($0 + 100), 200] })
  }

  @Test("planes in the order blue, green, red; the middle; (pixel − mean) · scale")
  func centre() throws {
    var preprocessing = ImagePreprocessing()
    preprocessing.resize = .init(height: 4, width: 4)
    preprocessing.mean = .channels([1, 2, 3])
    preprocessing.scale = 0.5
    let tensor = try preprocessing.tensor(for: Self.image(), height: 2, width: 2)
    #expect(tensor.shape == [1, 3, 2, 2])
    #expect(tensor.values == [2, 2.5, 4, 4.5] + [51.5, 52, 53.5, 54] + [98.5, 98.5, 98.5, 98.5])
  }

  @Test("ten crops: corners and middle, then mirrored")
  func oversampling() throws {
    var preprocessing = ImagePreprocessing(.init(), channels: 1)
    preprocessing.resize = .init(height: 4, width: 4)
    let image = try Image(width: 4, height: 4, channels: 1, pixels: (0..<16).map { UInt8($0) })
    let tensor = try preprocessing.oversampled(image, height: 3, width: 2)
    #expect(tensor.shape == [10, 1, 3, 2])
    #expect((0..<10).map { tensor.values[$0 * 6] } == [0, 2, 4, 6, 1, 1, 3, 5, 7, 2])
    #expect(Array(tensor.values[24..<30]) == [1, 2, 5, 6, 9, 10])
  }

  @Test("the mean image gives the size and is taken at the crop's place")
  func meanImage() throws {
    let mean = try MeanImage(Tensor([3, 4, 4], values: (0..<3).flatMap { channel in (0..<16).map { Float($0 + 50 * channel) } }))
    var parameters = TransformationParameter()
    parameters.cropSize = 2
    let tensor = try ImagePreprocessing(parameters, meanImage: mean).tensor(for: Self.image())
    #expect(tensor.shape == [1, 3, 2, 2])
    #expect(tensor.values == [0, 0, 0, 0, 50, 50, 50, 50, 95, 94, 91, 90])
    let large = try Image(width: 9, height: 7, channels: 1, pixels: [UInt8](repeating: 9, count: 63))
    #expect(try ImagePreprocessing(parameters, meanImage: mean).oversampled(large).shape == [10, 3, 2, 2])
  }

  @Test("without a size the picture gets the net's; a mean image of another size is resized")
  func sizes() throws {
    #expect(try ImagePreprocessing().tensor(for: Self.image(), height: 7, width: 3).shape == [1, 3, 7, 3])
    #expect(try ImagePreprocessing().tensor(for: Self.image()).shape == [1, 3, 4, 4])
    var preprocessing = ImagePreprocessing()
    preprocessing.resize = .init(height: 8, width: 8)
    preprocessing.mean = .image(try MeanImage(Tensor([3, 2, 2], repeating: 200)))
    #expect(try preprocessing.tensor(for: Self.image(), height: 5, width: 5).values.suffix(25).allSatisfy { $0 == 0 })
  }

  @Test("what does not fit is refused in words")
  func mistakes() throws {
    var preprocessing = ImagePreprocessing()
    preprocessing.mean = .channels([1, 2])
    #expect(throws: ShapeError.self) { try preprocessing.tensor(for: Self.image(), height: 2, width: 2) }
    preprocessing.mean = .image(try MeanImage(Tensor([1, 4, 4])))
    #expect(throws: ShapeError.self) { try preprocessing.tensor(for: Self.image(), height: 2, width: 2) }
    let error = #expect(throws: ImageError.self) { try preprocessing.tensor(for: Self.image(), height: 5, width: 2) }
    #expect(error?.message.contains("5x2 pixels of a picture resized to 4x4") == true)
    #expect(throws: ImageError.self) { try ImagePreprocessing().tensor(for: Self.image(), height: 0, width: 2) }
    #expect(throws: ImageError.self) { try ImagePreprocessing().tensor(for: Self.image(), height: Int.max, width: 2) }
  }
}
