import CaffeCore

/// Turns JPEG and PNG files into `Image`s, pixel for pixel as OpenCV does.
public enum ImageDecoder {
  /// The channels a decoded image gets.
  public enum Channels: Sendable {
    /// Blue, green, red; gray files repeat their value.
    case color
    /// One channel: a JPEG's luma, or a PNG's weighted sum.
    case gray
    /// One for gray files, three for all others.
    case asStored
  }

  /// The most bytes an image file may have: 1 GiB.
  public static let maximumFileSize = 1 << 30

  /// Decodes an image file; its kind is told by its content, not its name.
  ///
  /// - Throws: `ImageError` naming the file when it cannot be read, is neither JPEG nor PNG, or is damaged.
  public static func decode(contentsOf path: String, as channels: Channels = .color) throws(ImageError) -> Image {
    try decode(try bytes(of: path), source: path, as: channels)
  }

  /// The bytes of an image file.
  static func bytes(of path: String) throws(ImageError) -> [UInt8] {
    do throws(FileError) {
      return try FileBytes.read(path, limit: maximumFileSize)
    } catch {
      throw ImageError(source: path, error.reason)
    }
  }

  /// Decodes an image held in memory.
  ///
  /// - Parameter source: the name that errors show.
  /// - Throws: `ImageError` when the bytes are neither JPEG nor PNG, or are damaged.
  public static func decode(_ bytes: [UInt8], source: String, as channels: Channels = .color) throws(ImageError) -> Image {
    var result: Result<Image, ImageError>?
    bytes.withUnsafeBufferPointer { buffer in
      result = Result { () throws(ImageError) in try decode(buffer, source: source, as: channels) }
    }
    guard let result else { throw ImageError(source: source, "nothing was decoded") }
    return try result.get()
  }

  /// Decodes an image in borrowed memory, for one a value inside a mapped database.
  ///
  /// - Throws: `ImageError` when the bytes are neither JPEG nor PNG, or are damaged.
  package static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, source: String, as channels: Channels = .color
  ) throws(ImageError) -> Image {
    switch ImageKind(of: bytes) {
    case .jpeg: try JPEGCodec.decode(bytes, source: source, as: channels)
    case .png: try PNGCodec.decode(bytes, source: source, as: channels)
    case nil: throw ImageError(source: source, "neither a JPEG nor a PNG image: \(ImageKind.describe(bytes))")
    }
  }

  /// What a file says of itself: its kind, and the channels it would be decoded to as stored.
  ///
  /// - Throws: `ImageError` when the bytes are neither JPEG nor PNG, or their header is damaged.
  static func header(of bytes: [UInt8], source: String) throws(ImageError) -> (kind: ImageKind, channels: Int) {
    var result: Result<(kind: ImageKind, channels: Int), ImageError>?
    bytes.withUnsafeBufferPointer { buffer in
      result = Result { () throws(ImageError) in
        switch ImageKind(of: buffer) {
        case .jpeg: (.jpeg, try JPEGCodec.storedChannels(of: buffer, source: source))
        case .png: (.png, try PNGCodec.storedChannels(of: buffer, source: source))
        case nil: throw ImageError(source: source, "neither a JPEG nor a PNG image: \(ImageKind.describe(buffer))")
        }
      }
    }
    guard let result else { throw ImageError(source: source, "nothing was decoded") }
    return try result.get()
  }
}
