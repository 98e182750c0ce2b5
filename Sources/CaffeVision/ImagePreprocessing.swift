import CaffeCore
import CaffeData
import CaffeFormat

/// How a picture becomes a net's input: resize, crop, subtract the mean, scale, as Caffe's classification examples do.
///
/// Values are 0 … 255 before the mean is subtracted.
public struct ImagePreprocessing: Sendable, Equatable {
  /// H and W, in pixels.
  public struct Size: Sendable, Equatable {
    /// H.
    public var height: Int
    /// W.
    public var width: Int

    public init(height: Int, width: Int) {
      self.height = height
      self.width = width
    }
  }

  /// What is subtracted from each pixel.
  public enum Mean: Sendable, Equatable {
    case none
    /// One number for all channels, or one per channel in their order.
    case channels([Float])
    /// C×H×W, taken at the crop's place; one of another size than the resized picture is resized too.
    case image(MeanImage)
  }

  /// The planes that the net wants.
  public enum ChannelOrder: Sendable, Equatable {
    /// Three planes: blue, green, red.
    case bgr
    /// Three planes: red, green, blue.
    case rgb
    /// One plane.
    case gray
  }

  /// The size a picture gets before it is cropped; nil is the mean image's, or without one the net's input size.
  public var resize: Size?
  /// The side of the square that the net was trained on, for a net whose input size is not given; nil is the whole
  /// resized picture.
  public var cropSize: Int?
  /// What is subtracted.
  public var mean = Mean.none
  /// Factor on (pixel − mean).
  public var scale: Float = 1
  /// The planes that the net wants.
  public var channelOrder = ChannelOrder.bgr

  public init() {}

  /// What a net was trained with.
  ///
  /// - Parameters:
  ///   - meanImage: the content of `mean_file`.
  ///   - channels: C of the net's input: 1 or 3.
  public init(_ parameters: TransformationParameter, meanImage: MeanImage? = nil, channels: Int = 3) {
    cropSize = parameters.cropSize > 0 ? parameters.cropSize : nil
    scale = parameters.scale
    mean = meanImage.map(Mean.image) ?? (parameters.meanValue.isEmpty ? .none : .channels(parameters.meanValue))
    channelOrder = channels == 1 || parameters.forceGray ? .gray : .bgr
  }

  /// 1×C×H×W: the middle of the resized picture.
  ///
  /// - Parameters:
  ///   - height: H of the net's input; nil is `cropSize`, or the resized picture's.
  ///   - width: W, likewise.
  /// - Throws: `ImageError` when a size is not positive or too large, or the crop is larger than the resized picture;
  ///   `ShapeError` when a mean does not fit.
  public func tensor(for image: Image, height: Int? = nil, width: Int? = nil) throws -> Tensor {
    let net = inputSize(for: image, height, width)
    let picture = try prepared(image, for: net)
    let window = PixelWindow(
      top: (picture.height - net.height) / 2, left: (picture.width - net.width) / 2, height: net.height, width: net.width)
    return try tensor(of: picture, windows: [window])
  }

  /// 10×C×H×W: the four corners (upper left, upper right, lower left, lower right) and the middle of the resized
  /// picture, then the same mirrored.
  ///
  /// - Throws: as `tensor(for:height:width:)`.
  public func oversampled(_ image: Image, height: Int? = nil, width: Int? = nil) throws -> Tensor {
    let net = inputSize(for: image, height, width)
    let picture = try prepared(image, for: net)
    let bottom = picture.height - net.height
    let right = picture.width - net.width
    let places = [(0, 0), (0, right), (bottom, 0), (bottom, right), (bottom / 2, right / 2)]
    let windows = [false, true].flatMap { isMirrored in
      places.map { PixelWindow(top: $0.0, left: $0.1, height: net.height, width: net.width, isMirrored: isMirrored) }
    }
    return try tensor(of: picture, windows: windows)
  }

  private func inputSize(for image: Image, _ height: Int?, _ width: Int?) -> Size {
    let whole = fullSize ?? Size(height: image.height, width: image.width)
    return Size(height: height ?? cropSize ?? whole.height, width: width ?? cropSize ?? whole.width)
  }

  /// The size before cropping, when the settings say it.
  private var fullSize: Size? {
    guard resize == nil, case .image(let mean) = mean else { return resize }
    return Size(height: mean.tensor.shape[1], width: mean.tensor.shape[2])
  }

  /// The picture with the net's channels, at its own size.
  package func planes(of image: Image) throws(ImageError) -> Image {
    try channelOrder == .gray ? image.gray() : image.colored(redFirst: channelOrder == .rgb)
  }

  /// The picture with the net's channels, at the size it is cropped from.
  private func prepared(_ image: Image, for net: Size) throws(ImageError) -> Image {
    let size = fullSize ?? net
    let picture = try planes(of: image).resized(width: size.width, height: size.height)
    guard net.height > 0, net.width > 0, net.height <= size.height, net.width <= size.width else {
      let sizes = "\(net.height)x\(net.width) pixels of a picture resized to \(size.height)x\(size.width)"
      throw ImageError(source: "preprocessing", "the net takes \(sizes); resize to at least the net's input")
    }
    return picture
  }

  /// The windows of a picture, one after the other.
  private func tensor(of picture: Image, windows: [PixelWindow]) throws -> Tensor {
    let first = windows[0]
    let shape = try Shape(validating: [windows.count, picture.channels, first.height, first.width])
    let offset = try offset(for: picture)
    let size = shape.count(from: 1)
    return Tensor(shape) { output in
      PixelBlock<UInt8>.with(picture) { block in
        for (index, window) in windows.enumerated() {
          let room = UnsafeMutableBufferPointer(rebasing: output[index * size..<(index + 1) * size])
          block.write(window, minus: offset, times: scale, into: room)
        }
      }
    }
  }

  private func offset(for picture: Image) throws(ShapeError) -> PixelOffset {
    switch mean {
    case .none: return .none
    case .channels(let values):
      guard values.count == 1 || values.count == picture.channels else {
        throw ShapeError("\(values.count) mean values for \(picture.channels) channels; give one, or one per channel")
      }
      return .channels(values)
    case .image(let mean):
      guard mean.tensor.shape[0] == picture.channels else {
        throw ShapeError("the mean image \(mean.tensor.shape) has not the \(picture.channels) channels of the net's input")
      }
      return .image(try mean.tensor.resizingPlanes(height: picture.height, width: picture.width).values)
    }
  }
}

extension Image {
  /// The same picture in three channels: blue, green, red, or the other way round.
  fileprivate func colored(redFirst: Bool) throws(ImageError) -> Image {
    if channels == 1 { return try Image(width: width, height: height, channels: 3, pixels: pixels.flatMap { [$0, $0, $0] }) }
    guard redFirst else { return self }
    var swapped = pixels
    for pixel in 0..<width * height { swapped.swapAt(3 * pixel, 3 * pixel + 2) }
    return try Image(width: width, height: height, channels: 3, pixels: swapped)
  }
}
