import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffePlan
import CaffeVision

/// A model that names what is in a picture. Its pre-processing travels with it.
///
/// ```swift
/// let answers = try Classifier("models/lenet").classify("seven.png", top: 3)
/// ```
public struct Classifier: Sendable {
  /// One answer.
  public struct Answer: Sendable, Codable {
    /// The class's line in the label file, or its number.
    public let label: String
    public let index: Int
    public let score: Float
  }

  /// The net, and how pictures are prepared for it.
  public var model: PictureModel
  public var net: Net { model.net }
  /// What is wrong with the model's readme, and what is done instead.
  public var warnings: [String] { model.warnings }
  /// Whether answers have names; otherwise they have numbers.
  public var hasLabels: Bool { model.labels != nil }

  public init(_ model: PictureModel) { self.model = model }

  /// The model of a directory or a prototxt, as `PictureModel` takes it.
  ///
  /// - Throws: what `PictureModel.init` throws.
  public init(
    _ model: String, weights: String? = nil, labels: String? = nil, mean: String? = nil, scale: Float? = nil,
    options: NetOptions = NetOptions()
  ) throws {
    self.init(try PictureModel(model, weights: weights, labels: labels, mean: mean, scale: scale, options: options))
  }

  /// Classifies an image file.
  ///
  /// - Parameters:
  ///   - top: how many answers, best first.
  ///   - oversample: averages over corners, middle and their mirror images.
  /// - Throws: `ImageError`, or what running the net throws.
  public func classify(_ path: String, top: Int = 5, oversample: Bool = false) throws -> [Answer] {
    let image = try ImageDecoder.decode(contentsOf: path, as: model.input.shape[1] == 1 ? .gray : .color)
    return try classify(image, top: top, oversample: oversample)
  }

  /// Classifies an image.
  ///
  /// - Throws: `ShapeError` for an image smaller than the crop, or what running the net throws.
  public func classify(_ image: Image, top: Int = 5, oversample: Bool = false) throws -> [Answer] {
    let (height, width) = (model.input.shape[2], model.input.shape[3])
    let tensor =
      oversample
      ? try model.preprocessing.oversampled(image, height: height, width: width)
      : try model.preprocessing.tensor(for: image, height: height, width: width)
    guard let scores = try net.forward([model.input.name: tensor])[model.output], scores.shape.rank > 0 else { return [] }
    return RankedClass.best(top, of: mean(scores)).map { ranked in
      Answer(label: model.labels?[ranked.index] ?? String(ranked.index), index: ranked.index, score: ranked.score)
    }
  }

  /// The mean over the items of a batch.
  private func mean(_ scores: Tensor) -> [Float] {
    let items = scores.shape[0]
    let classes = scores.shape.count / max(1, items)
    return (0..<classes).map { c in (0..<items).reduce(Float(0)) { $0 + scores[$1 * classes + c] } / Float(items) }
  }
}
