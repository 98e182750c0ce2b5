import CPNG

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The calls to libpng.
enum PNGCodec {
  /// Deflate packs at most 1032 bytes into one, and a byte holds at most 8 pixels.
  private static let maximumPixelsPerByte = 1032 * 8

  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, source: String, as channels: ImageDecoder.Channels
  ) throws(ImageError) -> Image {
    let header = try header(of: bytes, source: source)
    let width = Int(header.width)
    let height = Int(header.height)
    let count = channels.count(stored: Int(header.channels))
    try Image.check(width: width, height: height, channels: count, source: source)
    guard width * height / maximumPixelsPerByte <= bytes.count else {
      throw ImageError(source: source, "the PNG header claims \(width)x\(height) pixels, but the file has \(bytes.count) bytes")
    }
    let pixels = try pixels(of: bytes, width: width, height: height, channels: count, source: source)
    return Image(checkedWidth: width, height: height, channels: count, pixels: pixels)
  }

  /// The channels of the file: 1 or 3.
  static func storedChannels(of bytes: UnsafeBufferPointer<UInt8>, source: String) throws(ImageError) -> Int {
    Int(try header(of: bytes, source: source).channels)
  }

  private static func header(of bytes: UnsafeBufferPointer<UInt8>, source: String) throws(ImageError) -> cpng_header {
    var header = cpng_header()
    try check(source: source) { cpng_read_header(bytes.baseAddress, bytes.count, &header, $0) }
    return header
  }

  static func encode(_ image: Image) throws(ImageError) -> [UInt8] {
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    try check(source: "encoder") { message in
      cpng_encode(
        image.pixels, Int32(image.width), Int32(image.height), Int32(image.channels), &encoded, &count, message)
    }
    defer { free(encoded) }
    return Array(UnsafeBufferPointer(start: encoded, count: count))
  }

  private static func pixels(
    of bytes: UnsafeBufferPointer<UInt8>, width: Int, height: Int, channels: Int, source: String
  ) throws(ImageError) -> [UInt8] {
    let size = width * height * channels
    var failure: ImageError?
    let pixels = [UInt8](unsafeUninitializedCapacity: size) { target, filled in
      do throws(ImageError) {
        try check(source: source) { message in
          cpng_decode(bytes.baseAddress, bytes.count, Int32(channels), target.baseAddress, size, message)
        }
        filled = size
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return pixels
  }

  /// The one place where libpng's status becomes an error.
  private static func check(
    source: String, _ call: (UnsafeMutablePointer<CChar>?) -> Int32
  ) throws(ImageError) {
    var message = [CChar](repeating: 0, count: Int(CPNG_MESSAGE_SIZE))
    let status = message.withUnsafeMutableBufferPointer { call($0.baseAddress) }
    guard status == 0 else { throw ImageError(source: source, "damaged PNG image: \(text(message))") }
  }
}
