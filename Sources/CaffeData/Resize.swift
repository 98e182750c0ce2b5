extension Image {
  /// The picture at another size, bilinear without smoothing, in OpenCV's fixed-point arithmetic (`INTER_LINEAR`).
  ///
  /// - Throws: `ImageError` when the new size is not positive or too large.
  public func resized(width target: Int, height targetHeight: Int) throws(ImageError) -> Image {
    try Image.check(width: target, height: targetHeight, channels: channels, source: "resize")
    guard target != width || targetHeight != height else { return self }
    var rows = RowPair(image: self, columns: Resampling(from: width, to: target))
    let lines = Resampling(from: height, to: targetHeight)
    let weights = lines.fixedPoint
    let stride = target * channels
    let values = [UInt8](unsafeUninitializedCapacity: stride * targetHeight) { output, count in
      for y in 0..<targetHeight {
        rows.move(to: lines.first[y], lines.second[y])
        rows.blend(weights[y], into: UnsafeMutableBufferPointer(rebasing: output[y * stride..<(y + 1) * stride]))
      }
      count = stride * targetHeight
    }
    return Image(checkedWidth: target, height: targetHeight, channels: channels, pixels: values)
  }
}

/// Two source rows stretched to the target's width, kept from one target row to the next.
private struct RowPair {
  private let image: Image
  private let columns: [Tap]
  private var upper: [Int32]
  private var lower: [Int32]
  private var upperRow = -1
  private var lowerRow = -1

  /// Which two values of a source row make one of a target row, with their weights in units of 1/2048.
  private struct Tap {
    let first: Int32
    let second: Int32
    let firstWeight: Int32
    let secondWeight: Int32
  }

  init(image: Image, columns: Resampling) {
    self.image = image
    let weights = columns.fixedPoint
    let channels = image.channels
    self.columns = weights.indices.flatMap { x in
      (0..<channels).map { channel in
        Tap(
          first: Int32(columns.first[x] * channels + channel), second: Int32(columns.second[x] * channels + channel),
          firstWeight: weights[x].first, secondWeight: weights[x].second)
      }
    }
    upper = [Int32](repeating: 0, count: self.columns.count)
    lower = upper
  }

  /// Makes source rows `first` and `second` the current ones.
  mutating func move(to first: Int, _ second: Int) {
    if first == lowerRow {
      swap(&upper, &lower)
      swap(&upperRow, &lowerRow)
    }
    if first != upperRow { RowPair.stretch(image, row: first, columns, into: &upper) }
    upperRow = first
    if second != lowerRow { RowPair.stretch(image, row: second, columns, into: &lower) }
    lowerRow = second
  }

  /// Writes one target row; the shifts are those of OpenCV, whose results they reproduce.
  func blend(_ weight: (first: Int32, second: Int32), into output: UnsafeMutableBufferPointer<UInt8>) {
    upper.withUnsafeBufferPointer { upper in
      lower.withUnsafeBufferPointer { lower in
        for x in output.indices {
          let top = (weight.first &* (upper[x] >> 4)) >> 16
          let bottom = (weight.second &* (lower[x] >> 4)) >> 16
          output[x] = UInt8(truncatingIfNeeded: (top &+ bottom &+ 2) >> 2)
        }
      }
    }
  }

  private static func stretch(_ image: Image, row: Int, _ columns: [Tap], into target: inout [Int32]) {
    let start = row * image.width * image.channels
    image.pixels.withUnsafeBufferPointer { pixels in
      let source = UnsafeBufferPointer(rebasing: pixels[start..<start + image.width * image.channels])
      columns.withUnsafeBufferPointer { columns in
        target.withUnsafeMutableBufferPointer { target in
          for x in target.indices {
            let tap = columns[x]
            target[x] = Int32(source[Int(tap.first)]) &* tap.firstWeight &+ Int32(source[Int(tap.second)]) &* tap.secondWeight
          }
        }
      }
    }
  }
}
