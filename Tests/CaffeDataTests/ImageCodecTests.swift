import CaffeData
import Testing

@Suite("Image files")
struct ImageCodecTests {
  @Test("PNG keeps every pixel, in colour and gray", arguments: [1, 3])
  func pngRoundTrip(channels: Int) throws {
    let image = try Image.pattern(width: 13, height: 7, channels: channels)
    let bytes = try ImageEncoder.encode(image, as: .png)
    #expect(try ImageDecoder.decode(bytes, source: "test", as: .asStored) == image)
  }

  @Test("JPEG stays near a smooth picture and keeps the order blue, green, red")
  func jpegRoundTrip() throws {
    let image = try Image.gradient(width: 40, height: 30)
    let decoded = try ImageDecoder.decode(ImageEncoder.encode(image, as: .jpeg, quality: 100), source: "test")
    let worst = zip(image.pixels, decoded.pixels).map { abs(Int($0) - Int($1)) }.max()
    #expect(worst ?? 255 <= 12)
  }

  @Test("a gray file asked for in colour repeats its value")
  func grayToColor() throws {
    let gray = try Image(width: 2, height: 1, channels: 1, pixels: [10, 200])
    let decoded = try ImageDecoder.decode(ImageEncoder.encode(gray, as: .png), source: "test")
    #expect(decoded.pixels == [10, 10, 10, 200, 200, 200])
  }

  @Test("a colour PNG asked for in gray is weighted 299:587:114")
  func colorToGray() throws {
    let color = try Image(width: 3, height: 1, channels: 3, pixels: [255, 0, 0, 0, 255, 0, 0, 0, 255])
    let decoded = try ImageDecoder.decode(ImageEncoder.encode(color, as: .png), source: "test", as: .gray)
    #expect(decoded.pixels == [29, 149, 76])
    #expect(color.gray().pixels == [29, 150, 76])
  }

  @Test("every cut of a file is refused, not guessed at", arguments: [ImageKind.jpeg, .png])
  func truncated(kind: ImageKind) throws {
    let bytes = try ImageEncoder.encode(.gradient(width: 40, height: 30), as: kind)
    for length in stride(from: 0, to: bytes.count - 14, by: 7) {
      #expect(throws: ImageError.self) { try ImageDecoder.decode(Array(bytes[..<length]), source: "cut") }
    }
  }

  @Test("seeded damage never crashes", arguments: [ImageKind.jpeg, .png])
  func mutated(kind: ImageKind) throws {
    let bytes = try ImageEncoder.encode(.gradient(width: 40, height: 30), as: kind)
    var random = SplitMix(state: 7)
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0..<4 { damaged[Int.random(in: 3..<bytes.count, using: &random)] = .random(in: 0...255, using: &random) }
      _ = try? ImageDecoder.decode(damaged, source: "damaged")
    }
  }

  @Test("a JPEG that claims 65,500 x 65,500 pixels is refused before memory is asked for")
  func hugeClaimInJPEG() throws {
    var bytes = try ImageEncoder.encode(.gradient(width: 8, height: 8), as: .jpeg)
    let frame = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    let error = #expect(throws: ImageError.self) { try ImageDecoder.decode(bytes, source: "huge.jpg") }
    #expect(error?.description.contains("huge.jpg: 65500x65500 pixels") == true)
    bytes.replaceSubrange(frame + 5..<frame + 9, with: [0x3F, 0xFF, 0x3F, 0xFF])
    let second = #expect(throws: ImageError.self) { try ImageDecoder.decode(bytes, source: "big.jpg") }
    #expect(second?.description.contains("but the file has") == true)
  }

  @Test("what is neither JPEG nor PNG is named")
  func unknownKind() {
    let error = #expect(throws: ImageError.self) { try ImageDecoder.decode(Array("GIF89a".utf8), source: "a.jpg") }
    #expect(error?.description.contains("GIF") == true)
    #expect(throws: ImageError.self) { try ImageDecoder.decode([], source: "empty") }
    #expect(throws: ImageError.self) { try ImageDecoder.decode(contentsOf: "/nowhere/a.png") }
    #expect(throws: ImageError.self) { try ImageDecoder.decode(contentsOf: "/") }
  }

  @Test("the camera's orientation is honoured")
  func orientation() throws {
    let image = try Image.gradient(width: 32, height: 16)
    let bytes = try ImageEncoder.encode(image, as: .jpeg)
    let exif: [UInt8] =
      [0xFF, 0xE1, 0, 34] + Array("Exif".utf8) + [0, 0, 0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1]
      + [0, 6, 0, 0, 0, 0, 0, 0]
    let turned = try ImageDecoder.decode(bytes[..<2] + exif + bytes[2...], source: "test")
    let plain = try ImageDecoder.decode(bytes, source: "test")
    #expect((turned.width, turned.height) == (16, 32))
    // Orientation 6: the stored picture's lower left corner belongs to the upper left.
    #expect(Array(turned.pixels[..<3]) == Array(plain.pixels[15 * 32 * 3..<15 * 32 * 3 + 3]))
  }
}

/// A small generator for damage that is the same in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
