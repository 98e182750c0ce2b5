import CaffeCore
import Synchronization

/// Pictures and labels that a program hands to a MemoryData layer, in place of a file.
///
/// They are used batch after batch, from the first again after the last, until others are set; those begin with their first.
public final class MemoryData: Sendable {
  /// What was set.
  enum Content: Sendable {
    /// M×C×H×W values that go to the net as they are.
    case values(Tensor)
    /// M pictures that `transform_param` is applied to.
    case images([Image])

    var count: Int {
      switch self {
      case .values(let tensor): tensor.shape.dims.first ?? 0
      case .images(let images): images.count
      }
    }
  }

  /// What was set last, with its labels and a number that tells it from what was set before.
  struct Filling: Sendable {
    let content: Content
    let labels: [Float]
    let number: Int
  }

  private let filling = Mutex<Filling?>(nil)

  public init() {}

  /// Sets values that go to the net as they are: Caffe's `Reset`.
  ///
  /// - Parameters:
  ///   - data: M×C×H×W; M must be a multiple of the layer's `batch_size`, which is checked when the net takes them.
  ///   - labels: M of them.
  /// - Throws: `DataSettingsError` when the labels are not as many.
  public func set(_ data: Tensor, labels: [Float]) throws(DataSettingsError) { try set(.values(data), labels) }

  /// Sets pictures, to which the layer's `transform_param` is applied: Caffe's `AddMatVector`.
  ///
  /// - Throws: `DataSettingsError` when the labels are not as many.
  public func set(_ images: [Image], labels: [Float]) throws(DataSettingsError) { try set(.images(images), labels) }

  private func set(_ content: Content, _ labels: [Float]) throws(DataSettingsError) {
    guard content.count > 0, content.count == labels.count else {
      throw DataSettingsError("\(content.count) items and \(labels.count) labels; each item, of at least 1, has a label")
    }
    filling.withLock { $0 = Filling(content: content, labels: labels, number: ($0?.number ?? 0) + 1) }
  }

  /// What was set last; nil when nothing was.
  var current: Filling? { filling.withLock { $0 } }
}
