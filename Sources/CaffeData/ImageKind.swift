/// The image formats that are read and written.
public enum ImageKind: String, Sendable {
  case jpeg, png

  /// The format whose signature the bytes begin with.
  package init?(of bytes: UnsafeBufferPointer<UInt8>) {
    let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF]
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    if bytes.starts(with: jpeg) {
      self = .jpeg
    } else if bytes.starts(with: png) {
      self = .png
    } else {
      return nil
    }
  }

  /// The format a file name's ending or OpenCV's `encode_type` asks for: jpg, jpeg or png, with or without a dot.
  public init?(fileExtension: String) {
    switch fileExtension.lowercased() {
    case "jpg", "jpeg", ".jpg", ".jpeg": self = .jpeg
    case "png", ".png": self = .png
    default: return nil
    }
  }

  /// What the bytes look like instead, for a message.
  static func describe(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    guard !bytes.isEmpty else { return "there are no bytes" }
    let others: [(String, [UInt8])] = [
      ("GIF", Array("GIF8".utf8)), ("BMP", Array("BM".utf8)), ("WebP", Array("RIFF".utf8)), ("TIFF", [0x49, 0x49, 0x2A, 0]),
      ("TIFF", [0x4D, 0x4D, 0, 0x2A]), ("HTML", Array("<".utf8)),
    ]
    if let other = others.first(where: { bytes.starts(with: $0.1) }) {
      return "it looks like \(other.0); convert it to JPEG or PNG first"
    }
    let shown = bytes.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    return "it begins with the bytes \(shown)"
  }
}
