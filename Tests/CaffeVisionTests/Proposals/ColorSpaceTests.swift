import CaffeData
import Testing

@testable import CaffeVision

@Suite("Colours of a picture")
struct ColorSpaceTests {
  /// Blue, green, red of well-known colours, and what OpenCV 4.14 makes of them.
  private static let known: [(color: [UInt8], hsv: [UInt8], lab: [UInt8])] = [
    ([0, 0, 0], [0, 0, 0], [0, 128, 128]), ([255, 255, 255], [0, 0, 255], [255, 128, 128]),
    ([0, 0, 255], [0, 255, 255], [136, 208, 195]), ([0, 255, 0], [60, 255, 255], [224, 42, 211]),
    ([255, 0, 0], [120, 255, 255], [82, 207, 20]), ([128, 128, 128], [0, 0, 128], [137, 128, 128]),
    ([255, 255, 0], [90, 255, 255], [233, 80, 114]), ([255, 0, 255], [150, 255, 255], [154, 226, 67]),
    ([0, 255, 255], [30, 255, 255], [248, 106, 223]),
  ]

  private func planes(_ color: [UInt8], _ space: SelectiveSearch.ColorSpace) throws -> [UInt8] {
    let image = try Image(width: 1, height: 1, channels: color.count, pixels: color)
    return ColorPlanes(image, in: space).planes.map { $0[0] }
  }

  @Test("black, white, gray, the primary colours and what two of them make")
  func primaries() throws {
    for (color, hsv, lab) in Self.known {
      #expect(try planes(color, .hsv) == hsv)
      #expect(try planes(color, .lab) == lab)
      #expect(try planes(color, .hue) == [hsv[0]])
    }
  }

  @Test("shares of red and green add up with blue's to one; the third plane is the mean")
  func shares() throws {
    #expect(try planes([10, 20, 70], .rgi) == [179, 51, 33])
    #expect(try planes([0, 0, 0], .rgi) == [85, 85, 0])
    #expect(try planes([9, 9, 9], .rgi) == [85, 85, 9])
    #expect(try planes([0, 0, 255], .intensity) == [76])
  }

  @Test("a gray picture counts as one of three equal channels", arguments: SelectiveSearch.ColorSpace.allCases)
  func gray(space: SelectiveSearch.ColorSpace) throws {
    let values = (0...255).map { UInt8($0) }
    let gray = try Image(width: 256, height: 1, channels: 1, pixels: values)
    let color = try Image(width: 256, height: 1, channels: 3, pixels: values.flatMap { [$0, $0, $0] })
    #expect(ColorPlanes(gray, in: space) == ColorPlanes(color, in: space))
  }

  @Test("L, a and b of a thousand colours are within one of the formulas' values")
  func formulas() throws {
    for index in 0..<1000 {
      let color = [index * 7919 % 256, index * 104_729 % 256, index * 1_299_709 % 256].map { UInt8($0) }
      let found = try planes(color, .lab)
      for (value, exact) in zip(found, Formulas.lab(color)) { #expect(abs(Double(value) - exact) <= 1.5, "\(color)") }
    }
  }
}
