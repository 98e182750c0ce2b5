import CaffeCore
import CaffeData
import CaffeLayers

/// Which of a picture's scored windows are objects: of windows of one class that overlap much only the best stays.
public struct DetectionSuppression: Sendable {
  /// Of two windows of a class that overlap more (intersection over union), the one with the lower score goes.
  public var overlap: Float = 0.3
  public var area = AreaConvention.exact
  /// Scores below it are no objects.
  public var scoreThreshold: Float = 0
  /// The most objects of a picture, all classes together; the best stay.
  public var limit = 100
  /// The class that stands for "no object", if there is one.
  public var background: Int?

  public init() {}

  /// The objects, the best first; of equal scores the lower class, then the earlier window.
  ///
  /// - Parameters:
  ///   - scores: W×C, a row per window. Scores that are no numbers are none.
  ///   - windows: W of them.
  public func detections(_ scores: Tensor, _ windows: [PictureWindow]) -> [Detection] {
    guard scores.shape.count > 0, scores.shape[0] == windows.count else { return [] }
    let classes = scores.shape.count(from: 1)
    let boxes = windows.map(\.box)
    let suppression = NonMaximumSuppression(threshold: overlap, extent: area.extent)
    let found = (0..<classes).filter { $0 != background }.flatMap { index -> [Detection] in
      let column = windows.indices.map { scores[$0 * classes + index] }
      // `ranking` takes what lies above its floor; a score at the threshold belongs to it.
      let candidates = ranking(of: column, above: scoreThreshold.nextDown)
      return suppression.survivors(of: candidates, among: boxes).map {
        Detection(index: index, score: column[$0], window: windows[$0])
      }
    }
    return ranking(of: found.map(\.score), limit: limit).map { found[$0] }
  }
}
