import CaffeCore
import CaffeData
import CaffeVision
import Dispatch
import Synchronization

/// A net that scores windows of pictures, as R-CNN does: each window is cropped with its surroundings, stretched to the net's input
/// and run through it (Girshick et al., "Rich feature hierarchies for accurate object detection and semantic segmentation",
/// CVPR 2014; pycaffe's `Detector`).
///
/// ```swift
/// let detector = try Detector(PictureModel("models/bvlc_reference_rcnn_ilsvrc13"))
/// let image = try ImageDecoder.decode(contentsOf: "fish-bike.jpg")
/// let result = try detector.detect(in: image, windows: RegionProposals.selectiveSearch.windows(in: image))
/// ```
public struct Detector: Sendable {
  /// How windows become the net's input.
  public struct Cropping: Sendable {
    /// Pixels of surroundings around a window, counted in the net's input.
    public var contextPad = 16
    public var mode = WindowConfiguration.CropMode.warp
    public var geometry = CropGeometry.caffe

    public init() {}
  }

  /// What was found in a picture.
  public struct Result: Sendable {
    public let windows: [PictureWindow]
    /// W×C, a row per window.
    public let scores: Tensor
    /// The best first.
    public let detections: [Detection]
    public let durations: Durations
  }

  /// How long the parts of the work took.
  public struct Durations: Sendable {
    public var crops = Duration.zero
    public var net = Duration.zero
    public var suppression = Duration.zero
  }

  public let model: PictureModel
  public let cropping: Cropping
  public var suppression: DetectionSuppression
  private let crops: WindowBatches

  /// A detector with the threshold that its net's scores ask for: 0.5 for the probabilities of a Softmax layer, else 0. A class
  /// whose label is `background` is none.
  ///
  /// - Throws: `DetectorError` when the net's input cannot take such crops.
  public init(_ model: PictureModel, cropping: Cropping = Cropping()) throws {
    self.model = model
    self.cropping = cropping
    crops = try WindowBatches(model, cropping)
    suppression = DetectionSuppression()
    suppression.scoreThreshold = Detector.givesProbabilities(model) ? 0.5 : 0
    suppression.background = Detector.background(in: model.labels)
  }

  private static func givesProbabilities(_ model: PictureModel) -> Bool {
    model.net.definition.layers.last { $0.tops.contains { $0.name == model.output } }?.type == "Softmax"
  }

  private static func background(in labels: LabelFile?) -> Int? {
    labels?.labels.firstIndex { ["background", "__background__"].contains($0.lowercased()) }
  }

  /// Scores windows and tells which of them show objects.
  ///
  /// - Parameters:
  ///   - progress: called with the windows that are scored.
  ///   - shouldStop: asked between batches.
  /// - Throws: `DetectorError` for a window that does not lie in the picture, `CancellationError` when stopped, or what running the
  ///   net throws.
  public func detect(
    in image: Image, windows: [PictureWindow], progress: (Int) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> Result {
    var durations = Durations()
    let scores = try scores(of: windows, in: image, &durations, progress, shouldStop)
    var detections: [Detection] = []
    durations.suppression = ContinuousClock().measure { detections = suppression.detections(scores, windows) }
    return Result(windows: windows, scores: scores, detections: detections, durations: durations)
  }

  private func scores(
    of windows: [PictureWindow], in image: Image, _ durations: inout Durations, _ progress: (Int) -> Void,
    _ shouldStop: () -> Bool
  ) throws -> Tensor {
    let clock = ContinuousClock()
    let picture = try model.preprocessing.planes(of: image)
    try crops.check(windows, in: picture)
    // A batch of another size would be another plan, with weights packed anew.
    let batch = crops.batchSize
    var rows: [Float] = []
    var classes = 0
    for first in stride(from: 0, to: windows.count, by: batch) {
      if shouldStop() { throw CancellationError() }
      let part = windows[first..<min(first + batch, windows.count)]
      var input = Tensor(crops.shape(of: batch))
      durations.crops += try clock.measure { input = try crops.tensor(of: part, in: picture, count: batch) }
      var output: Tensor?
      durations.net += try clock.measure { output = try model.net.forward([model.input.name: input])[model.output] }
      classes = try classCount(output, batch)
      rows += output?.values.prefix(part.count * classes) ?? []
      progress(first + part.count)
    }
    return try Tensor(Shape(validating: [windows.count, classes]), values: rows)
  }

  private func classCount(_ output: Tensor?, _ batch: Int) throws(DetectorError) -> Int {
    guard let shape = output?.shape, shape.rank > 0, shape[0] == batch else {
      let answer = output.map { "\($0.shape)" } ?? "nothing"
      throw DetectorError(
        "the net answers \(batch) windows with \(answer) in \"\(model.output)\"; a net that scores windows has a row for each")
    }
    return shape.count(from: 1)
  }
}

/// A net or a window that a detector cannot use.
public struct DetectorError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
