import CaffeCore

/// Puts what a window shows into a net's input: stretched to its size, less the mean, scaled; the rest is 0.
package struct WindowPainter: Sendable {
  /// What is taken off each pixel.
  package enum Mean: Sendable {
    case none
    /// One number for all channels, or one each.
    case channels([Float])
    /// A picture, taken in its middle.
    case image(MeanImage)
  }

  /// H and W of the net's input, in pixels.
  package let height: Int
  package let width: Int
  private let mean: Mean
  private let scale: Float

  /// - Parameter mean: one that fits, as `check` tells.
  package init(height: Int, width: Int, mean: Mean, scale: Float) {
    (self.height, self.width, self.mean, self.scale) = (height, width, mean, scale)
  }

  /// - Throws: `DataSettingsError` when the mean does not fit the crop.
  package func check(channels: Int) throws(DataSettingsError) {
    switch mean {
    case .none: return
    case .channels(let values):
      guard values.count == 1 || values.count == channels else {
        throw DataSettingsError("\(values.count) mean_value for \(channels) channels; give one, or one per channel")
      }
    case .image(let image):
      let shape = image.tensor.shape
      let offset = (shape[2] - width) / 2
      guard shape[0] == channels, shape[2] >= width, shape[1] >= height + offset else {
        throw DataSettingsError("the mean image is \(shape), too small for windows of \(channels)x\(height)x\(width)")
      }
    }
  }

  /// Writes C×H×W values.
  ///
  /// - Throws: `ImageError` when the part cannot be stretched to that size.
  package func paint(
    _ crop: WindowCrop, of image: Image, isMirrored: Bool = false, into output: UnsafeMutableBufferPointer<Float>
  ) throws(ImageError) {
    output.update(repeating: 0)
    guard crop.width > 0, crop.height > 0 else { return }
    let part = try image.part(crop.source).resized(width: crop.width, height: crop.height)
    for channel in 0..<image.channels {
      for y in 0..<crop.height {
        let start = (channel * height + crop.top + y) * width + crop.left
        for x in 0..<crop.width {
          let pixel = part.pixels[(y * crop.width + (isMirrored ? crop.width - 1 - x : x)) * image.channels + channel]
          output[start + x] = (Float(pixel) - offset(channel, crop.top + y, crop.left + x)) * scale
        }
      }
    }
  }

  /// What is taken off at a place of the crop.
  private func offset(_ channel: Int, _ y: Int, _ x: Int) -> Float {
    switch mean {
    case .none: return 0
    case .channels(let values): return values[values.count == 1 ? 0 : channel]
    case .image(let image):
      let tensor = image.tensor
      // Caffe counts both offsets in the width.
      let offset = (tensor.shape[2] - width) / 2
      return tensor.values[(channel * tensor.shape[1] + y + offset) * tensor.shape[2] + x + offset]
    }
  }
}
