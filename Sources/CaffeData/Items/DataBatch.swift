import CaffeCore

/// Pictures and their labels, ready for a net's input blobs.
public struct DataBatch: Sendable {
  /// N×C×H×W transformed pixels.
  public let data: Tensor
  /// N labels, or N×K where an item has K.
  public let labels: Tensor
  /// The number of the first item in the stream, counted from 0 and never starting over.
  public let firstItem: Int
  /// Items that are used up with this batch, skipped ones and those of other takers included.
  public let position: Int

  var tensors: [Tensor] { [data, labels] }
}
