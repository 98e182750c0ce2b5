import CaffeCore
import CaffeFormat

/// What happens to a picture between its source and the net: TransformationParameter at work.
///
/// Output = (pixel − mean) · scale, cropped at random in TRAIN and in the middle in TEST. As in Caffe, `mirror` flips a
/// coin in both phases. The draws of an item depend on the item's number alone, not on order or threads.
public struct DataTransformer: Sendable {
  /// The side of the square that is cut out, in pixels; 0 keeps the whole picture.
  public let cropSize: Int
  /// Factor on (pixel − mean).
  public let scale: Float
  /// The channels that encoded images are decoded to; nil when the parameters do not force any.
  let forcedChannels: ImageDecoder.Channels?
  private let mirrors: Bool
  private let cropsAtRandom: Bool
  private let offset: PixelOffset
  private let mean: MeanImage?
  private let random: RandomStream
  /// What varies pictures before they are cut; nil in the TEST phase.
  private let variation: PictureVariation?

  /// - Parameters:
  ///   - phase: TRAIN crops at random, TEST in the middle.
  ///   - random: the stream that items' draws come from.
  ///   - mean: the content of `mean_file`; nil reads the file.
  /// - Throws: `DataSettingsError` when parameters contradict each other, and what reading the mean file throws.
  public init(
    _ parameters: TransformationParameter, phase: Phase, random: RandomStream, mean: MeanImage? = nil
  ) throws {
    try DataTransformer.check(parameters, hasMean: mean != nil)
    cropSize = parameters.cropSize
    scale = parameters.scale
    mirrors = parameters.mirror
    cropsAtRandom = phase == .TRAIN
    forcedChannels = parameters.forceColor ? .color : parameters.forceGray ? .gray : nil
    self.mean = try mean ?? parameters.meanFile.map { try MeanImage(contentsOf: $0) }
    offset =
      self.mean.map { .image($0.tensor.values) } ?? (parameters.meanValue.isEmpty ? .none : .channels(parameters.meanValue))
    self.random = random
    variation =
      try phase == .TRAIN
      ? parameters.augmentationParam.map {
        try PictureVariation($0, cropSize: parameters.cropSize, random: random.appending(DrawStream.variation))
      } : nil
    guard self.mean == nil || variation?.changesSize != true else {
      throw DataSettingsError("augmentation_param changes the size of pictures, and mean_file has one; give mean_value instead")
    }
  }

  private static func check(_ parameters: TransformationParameter, hasMean: Bool) throws(DataSettingsError) {
    guard parameters.meanValue.isEmpty || (parameters.meanFile == nil && !hasMean) else {
      throw DataSettingsError("mean_file and mean_value are both given; remove one of them")
    }
    guard !parameters.forceColor || !parameters.forceGray else {
      throw DataSettingsError("force_color and force_gray are both set; remove one of them")
    }
    guard (0...Shape.maximumCount).contains(parameters.cropSize) else {
      throw DataSettingsError("crop_size \(parameters.cropSize) is no size")
    }
  }

  /// The shape C×h×w of what comes out for a picture of C×H×W.
  ///
  /// - Throws: `DataSettingsError` when the crop is larger than the picture, or the mean is of another size.
  public func outputShape(channels: Int, height: Int, width: Int) throws(DataSettingsError) -> Shape {
    guard let variation else { return try cutShape(channels: channels, height: height, width: width) }
    let least = variation.least(height: height, width: width)
    return try cutShape(channels: channels, height: least.height, width: least.width)
  }

  /// The shape of what is cut out of a picture that is not varied any more.
  private func cutShape(channels: Int, height: Int, width: Int) throws(DataSettingsError) -> Shape {
    guard cropSize <= height, cropSize <= width else {
      throw DataSettingsError("crop_size \(cropSize) is larger than the picture, \(height)x\(width)")
    }
    if let mean, mean.tensor.shape.dims != [channels, height, width] {
      throw DataSettingsError(
        "the mean image is \(mean.tensor.shape), the picture \(channels)x\(height)x\(width); mean_file must have the full size"
      )
    }
    if case .channels(let values) = offset, values.count != 1, values.count != channels {
      throw DataSettingsError("\(values.count) mean_value for \(channels) channels; give one, or one per channel")
    }
    let size = cropSize > 0 ? [cropSize, cropSize] : [height, width]
    do throws(ShapeError) {
      return try Shape(validating: [channels] + size)
    } catch {
      throw DataSettingsError(error.description)
    }
  }

  /// Transforms a picture into C×h×w floats.
  ///
  /// - Parameters:
  ///   - item: the picture's number in the stream; decides its random draws.
  ///   - output: as many floats as `outputShape` has elements.
  /// - Throws: `DataSettingsError` as `outputShape`, and when `output` has another size.
  public func transform(_ image: Image, item: Int, into output: UnsafeMutableBufferPointer<Float>) throws(DataSettingsError) {
    let image = try varied(image, item: item)
    let result = PixelBlock<UInt8>.with(image) { block in
      Result { () throws(DataSettingsError) in try cut(block, item: item, into: output) }
    }
    try result.get()
  }

  private func varied(_ image: Image, item: Int) throws(DataSettingsError) -> Image {
    guard let variation else { return image }
    do throws(ImageError) {
      return try variation.apply(to: image, item: item)
    } catch {
      throw DataSettingsError("augmentation_param: \(error.message)")
    }
  }

  /// Transforms planes of bytes or floats into C×h×w floats.
  ///
  /// - Throws: `DataSettingsError` as for an image.
  package func transform<Element: PixelElement>(
    _ block: PixelBlock<Element>, item: Int, into output: UnsafeMutableBufferPointer<Float>
  ) throws(DataSettingsError) {
    guard variation == nil else {
      guard let image = block.image else {
        throw DataSettingsError("augmentation_param is for pictures of bytes with 1 or 3 channels; this has \(block.channels)")
      }
      return try transform(image, item: item, into: output)
    }
    try cut(block, item: item, into: output)
  }

  /// Crops, mirrors and scales.
  private func cut<Element: PixelElement>(
    _ block: PixelBlock<Element>, item: Int, into output: UnsafeMutableBufferPointer<Float>
  ) throws(DataSettingsError) {
    let shape = try cutShape(channels: block.channels, height: block.height, width: block.width)
    guard shape.count == output.count else {
      throw DataSettingsError("the picture becomes \(shape), room was made for \(output.count) values")
    }
    let window = window(height: block.height, width: block.width, item: item)
    block.write(window, minus: offset, times: scale, into: output)
  }

  /// The part of a picture that item number `item` uses.
  func window(height: Int, width: Int, item: Int) -> PixelWindow {
    var window = PixelWindow(top: 0, left: 0, height: height, width: width)
    guard mirrors || cropSize > 0 else { return window }
    let draws = random.appending(UInt64(bitPattern: Int64(item)))
    window.isMirrored = mirrors && draws.integer(0, below: 2) == 1
    guard cropSize > 0 else { return window }
    window.top = cropsAtRandom ? draws.integer(1, below: height - cropSize + 1) : (height - cropSize) / 2
    window.left = cropsAtRandom ? draws.integer(2, below: width - cropSize + 1) : (width - cropSize) / 2
    window.height = cropSize
    window.width = cropSize
    return window
  }
}
