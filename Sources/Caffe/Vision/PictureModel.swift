import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffePlan
import CaffeVision

/// A net that takes pictures, with what travels with it: pre-processing and the names of its classes.
public struct PictureModel: Sendable {
  public let net: Net
  public var preprocessing: ImagePreprocessing
  /// What is wrong with the model's readme, and what is done instead.
  public let warnings: [String]
  /// The names of the classes; nil where they are not known.
  public let labels: LabelFile?
  /// The blob that takes pictures, N×C×H×W with C 1 or 3.
  public let input: (name: String, shape: Shape)
  /// The blob that holds the classes' scores: `prob`, or the last one.
  public let output: String
  /// The files it was read from.
  public let files: [String]

  /// - Parameters:
  ///   - model: a model's directory or its deploy prototxt. In a directory the readme's front matter says which weights and
  ///     labels belong to the net and how pictures are prepared; what it leaves out is taken from the training net.
  ///   - weights, labels, mean: replace what the directory has; a mean is a file or numbers with commas, one per channel.
  ///   - scale: replaces the factor.
  /// - Throws: `FileError`, `Diagnostics`, `ClassifierError`, or what reading weights throws.
  public init(
    _ model: String, weights: String? = nil, labels: String? = nil, mean: String? = nil, scale: Float? = nil,
    options: NetOptions = NetOptions()
  ) throws {
    guard FilePlace.exists(model) else { throw FileError(path: model, operation: "find the model", code: 2) }
    var files = ModelFiles(path: model)
    files.weights = weights ?? files.weights
    files.labels = labels ?? files.labels
    guard let weights = files.weights else {
      throw ClassifierError("\(model): there is no weights file beside the net, or several; name one with --weights")
    }
    net = try Net(prototxt: files.deploy, weights: weights, options: options)
    input = try PictureModel.imageInput(net, files.deploy)
    output = net.outputs.contains("prob") ? "prob" : net.outputs.last ?? ""
    self.labels = try files.labels.map { try LabelFile(contentsOf: $0) }
    preprocessing = try PictureModel.preprocessing(&files, channels: input.shape[1], mean: mean, options: options)
    if let scale { preprocessing.scale = scale }
    warnings = files.warnings
    self.files = [files.deploy, weights] + [files.labels, files.training, files.readme].compactMap(\.self)
    preprocessing.resize = preprocessing.resize ?? PictureModel.resize(preprocessing)
  }

  private static func imageInput(_ net: Net, _ deploy: String) throws -> (name: String, shape: Shape) {
    guard net.inputs.count == 1, let input = net.inputs.first, input.shape.rank == 4, [1, 3].contains(input.shape[1]) else {
      throw ClassifierError("\(deploy) does not take one image (N x 1 or 3 x H x W), as a net for pictures does")
    }
    return input
  }

  private static func preprocessing(_ files: inout ModelFiles, channels: Int, mean: String?, options: NetOptions) throws
    -> ImagePreprocessing
  {
    // A mean that is given makes the training net's, which may not be there, unnecessary.
    let given = try mean.map { try parseMean($0, channels: channels) } ?? files.publishedMean(channels: channels)
    var result: ImagePreprocessing
    do { result = try files.trainedPreprocessing(channels: channels, registry: options.registry) ?? plain(channels) } catch let
      error
      as ClassifierError
    {
      guard given != nil else { throw error }
      files.training = nil
      result = plain(channels)
    }
    if let given { result.mean = given }
    if let resize = files.preprocessing?.resize { result.resize = .init(height: resize[0], width: resize[1]) }
    result.cropSize = files.preprocessing?.crop ?? result.cropSize
    result.scale = files.preprocessing?.scale ?? result.scale
    result.channelOrder = files.publishedOrder(channels: channels) ?? result.channelOrder
    return result
  }

  private static func plain(_ channels: Int) -> ImagePreprocessing {
    ImagePreprocessing(TransformationParameter(), channels: channels)
  }

  private static func parseMean(_ text: String, channels: Int) throws -> ImagePreprocessing.Mean {
    let numbers = text.split(separator: ",").map { Float($0) }
    guard !numbers.contains(nil) else { return .image(try MeanImage(contentsOf: text)) }
    guard numbers.allSatisfy({ $0?.isFinite == true }) else { throw ClassifierError("--mean \(text): means are numbers") }
    guard numbers.count == channels || numbers.count == 1 else {
      throw ClassifierError("--mean has \(numbers.count) numbers for \(channels) channel(s)")
    }
    return .channels(numbers.compactMap { $0 })
  }

  /// Nets that crop were trained on images of 256×256, Caffe's own size, unless a mean image tells otherwise.
  private static func resize(_ preprocessing: ImagePreprocessing) -> ImagePreprocessing.Size? {
    guard case .image = preprocessing.mean else {
      return preprocessing.cropSize.map { .init(height: max(256, $0), width: max(256, $0)) }
    }
    return nil
  }
}
