import CaffePlan

/// Weights as a kernel of ours reads them: packed once, when they are loaded.
protocol PackedWeights: Sendable {
  /// The weights behind a layout; nil for layouts of others.
  init?(_ layout: Layout)
  var layout: Layout { get }
  /// Packs weights that lie dense, on a pool's threads.
  func pack(_ dense: UnsafeMutablePointer<Float>, to packed: UnsafeMutablePointer<Float>, _ pool: any ComputePool)
  /// The weights that were packed, but for rounding.
  func unpack(_ packed: UnsafeMutablePointer<Float>, to dense: UnsafeMutablePointer<Float>, _ pool: any ComputePool)
}

/// The same weights in both forms.
// Units read and write different parts.
struct WeightPlaces: @unchecked Sendable {
  let dense, packed: UnsafeMutablePointer<Float>
}

/// Moves weights from dense to a layout of ours, or back.
struct WeightReorder: Kernel {
  private let weights: any PackedWeights
  private let packs: Bool

  /// nil where neither side is ours, or the other is not dense.
  init?(from: Layout, to: Layout) {
    if from == .dense, let weights = WeightReorder.weights(to) {
      (self.weights, packs) = (weights, true)
    } else if to == .dense, let weights = WeightReorder.weights(from) {
      (self.weights, packs) = (weights, false)
    } else {
      return nil
    }
  }

  private static func weights(_ layout: Layout) -> (any PackedWeights)? {
    WinogradFilters(layout) ?? PhasedFilters(layout) ?? PointwiseFilters(layout) ?? TileFilters(layout) ?? BFloat16Weights(layout)
  }

  var implementation: String { weights.layout.description }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    BoundClosure { [weights, packs] context in
      if packs {
        weights.pack(memory.inputs[0], to: memory.outputs[0], context.pool)
      } else {
        weights.unpack(memory.inputs[0], to: memory.outputs[0], context.pool)
      }
    }
  }
}
