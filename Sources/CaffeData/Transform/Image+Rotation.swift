#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Image {
  /// The picture turned about its middle, bilinear, at the same size; the nearest border pixels fill what becomes free.
  ///
  /// - Parameter degrees: counter-clockwise.
  func rotated(byDegrees degrees: Float) -> Image {
    guard degrees != 0 else { return self }
    let (cosine, sine) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    let (middleX, middleY) = (Float(width - 1) / 2, Float(height - 1) / 2)
    let values = [UInt8](unsafeUninitializedCapacity: pixels.count) { target, count in
      pixels.withUnsafeBufferPointer { source in
        for y in 0..<height {
          for x in 0..<width {
            let (across, down) = (Float(x) - middleX, Float(y) - middleY)
            let place = (x: across * cosine - down * sine + middleX, y: across * sine + down * cosine + middleY)
            sample(source, at: place, into: target.dropFirst((y * width + x) * channels))
          }
        }
      }
      count = pixels.count
    }
    return Image(checkedWidth: width, height: height, channels: channels, pixels: values)
  }

  /// The pixel at a place between pixels.
  private func sample(
    _ source: UnsafeBufferPointer<UInt8>, at place: (x: Float, y: Float), into target: Slice<UnsafeMutableBufferPointer<UInt8>>
  ) {
    let (x, y) = (min(max(place.x, 0), Float(width - 1)), min(max(place.y, 0), Float(height - 1)))
    let (left, top) = (Int(x), Int(y))
    let (right, bottom) = (min(left + 1, width - 1), min(top + 1, height - 1))
    let (across, down) = (x - Float(left), y - Float(top))
    var target = target
    for channel in 0..<channels {
      func value(_ x: Int, _ y: Int) -> Float { Float(source[(y * width + x) * channels + channel]) }
      let upper = value(left, top) * (1 - across) + value(right, top) * across
      let lower = value(left, bottom) * (1 - across) + value(right, bottom) * across
      target[target.startIndex + channel] = UInt8((upper * (1 - down) + lower * down).rounded())
    }
  }
}
