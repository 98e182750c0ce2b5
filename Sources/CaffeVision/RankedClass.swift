/// A class and how sure the net is of it.
public struct RankedClass: Sendable, Equatable {
  /// The class, counted from 0.
  public let index: Int
  /// The net's output for it: a probability after Softmax.
  public let score: Float

  public init(index: Int, score: Float) {
    self.index = index
    self.score = score
  }
}

extension RankedClass {
  /// The classes with the highest scores, highest first; of equal scores the lower class comes first, and scores that
  /// are not numbers come last.
  ///
  /// - Parameter count: how many at most.
  public static func best(_ count: Int, of scores: some Collection<Float>) -> [RankedClass] {
    let ranked = scores.enumerated().map { RankedClass(index: $0.offset, score: $0.element) }.sorted { left, right in
      let (a, b) = (left.score.isNaN ? -Float.infinity : left.score, right.score.isNaN ? -Float.infinity : right.score)
      if a == b, left.score.isNaN != right.score.isNaN { return right.score.isNaN }
      return a == b ? left.index < right.index : a > b
    }
    return Array(ranked.prefix(max(count, 0)))
  }
}
