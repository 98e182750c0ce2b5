import CaffeCore
import CaffeFormat

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Varies pictures at random: `augmentation_param` at work. The draws of an item depend on the seed and the item's number alone.
struct PictureVariation: Sendable {
  /// The draws of an item's stream, by their numbers.
  private enum Draw {
    static let brightness = 0, contrast = 1, saturation = 2, hue = 3, angle = 4
    static let area = 5, aspect = 6, left = 7, top = 8, scale = 9
  }

  private let parameters: AugmentationParameter
  private let cropSize: Int
  private let random: RandomStream

  /// Whether the picture that is cut has another size than the one that came.
  var changesSize: Bool { takesRegions || scales }

  private var takesRegions: Bool { parameters.minArea < 1 || parameters.maxAspect > 1 }
  private var scales: Bool { parameters.minScale != 1 || parameters.maxScale != 1 }

  /// - Parameter random: the stream that items' draws come from.
  /// - Throws: `DataSettingsError` for numbers that make no sense or contradict each other.
  init(_ parameters: AugmentationParameter, cropSize: Int, random: RandomStream) throws(DataSettingsError) {
    self.parameters = parameters
    self.cropSize = cropSize
    self.random = random
    try check()
  }

  private func check() throws(DataSettingsError) {
    let p = parameters
    guard p.minArea > 0, p.minArea <= p.maxArea, p.maxArea <= 1, (1...100).contains(p.maxAspect) else {
      throw DataSettingsError("augmentation_param: 0 < min_area <= max_area <= 1, and max_aspect is from 1 to 100")
    }
    guard p.minScale >= 0.01, p.minScale <= p.maxScale, p.maxScale <= 100 else {
      throw DataSettingsError("augmentation_param: 0.01 <= min_scale <= max_scale <= 100")
    }
    guard (0...180).contains(p.maxAngle), (0...180).contains(p.hue), (0...255).contains(p.brightness) else {
      throw DataSettingsError("augmentation_param: max_angle and hue are from 0 to 180 degrees, brightness from 0 to 255")
    }
    guard (0...1).contains(p.contrast), (0...1).contains(p.saturation) else {
      throw DataSettingsError("augmentation_param: contrast and saturation are from 0 to 1")
    }
    guard !changesSize || cropSize > 0 else {
      throw DataSettingsError("augmentation_param: regions and scales need a crop_size, or pictures would differ in size")
    }
    guard !takesRegions || !scales else {
      throw DataSettingsError("augmentation_param: regions (min_area, max_aspect) and scales exclude each other")
    }
  }

  /// The least height and width that a picture of H×W can get.
  func least(height: Int, width: Int) -> (height: Int, width: Int) {
    if takesRegions { return (cropSize, cropSize) }
    return (scaled(height, by: parameters.minScale), scaled(width, by: parameters.minScale))
  }

  /// The picture of item number `item`, varied.
  ///
  /// - Throws: `ImageError` when it becomes too large.
  func apply(to image: Image, item: Int) throws(ImageError) -> Image {
    let draws = random.appending(UInt64(bitPattern: Int64(item)))
    var image = colours(draws).apply(to: image)
    if parameters.maxAngle > 0 { image = image.rotated(byDegrees: spread(draws, Draw.angle, parameters.maxAngle)) }
    if takesRegions { return try region(of: image, draws) }
    guard scales else { return image }
    let factor = parameters.minScale + draws.uniform(Draw.scale) * (parameters.maxScale - parameters.minScale)
    return try image.resized(width: scaled(image.width, by: factor), height: scaled(image.height, by: factor))
  }

  private func colours(_ draws: RandomStream) -> ColourChange {
    ColourChange(
      brightness: spread(draws, Draw.brightness, parameters.brightness),
      contrast: 1 + spread(draws, Draw.contrast, parameters.contrast),
      saturation: 1 + spread(draws, Draw.saturation, parameters.saturation), hueDegrees: spread(draws, Draw.hue, parameters.hue))
  }

  private func region(of image: Image, _ draws: RandomStream) throws(ImageError) -> Image {
    let area = parameters.minArea + draws.uniform(Draw.area) * (parameters.maxArea - parameters.minArea)
    let aspect = pow(parameters.maxAspect, spread(draws, Draw.aspect, 1))
    let width = min(max(Int((Float(image.width) * (area * aspect).squareRoot()).rounded()), 1), image.width)
    let height = min(max(Int((Float(image.height) * (area / aspect).squareRoot()).rounded()), 1), image.height)
    let left = draws.integer(Draw.left, below: image.width - width + 1)
    let top = draws.integer(Draw.top, below: image.height - height + 1)
    let range = PixelRange(left: left, top: top, right: left + width - 1, bottom: top + height - 1)
    return try image.part(range).resized(width: cropSize, height: cropSize)
  }

  /// A draw from −`most` to `most`.
  private func spread(_ draws: RandomStream, _ index: Int, _ most: Float) -> Float { (2 * draws.uniform(index) - 1) * most }

  private func scaled(_ side: Int, by factor: Float) -> Int { max(1, Int((Float(side) * factor).rounded())) }
}
