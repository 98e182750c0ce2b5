/// The bins of each pixel of a picture: places in its region's row, by `HistogramLayout`.
struct PixelBins: Sendable {
  let layout: HistogramLayout
  /// By pixel `layout.perPixel` numbers: for each channel its texture's four places in the row, then each channel's colour bin,
  /// counted from the colours' beginning.
  ///
  /// A slope has one sign: the bin of the opposite direction is that of no slope at all, and is not listed.
  let bins: [UInt8]

  init(_ picture: ColorPlanes) {
    let layout = HistogramLayout(channels: picture.planes.count)
    var bins = [UInt8](repeating: 0, count: picture.width * picture.height * layout.perPixel)
    let kernel = SmoothingKernel(sigma: 1, bits: 7)
    for (channel, bytes) in picture.planes.enumerated() {
      let plane = FloatPlane<Float>(bytes, width: picture.width, height: picture.height)
      let right = plane.filtered(rows: kernel.slopes, columns: kernel.weights).values
      let down = plane.filtered(rows: kernel.weights, columns: kernel.slopes).values
      bins.withUnsafeMutableBufferPointer { bins in
        PixelBins.addTexture(right, down, to: bins, channel, layout)
        let place = layout.channels * 4 + channel
        for pixel in 0..<bytes.count {
          let bin = (Int(bytes[pixel]) &* HistogramLayout.colorBins) &>> 8 &+ channel &* HistogramLayout.colorBins
          bins[pixel &* layout.perPixel &+ place] = UInt8(truncatingIfNeeded: bin)
        }
      }
    }
    self.layout = layout
    self.bins = bins
  }

  /// Sorts the slopes along each axis into two times ten bins, those of each sign between 0 and the steepest of the picture.
  ///
  /// The axes go to the right, down, down and right, down and left. A slope is a vector, so the diagonals follow from the others;
  /// each is compared within its direction alone, so factors do not matter.
  private static func addTexture(
    _ right: [Float], _ down: [Float], to bins: UnsafeMutableBufferPointer<UInt8>, _ channel: Int, _ layout: HistogramLayout
  ) {
    let start = channel &* 4
    let axes = (0..<4).map { SlopeScale(start + $0) }
    var (first, second, third, fourth) = (axes[0], axes[1], axes[2], axes[3])
    right.withUnsafeBufferPointer { right in
      down.withUnsafeBufferPointer { down in
        for pixel in 0..<right.count {
          let (x, y) = (right[pixel], down[pixel])
          first.note(x)
          second.note(y)
          third.note(y + x)
          fourth.note(y - x)
        }
        for pixel in 0..<right.count {
          let (x, y) = (right[pixel], down[pixel])
          let place = pixel &* layout.perPixel &+ start
          bins[place] = first.bin(x)
          bins[place &+ 1] = second.bin(y)
          bins[place &+ 2] = third.bin(y + x)
          bins[place &+ 3] = fourth.bin(y - x)
        }
      }
    }
  }
}

/// The bins of the slopes along one axis of a channel.
private struct SlopeScale {
  private var up: Float = 0
  private var down: Float = 0
  private let start: Int32

  /// - Parameter number: of the axis, counted through the channels.
  init(_ number: Int) { start = Int32(number * 2 * HistogramLayout.textureBins) }

  @inline(__always)
  mutating func note(_ slope: Float) {
    up = slope > up ? slope : up
    down = slope < down ? slope : down
  }

  /// The place in a region's row; there are ten for slopes upwards, then ten for slopes downwards.
  @inline(__always)
  func bin(_ slope: Float) -> UInt8 {
    let count = Int32(HistogramLayout.textureBins)
    guard slope != 0 else { return UInt8(truncatingIfNeeded: start) }
    let share = slope / (slope < 0 ? down : up)
    let bin = min(Int32(share * Float(count)), count &- 1)
    return UInt8(truncatingIfNeeded: start &+ bin &+ (slope < 0 ? count : 0))
  }
}
