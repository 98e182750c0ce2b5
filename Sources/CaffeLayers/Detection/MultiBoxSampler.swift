/// Chooses the priors of an item that count: those that match a box of the ground truth, and what mining adds.
struct MultiBoxSampler {
  private let objective: MultiBoxObjective
  private let prediction: MultiBoxPrediction
  private let truths: [GroundTruth]
  private var parameters: MultiBoxLossParameters { objective.parameters }
  private var priors: [Prior] { objective.priors }

  /// A set of locations that is matched, and how.
  private struct Matched {
    let locationClass: Int
    let matching: BoxMatching
  }

  /// Boxes smaller than this are left out of suppression, as in SSD.
  private static let leastArea: Float = 1e-5

  init(_ objective: MultiBoxObjective, _ prediction: MultiBoxPrediction, _ truths: [GroundTruth]) {
    self.objective = objective
    self.prediction = prediction
    self.truths = truths
  }

  /// The priors that count. Where there is no ground truth, mining finds nothing.
  var samples: MultiBoxSamples {
    let matched = truths.isEmpty ? [] : matchings
    let positives = matched.flatMap(matches)
    guard parameters.mining != .NONE else { return MultiBoxSamples(positives: positives, negatives: nil) }
    guard let matching = matched.first?.matching else { return MultiBoxSamples(positives: [], negatives: []) }
    let chosen = mined(matching, positives)
    let isHard = parameters.mining == .HARD_EXAMPLE
    return MultiBoxSamples(
      positives: isHard ? positives.filter { chosen.contains($0.prior) } : positives,
      negatives: chosen.sorted().filter { matching.matches[$0] == BoxMatching.none })
  }

  private func matches(_ matched: Matched) -> [MultiBoxSamples.Positive] {
    matched.matching.matches.enumerated().compactMap { prior, place in
      place < 0
        ? nil : MultiBoxSamples.Positive(prior: prior, locationClass: matched.locationClass, truth: truths[place])
    }
  }

  // MARK: Matching

  private var matchings: [Matched] {
    parameters.usePriorForMatching ? matchingsOfPriors : matchingsOfPredictions
  }

  private func match(_ boxes: [Box], _ label: Int?) -> BoxMatching {
    let wanted = truths.enumerated().filter { label == nil || $1.label == label }.map { (place: $0, box: $1.box) }
    return BoxMatching(
      boxes, to: wanted, threshold: parameters.matchType == .PER_PREDICTION ? parameters.overlapThreshold : nil,
      ignoresCrossing: parameters.ignoreCrossBoundaryBbox)
  }

  /// The classes that have locations of their own.
  private var ownClasses: [Int] { (0..<parameters.numClasses).filter { $0 != parameters.backgroundLabelId } }

  private var matchingsOfPriors: [Matched] {
    let all = match(priors.map(\.box), nil)
    guard !parameters.shareLocation else { return [Matched(locationClass: 0, matching: all)] }
    // Each class keeps the matches with ground truth of its own label.
    return ownClasses.map { label in
      var own = all
      own.matches = all.matches.map { $0 >= 0 && truths[$0].label == label ? $0 : BoxMatching.none }
      return Matched(locationClass: label, matching: own)
    }
  }

  private var matchingsOfPredictions: [Matched] {
    guard !parameters.shareLocation else { return [Matched(locationClass: 0, matching: match(predicted(0), nil))] }
    return ownClasses.map { Matched(locationClass: $0, matching: match(predicted($0), $0)) }
  }

  /// The boxes that are predicted.
  private func predicted(_ locationClass: Int) -> [Box] {
    priors.indices.map { parameters.coder.decode(objective.code($0, locationClass, prediction), priors[$0]) }
  }

  // MARK: Mining

  /// The priors that mining chooses: of the candidates those that cost most.
  private func mined(_ matching: BoxMatching, _ positives: [MultiBoxSamples.Positive]) -> Set<Int> {
    let candidates = priors.indices.filter { isCandidate($0, matching) }
    var wanted = min(parameters.sampleSize, candidates.count)
    if parameters.mining == .MAX_NEGATIVE {
      wanted = Int(min(Float(positives.count) * parameters.negPosRatio, Float(candidates.count)))
    }
    let costs = costs(positives)
    let suppresses = (parameters.nmsParam?.nmsThreshold ?? 0) > 0
    let limit = suppresses ? parameters.nmsParam?.topK.flatMap { $0 < 0 ? nil : $0 } : nil
    let order = ranking(of: candidates.map { costs[$0] }, limit: limit).map { candidates[$0] }
    return Set((suppresses ? survivors(order) : order).prefix(wanted))
  }

  private func isCandidate(_ prior: Int, _ matching: BoxMatching) -> Bool {
    parameters.mining == .HARD_EXAMPLE
      || matching.matches[prior] == BoxMatching.none && matching.overlaps[prior] < parameters.negOverlap
  }

  private func survivors(_ order: [Int]) -> [Int] {
    let boxes = parameters.usePriorForNms ? priors.map(\.box) : predicted(0)
    let suppression = NonMaximumSuppression(threshold: parameters.nmsParam?.nmsThreshold ?? 0)
    return suppression.survivors(of: order.filter { boxes[$0].area() >= MultiBoxSampler.leastArea }, among: boxes)
  }

  /// What each prior costs: its scores, and for hard examples its location as well.
  private func costs(_ positives: [MultiBoxSamples.Positive]) -> [Float] {
    var targets = [Int](repeating: parameters.backgroundLabelId, count: priors.count)
    for positive in positives { targets[positive.prior] = objective.target(positive.truth) }
    var costs = targets.enumerated().map { Float(objective.scoreTerm($0, [$1], prediction)) }
    guard parameters.mining == .HARD_EXAMPLE else { return costs }
    for positive in positives { costs[positive.prior] += objective.locationTerm(positive, prediction).loss }
    return costs
  }
}
