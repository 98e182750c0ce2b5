import CaffeGraph

/// What SSD's net predicts for an item, or the gradients of that: per prior 4 numbers for each class of locations, and a
/// score for each class.
struct MultiBoxPrediction {
  let locations: UnsafeMutablePointer<Float>
  let scores: UnsafeMutablePointer<Float>
}

/// The priors that count in an item.
struct MultiBoxSamples {
  /// A prior that stands for a box of the ground truth.
  struct Positive {
    let prior: Int
    /// The class of locations that is compared; 0 when all classes share them.
    let locationClass: Int
    let truth: GroundTruth
  }
  var positives: [Positive] = []
  /// The priors that stand for the background; nil where all do that stand for nothing else.
  var negatives: [Int]?
}

/// What predictions cost.
struct MultiBoxObjective {
  let parameters: MultiBoxLossParameters
  let priors: [Prior]

  init(_ parameters: MultiBoxLossParameters, _ priors: [Prior]) {
    self.parameters = parameters
    self.priors = priors
  }

  /// The class a box is to get.
  func target(_ truth: GroundTruth) -> Int {
    parameters.mapObjectToAgnostic ? parameters.backgroundLabelId + 1 : truth.label
  }

  // MARK: Locations

  /// What the locations of the positives cost; writes the derivatives.
  func locationLoss(_ samples: MultiBoxSamples, _ prediction: MultiBoxPrediction, _ gradient: MultiBoxPrediction) -> Double {
    samples.positives.reduce(0) { sum, positive in
      let place = 4 * (positive.prior * parameters.locationClasses + positive.locationClass)
      let (loss, slope) = locationTerm(positive, prediction)
      for k in 0..<4 { gradient.locations[place + k] = slope[k] }
      return sum + Double(loss)
    }
  }

  /// What the location of one prior costs.
  func locationTerm(
    _ positive: MultiBoxSamples.Positive, _ prediction: MultiBoxPrediction
  ) -> (loss: Float, slope: SIMD4<Float>) {
    let prior = priors[positive.prior]
    let code = code(positive.prior, positive.locationClass, prediction)
    var difference = code - parameters.coder.encode(positive.truth.box, prior)
    // With the variance in the target, both sides are divided by it here instead.
    let scale = parameters.encodeVarianceInTarget ? prior.variance : SIMD4(repeating: 1)
    difference /= scale
    if parameters.bpInside {
      let box = parameters.usePriorForMatching ? prior.box : parameters.coder.decode(code, prior)
      difference.replace(with: 0, where: box.outside)
    }
    let size = SIMD4<Float>(abs(difference[0]), abs(difference[1]), abs(difference[2]), abs(difference[3]))
    let isSquare = parameters.locLossType == .L2 ? SIMDMask<SIMD4<Int32>>(repeating: true) : size .< 1
    let loss = (size - 0.5).replacing(with: 0.5 * difference * difference, where: isSquare)
    let slope = difference.clamped(lowerBound: SIMD4(repeating: -1), upperBound: SIMD4(repeating: 1))
    return (loss.sum(), slope.replacing(with: difference, where: isSquare) / scale)
  }

  /// What is predicted for a prior.
  func code(_ prior: Int, _ locationClass: Int, _ prediction: MultiBoxPrediction) -> SIMD4<Float> {
    Box(at: prediction.locations + 4 * (prior * parameters.locationClasses + locationClass)).corners
  }

  // MARK: Scores

  /// What the scores of the samples cost; writes the derivatives.
  func scoreLoss(_ samples: MultiBoxSamples, _ prediction: MultiBoxPrediction, _ gradient: MultiBoxPrediction) -> Double {
    let positives = samples.positives.map { (prior: $0.prior, targets: [target($0.truth)]) }
    if let negatives = samples.negatives {
      let all = positives + negatives.map { (prior: $0, targets: [parameters.backgroundLabelId]) }
      return all.reduce(0) { $0 + scoreTerm($1.prior, $1.targets, prediction, gradient) }
    }
    // A prior that stands for nothing is to get the background from the softmax, and no class at all otherwise.
    let isSoftmax = parameters.confLossType == .SOFTMAX
    var targets = [[Int]](repeating: isSoftmax ? [parameters.backgroundLabelId] : [], count: priors.count)
    for positive in positives {
      targets[positive.prior] = isSoftmax ? positive.targets : targets[positive.prior] + positive.targets
    }
    return targets.enumerated().reduce(0) { $0 + scoreTerm($1.offset, $1.element, prediction, gradient) }
  }

  /// What the scores of one prior cost that is to get the classes `targets`, of which the softmax takes the first; writes
  /// the derivatives where there is room for them.
  func scoreTerm(
    _ prior: Int, _ targets: [Int], _ prediction: MultiBoxPrediction, _ gradient: MultiBoxPrediction? = nil
  ) -> Double {
    let scores = UnsafeBufferPointer(start: prediction.scores + prior * parameters.numClasses, count: parameters.numClasses)
    let slopes = gradient.map { $0.scores + prior * parameters.numClasses }
    switch parameters.confLossType {
    case .SOFTMAX: return softmaxLoss(scores, targets.first ?? parameters.backgroundLabelId, slopes)
    case .LOGISTIC: return logisticLoss(scores, targets, slopes)
    }
  }

  private func softmaxLoss(_ scores: UnsafeBufferPointer<Float>, _ target: Int, _ slopes: UnsafeMutablePointer<Float>?) -> Double
  {
    let largest = scores.reduce(-Float.infinity) { max($0, $1) }
    let sum = scores.reduce(Float(0)) { $0 + exponential($1 - largest) }
    if let slopes {
      for (c, score) in scores.enumerated() { slopes[c] = exponential(score - largest) / sum - (c == target ? 1 : 0) }
    }
    return -Double(logarithm(max(exponential(scores[target] - largest) / sum, Float.leastNormalMagnitude)))
  }

  private func logisticLoss(
    _ scores: UnsafeBufferPointer<Float>, _ targets: [Int], _ slopes: UnsafeMutablePointer<Float>?
  ) -> Double {
    var sum = 0.0
    for (c, score) in scores.enumerated() {
      let target: Float = targets.contains(c) ? 1 : 0
      // log(1 + e^−|x|) instead of logarithms of the logistic function, which would overflow.
      sum += Double(max(score, 0) - score * target + logarithm(1 + exponential(-abs(score))))
      slopes?[c] = logistic(score) - target
    }
    return sum
  }
}
