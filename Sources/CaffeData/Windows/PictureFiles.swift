import Synchronization

/// Decodes pictures, which may stay in memory: as pixels as long as there is room, then as files.
final class PictureFiles: Sendable {
  /// The most bytes of pixels that are kept: 256 MiB.
  private static let room = 1 << 28

  private struct Kept {
    var images: [String: Image] = [:]
    var files: [String: [UInt8]] = [:]
    var size = 0
  }

  private let isKept: Bool
  private let kept = Mutex(Kept())

  init(isKept: Bool) { self.isKept = isKept }

  /// - Throws: `ImageError` when the picture cannot be read.
  func image(_ path: String) throws(ImageError) -> Image {
    guard isKept else { return try ImageDecoder.decode(contentsOf: path, as: .color) }
    let known = kept.withLock { ($0.images[path], $0.files[path]) }
    if let image = known.0 { return image }
    let bytes = if let file = known.1 { file } else { try ImageDecoder.bytes(of: path) }
    let image = try ImageDecoder.decode(bytes, source: path, as: .color)
    kept.withLock { kept in
      if kept.size + image.pixels.count <= PictureFiles.room {
        if kept.images.updateValue(image, forKey: path) == nil { kept.size += image.pixels.count }
        kept.files[path] = nil
      } else {
        kept.files[path] = bytes
      }
    }
    return image
  }
}
