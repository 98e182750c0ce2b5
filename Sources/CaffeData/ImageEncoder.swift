/// Turns `Image`s into the bytes of JPEG and PNG files.
public enum ImageEncoder {
  /// The bytes of an image file.
  ///
  /// - Parameter quality: for JPEG, 1 (smallest) to 100 (best); 95 is what OpenCV and so Caffe's tools use.
  /// - Throws: `ImageError` when a side passes what the format can hold.
  public static func encode(_ image: Image, as kind: ImageKind, quality: Int = 95) throws(ImageError) -> [UInt8] {
    switch kind {
    case .jpeg: try JPEGCodec.encode(image, quality: quality)
    case .png: try PNGCodec.encode(image)
    }
  }
}
