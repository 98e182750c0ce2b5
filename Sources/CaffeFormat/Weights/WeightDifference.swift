import CaffeCore

/// How two files of weights differ, layer by layer.
public struct WeightDifference: Sendable, Encodable {
  /// A layer that both have.
  public struct Layer: Sendable, Encodable {
    public let name: String
    /// One per blob; those that only one side has included.
    public let blobs: [Blob]
  }

  /// A blob of the same layer and place in both files.
  public struct Blob: Sendable, Encodable {
    /// The shapes; nil where a side has no such blob.
    public let first: [Int]?
    public let second: [Int]?
    /// The largest distance of two numbers at the same place: nil where shapes do not fit, infinite where a number is NaN on one
    /// side alone.
    public let maximum: Float?

    /// Whether the numbers are there on both sides and no further apart than that.
    public func isWithin(_ tolerance: Float) -> Bool { maximum.map { $0 <= tolerance } ?? false }
  }

  /// Layers that only the first file has.
  public let onlyFirst: [String]
  /// Layers that only the second file has.
  public let onlySecond: [String]
  /// Layers that both have, in the first file's order.
  public let layers: [Layer]

  public init(_ first: WeightSet, _ second: WeightSet) {
    let names = (Set(first.layers.map(\.name)), Set(second.layers.map(\.name)))
    onlyFirst = first.layers.map(\.name).filter { !names.1.contains($0) }
    onlySecond = second.layers.map(\.name).filter { !names.0.contains($0) }
    layers = first.layers.filter { names.1.contains($0.name) }.map { layer in
      let (ours, theirs) = (layer.blobs, second[layer.name] ?? [])
      let blobs = (0..<max(ours.count, theirs.count)).map { index in
        Blob(ours.indices.contains(index) ? ours[index] : nil, theirs.indices.contains(index) ? theirs[index] : nil)
      }
      return Layer(name: layer.name, blobs: blobs)
    }
  }

  /// Whether both hold the same layers with numbers no further apart than that.
  public func isWithin(_ tolerance: Float) -> Bool {
    onlyFirst.isEmpty && onlySecond.isEmpty && layers.allSatisfy { $0.blobs.allSatisfy { $0.isWithin(tolerance) } }
  }
}

extension WeightDifference.Blob {
  fileprivate init(_ first: BlobRecord?, _ second: BlobRecord?) {
    self.first = first?.shape.dims
    self.second = second?.shape.dims
    guard let first, let second, first.fits(second.shape) || second.fits(first.shape) else {
      maximum = nil
      return
    }
    maximum = zip(first.data.floats, second.data.floats).reduce(0) { largest, pair in
      if pair.0 == pair.1 || (pair.0.isNaN && pair.1.isNaN) { return largest }
      let distance = abs(pair.0 - pair.1)
      return distance.isNaN ? .infinity : max(largest, distance)
    }
  }
}
