import CJPEG

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The calls to libjpeg.
enum JPEGCodec {
  /// A block of 64 pixels takes at least two bits, so a file cannot honestly claim more pixels than this a byte.
  private static let maximumPixelsPerByte = 2048

  static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, source: String, as channels: ImageDecoder.Channels
  ) throws(ImageError) -> Image {
    let header = try header(of: bytes, source: source)
    let width = Int(header.width)
    let height = Int(header.height)
    let count = channels.count(stored: channelCount(header))
    try Image.check(width: width, height: height, channels: count, source: source)
    guard width * height / maximumPixelsPerByte <= bytes.count else {
      throw ImageError(source: source, "the JPEG header claims \(width)x\(height) pixels, but the file has \(bytes.count) bytes")
    }
    let pixels = try pixels(of: bytes, width: width, height: height, channels: count, source: source)
    let image = Image(checkedWidth: width, height: height, channels: count, pixels: pixels)
    return ImageOrientation(rawValue: Int(header.orientation))?.upright(image) ?? image
  }

  /// - Parameter quality: 1 (smallest) to 100 (best); beyond that it is clamped.
  static func encode(_ image: Image, quality: Int) throws(ImageError) -> [UInt8] {
    var encoded: UnsafeMutablePointer<UInt8>?
    var count = 0
    try check(source: "encoder") { message in
      cjpeg_encode(
        image.pixels, Int32(image.width), Int32(image.height), Int32(image.channels), Int32(min(max(quality, 1), 100)),
        &encoded, &count, message)
    }
    defer { free(encoded) }
    return Array(UnsafeBufferPointer(start: encoded, count: count))
  }

  /// The channels of the file: 1 or 3.
  static func storedChannels(of bytes: UnsafeBufferPointer<UInt8>, source: String) throws(ImageError) -> Int {
    channelCount(try header(of: bytes, source: source))
  }

  private static func channelCount(_ header: cjpeg_header) -> Int { header.components == 1 ? 1 : 3 }

  private static func header(of bytes: UnsafeBufferPointer<UInt8>, source: String) throws(ImageError) -> cjpeg_header {
    var header = cjpeg_header()
    try check(source: source) { cjpeg_read_header(bytes.baseAddress, bytes.count, &header, $0) }
    return header
  }

  private static func pixels(
    of bytes: UnsafeBufferPointer<UInt8>, width: Int, height: Int, channels: Int, source: String
  ) throws(ImageError) -> [UInt8] {
    let size = width * height * channels
    var failure: ImageError?
    let pixels = [UInt8](unsafeUninitializedCapacity: size) { target, filled in
      do throws(ImageError) {
        try check(source: source) { message in
          cjpeg_decode(bytes.baseAddress, bytes.count, Int32(channels), target.baseAddress, size, message)
        }
        filled = size
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return pixels
  }

  /// The one place where libjpeg's status becomes an error.
  private static func check(
    source: String, _ call: (UnsafeMutablePointer<CChar>?) -> Int32
  ) throws(ImageError) {
    var message = [CChar](repeating: 0, count: Int(CJPEG_MESSAGE_SIZE))
    let status = message.withUnsafeMutableBufferPointer { call($0.baseAddress) }
    guard status == 0 else { throw ImageError(source: source, "damaged JPEG image: \(text(message))") }
  }
}

/// The text of a C string in a fixed buffer.
func text(_ buffer: [CChar]) -> String {
  String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

extension ImageDecoder.Channels {
  /// The channels to decode to, for a file that stores 1 or 3.
  func count(stored: Int) -> Int {
    switch self {
    case .color: 3
    case .gray: 1
    case .asStored: stored
    }
  }
}
