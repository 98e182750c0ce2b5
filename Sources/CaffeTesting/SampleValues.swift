import CaffeCore

/// What a check puts into an input.
public enum SampleValues: Sendable {
  /// Uniform between two bounds.
  case uniform(ClosedRange<Float>)
  /// In random order, each at least this far from every other: no two that a small change could let swap ranks.
  case distinct(spacing: Float)
  /// Whole numbers from 0 to one less than the bound.
  case labels(below: Int)
  /// These numbers, from the first on again after the last.
  case given([Float])

  /// A tensor of such values; the same for the same stream.
  public func tensor(_ shape: Shape, _ random: RandomStream) -> Tensor {
    Tensor(shape) { buffer in
      for index in buffer.indices {
        switch self {
        case .uniform(let range): buffer[index] = range.lowerBound + random.uniform(index) * (range.upperBound - range.lowerBound)
        case .distinct(let spacing): buffer[index] = (Float(index) - Float(buffer.count) / 2 + 0.25) * spacing
        case .labels(let bound): buffer[index] = Float(random.integer(index, below: bound))
        case .given(let values): buffer[index] = values.isEmpty ? 0 : values[index % values.count]
        }
      }
      guard case .distinct = self else { return }
      for index in buffer.indices.dropFirst() { buffer.swapAt(index, random.integer(index, below: index + 1)) }
    }
  }
}
