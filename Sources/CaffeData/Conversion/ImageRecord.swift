import CaffeCore
import CaffeFormat

/// How an image file becomes a record.
struct ImageRecord {
  let bytes: [UInt8]
  /// C, H and W of the picture.
  let shape: Shape

  /// Reads an image file and makes its record: its pixels as planes, or the image encoded.
  ///
  /// A file that has the wanted kind, size and number of channels already goes in as it is.
  ///
  /// - Throws: `ImageError` when the file cannot be read or decoded.
  init(contentsOf path: String, label: Int, options: DatabaseConversion.ImageOptions) throws(ImageError) {
    let file = try ImageDecoder.bytes(of: path)
    var image = try ImageDecoder.decode(file, source: path, as: options.isGray ? .gray : .color)
    if let size = options.size { image = try image.resized(width: size.width, height: size.height) }
    shape = Shape([image.channels, image.height, image.width])
    bytes = try ImageRecord.datum(of: image, file: file, source: path, label: label, options: options).bytes
  }

  private static func datum(
    of image: Image, file: [UInt8], source: String, label: Int, options: DatabaseConversion.ImageOptions
  ) throws(ImageError) -> Datum {
    var datum = Datum()
    datum.label = label
    guard options.isEncoded else {
      (datum.channels, datum.height, datum.width) = (image.channels, image.height, image.width)
      datum.data = image.planes
      return datum
    }
    let stored = try ImageDecoder.header(of: file, source: source)
    let kind = options.encodeType ?? stored.kind
    let isAsWanted = stored.kind == kind && stored.channels == image.channels && options.size == nil
    datum.encoded = true
    datum.data = isAsWanted ? file : try ImageEncoder.encode(image, as: kind)
    return datum
  }
}

extension Image {
  /// C×H×W bytes, one channel after the other, as a record has them.
  package var planes: [UInt8] {
    guard channels > 1 else { return pixels }
    let plane = width * height
    return [UInt8](unsafeUninitializedCapacity: pixels.count) { target, count in
      pixels.withUnsafeBufferPointer { source in
        for pixel in 0..<plane {
          for channel in 0..<channels { target[channel * plane + pixel] = source[pixel * channels + channel] }
        }
      }
      count = pixels.count
    }
  }
}
