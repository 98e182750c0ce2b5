import CaffeFormat

/// The fields of `nms_param`: how SSD suppresses boxes.
public struct NonMaximumSuppressionParameter: ProtoMessage, Equatable {
  /// Of two boxes that overlap more, the one with the lower score goes.
  public var nmsThreshold: Float = 0.3
  /// How many candidates, the best first, take part.
  public var topK: Int?
  /// After each box that stays, a threshold above one half is multiplied by it.
  public var eta: Float = 1
  public init() {}
  public static let messageName = "NonMaximumSuppressionParameter"
  public static let fields: [Field<NonMaximumSuppressionParameter>] = [
    Field("nms_threshold", 1, \.nmsThreshold), Field("top_k", 2, \.topK), Field("eta", 3, \.eta),
  ]
  public static let schema = makeSchema()
}

/// Greedy non-maximum suppression: of boxes that overlap too much, the one with the best score stays.
///
/// The work grows with the candidates times the boxes that stay.
package struct NonMaximumSuppression: Sendable {
  /// A box stays whose overlap with each that stays before it is at most this.
  var threshold: Float
  /// After each box that stays, a threshold above one half is multiplied by it.
  var eta: Float = 1
  /// What the distance of two corners means.
  var extent = Box.Extent.points

  package init(threshold: Float, eta: Float = 1, extent: Box.Extent = .points) {
    (self.threshold, self.eta, self.extent) = (threshold, eta, extent)
  }

  /// The candidates that stay, in their order.
  ///
  /// - Parameter candidates: indices of boxes, the best first.
  package func survivors(of candidates: [Int], among boxes: [Box]) -> [Int] {
    var kept: [Int] = []
    var threshold = threshold
    for index in candidates where kept.allSatisfy({ boxes[index].overlap(boxes[$0], extent) <= threshold }) {
      kept.append(index)
      if eta < 1, threshold > 0.5 { threshold *= eta }
    }
    return kept
  }
}

/// The indices of scores, the highest first; of equal scores the lower index comes first.
///
/// - Parameters:
///   - floor: only scores above it take part; NaN never does.
///   - limit: how many there are at most.
package func ranking(of scores: [Float], above floor: Float = -.infinity, limit: Int? = nil) -> [Int] {
  let order = scores.indices.filter { scores[$0] > floor }.sorted {
    scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1]
  }
  return limit.map { Array(order.prefix(max(0, $0))) } ?? order
}
