import CaffeCore

/// Pictures and their labels, ready for a net's input blobs.
public struct DataBatch: Sendable {
  /// N×C×H×W transformed pixels.
  public let data: Tensor
  /// N labels.
  public let labels: Tensor
  /// The number of the first picture in the stream, counted from 0 and never starting over.
  public let firstItem: Int
}
