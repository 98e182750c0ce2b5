import CaffeCore

/// What a file of weights holds, for people and machines.
public struct WeightListing: Sendable, Encodable {
  public struct Layer: Sendable, Encodable {
    public let name: String
    /// Empty where the file does not tell.
    public let type: String
    public let blobs: [Blob]
  }

  public struct Blob: Sendable, Encodable {
    public let shape: [Int]
    public let count: Int
    public let statistics: BlobStatistics
  }

  /// The net's name in the file.
  public let name: String
  public let layers: [Layer]
  /// Numbers in all blobs.
  public let parameters: Int

  public init(_ weights: WeightSet) {
    name = weights.name
    layers = weights.layers.map { layer in
      let blobs = layer.blobs.map {
        Blob(shape: $0.shape.dims, count: $0.shape.count, statistics: BlobStatistics($0.data))
      }
      return Layer(name: layer.name, type: layer.type, blobs: blobs)
    }
    parameters = layers.reduce(0) { $0 + $1.blobs.reduce(0) { $0 + $1.count } }
  }
}
