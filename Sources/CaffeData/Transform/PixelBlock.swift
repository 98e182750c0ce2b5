/// C planes of H rows of W values in borrowed memory, in any order: planes one after the other as in a Datum, or the
/// channels of a pixel beside each other as in an `Image`.
package struct PixelBlock<Element> {
  package let channels: Int
  package let height: Int
  package let width: Int
  /// Distances between neighbours, in elements.
  fileprivate let strides: (channel: Int, row: Int, pixel: Int)
  fileprivate let elements: UnsafeBufferPointer<Element>

  /// Planes one after the other: C×H×W.
  ///
  /// - Throws: `DataSettingsError` when a side is not positive or there are not C·H·W elements.
  package init(
    planes elements: UnsafeBufferPointer<Element>, channels: Int, height: Int, width: Int
  ) throws(DataSettingsError) {
    guard channels > 0, height > 0, width > 0 else {
      throw DataSettingsError("\(channels)x\(height)x\(width) is no size of a picture: each side must be at least 1")
    }
    let (plane, overflow) = height.multipliedReportingOverflow(by: width)
    let (count, countOverflow) = plane.multipliedReportingOverflow(by: channels)
    guard !overflow, !countOverflow, elements.count == count else {
      throw DataSettingsError("\(channels)x\(height)x\(width) values are claimed, \(elements.count) are there")
    }
    self.init(elements, channels, height, width, strides: (plane, width, 1))
  }

  fileprivate init(
    _ elements: UnsafeBufferPointer<Element>, _ channels: Int, _ height: Int, _ width: Int,
    strides: (channel: Int, row: Int, pixel: Int)
  ) {
    self.elements = elements
    self.channels = channels
    self.height = height
    self.width = width
    self.strides = strides
  }
}

extension PixelBlock<UInt8> {
  /// Gives `body` the pixels of a picture.
  package static func with<R>(_ image: Image, _ body: (PixelBlock) throws -> R) rethrows -> R {
    try image.pixels.withUnsafeBufferPointer { pixels in
      let strides = (1, image.width * image.channels, image.channels)
      return try body(PixelBlock(pixels, image.channels, image.height, image.width, strides: strides))
    }
  }
}

extension PixelBlock where Element: PixelElement {
  /// The same pixels as an image; nil where they are no bytes, or have other channels than an image.
  var image: Image? {
    guard let block = self as? PixelBlock<UInt8>, channels == 1 || channels == 3 else { return nil }
    var pixels: [UInt8] = []
    pixels.reserveCapacity(channels * height * width)
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<channels {
          pixels.append(block.elements[channel * strides.channel + y * strides.row + x * strides.pixel])
        }
      }
    }
    return try? Image(width: width, height: height, channels: channels, pixels: pixels)
  }
}

/// The part of a picture that goes to the net.
package struct PixelWindow: Equatable, Sendable {
  /// The first row and column.
  package var top: Int
  package var left: Int
  /// H and W of the part.
  package var height: Int
  package var width: Int
  /// Whether left and right are exchanged.
  package var isMirrored: Bool

  package init(top: Int, left: Int, height: Int, width: Int, isMirrored: Bool = false) {
    self.top = top
    self.left = left
    self.height = height
    self.width = width
    self.isMirrored = isMirrored
  }
}

/// What is subtracted from each value before it is scaled.
package enum PixelOffset: Sendable {
  case none
  /// One number for all channels, or one per channel.
  case channels([Float])
  /// C×H×W numbers of the whole picture's size, taken at the window's place.
  case image([Float])
}

extension PixelBlock where Element: PixelElement {
  /// Writes C×h×w floats: (value − offset) · scale for each value in the window.
  ///
  /// - Precondition: the window lies inside, `output` holds C·h·w floats, and the offset fits the picture.
  package func write(
    _ window: PixelWindow, minus offset: PixelOffset, times scale: Float, into output: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(output.count == channels * window.height * window.width, "a window of another size")
    precondition(window.top + window.height <= height && window.left + window.width <= width, "a window outside")
    for channel in 0..<channels {
      for y in 0..<window.height {
        let start = (channel * window.height + y) * window.width
        let row = UnsafeMutableBufferPointer(rebasing: output[start..<start + window.width])
        writeRow(channel, window.top + y, window, minus: offset, times: scale, into: row)
      }
    }
  }

  private func writeRow(
    _ channel: Int, _ y: Int, _ window: PixelWindow, minus offset: PixelOffset, times scale: Float,
    into row: UnsafeMutableBufferPointer<Float>
  ) {
    let start = channel * strides.channel + y * strides.row + window.left * strides.pixel
    switch offset {
    case .none: copy(from: start, into: row) { value, _ in value * scale }
    case .channels(let values):
      let mean = values[values.count == 1 ? 0 : channel]
      copy(from: start, into: row) { value, _ in (value - mean) * scale }
    case .image(let values):
      let place = (channel * height + y) * width + window.left
      values.withUnsafeBufferPointer { values in
        copy(from: start, into: row) { value, x in (value - values[place + x]) * scale }
      }
    }
    guard window.isMirrored else { return }
    for x in 0..<row.count / 2 { row.swapAt(x, row.count - 1 - x) }
  }

  /// One row; neighbours that lie side by side are a case of their own, which the compiler turns into vector code.
  @inline(__always)
  private func copy(
    from start: Int, into row: UnsafeMutableBufferPointer<Float>, _ transform: (Float, _ x: Int) -> Float
  ) {
    guard strides.pixel != 1 else {
      for x in row.indices { row[x] = transform(elements[start + x].asFloat, x) }
      return
    }
    for x in row.indices { row[x] = transform(elements[start + x * strides.pixel].asFloat, x) }
  }
}

/// A type of stored pixels.
package protocol PixelElement {
  var asFloat: Float { get }
}

extension UInt8: PixelElement {
  @inline(__always) package var asFloat: Float { Float(self) }
}

extension Float: PixelElement {
  @inline(__always) package var asFloat: Float { self }
}
