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

extension NetOutputs? {
  mutating func add(_ other: NetOutputs) {
    guard var sum = self else {
      self = other
      return
    }
    sum.loss += other.loss
    // Outputs whose number of elements depends on values have no mean: those of the first batch stand for them.
    if sum.values.count == other.values.count {
      for index in sum.values.indices { sum.values[index].value += other.values[index].value }
    }
    for (index, score) in other.detections { sum.detections[index]?.add(score) }
    self = sum
  }
}
