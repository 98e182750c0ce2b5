extension NetOutputs {
  /// The mean when this is the sum of so many; detections are scored together.
  func divided(by count: Float) -> NetOutputs {
    var mean = self
    mean.loss /= count
    for index in mean.values.indices { mean.values[index].value /= count }
    mean.scoreDetections()
    return mean
  }
}

extension NetOutputs {
  /// What DetectionEvaluate layers come to when this is the sum of all batches.
  var detectionMeans: [Value] {
    var scored = self
    scored.scoreDetections()
    return scored.values.filter { detections[$0.blob] != nil }
  }

  /// Drops from both the outputs of which they hold different numbers of elements: behind a Filter such have no mean.
  fileprivate mutating func leaveOutVarying(_ other: inout NetOutputs) {
    guard values.map(\.blob) != other.values.map(\.blob) else { return }
    let counts = [self, other].map { outputs in Dictionary(outputs.values.map { ($0.blob, 1) }, uniquingKeysWith: +) }
    values.removeAll { counts[0][$0.blob] != counts[1][$0.blob] }
    other.values.removeAll { counts[0][$0.blob] != counts[1][$0.blob] }
  }
}

extension NetOutputs? {
  mutating func add(_ other: NetOutputs) {
    guard var sum = self else {
      self = other
      return
    }
    sum.loss += other.loss
    var further = other
    sum.leaveOutVarying(&further)
    for index in sum.values.indices { sum.values[index].value += further.values[index].value }
    for (blob, score) in other.detections { sum.detections[blob]?.add(score) }
    self = sum
  }
}
