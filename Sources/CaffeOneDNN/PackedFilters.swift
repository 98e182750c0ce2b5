import CaffePlan

/// Filters as a kernel of ours reads them: packed once, when weights are loaded.
protocol PackedFilters: Sendable {
  /// The filters behind a layout; nil for layouts of others.
  init?(_ layout: Layout)
  var layout: Layout { get }
  /// Packs filters that lie dense, on a pool's threads.
  func pack(_ dense: UnsafeMutablePointer<Float>, to packed: UnsafeMutablePointer<Float>, _ pool: any ComputePool)
  /// The filters that were packed, but for rounding.
  func unpack(_ packed: UnsafeMutablePointer<Float>, to dense: UnsafeMutablePointer<Float>, _ pool: any ComputePool)
}

/// The same filters in both forms.
// Units read and write different panels.
struct FilterPlaces: @unchecked Sendable {
  let dense, packed: UnsafeMutablePointer<Float>
}

/// Moves filters from dense to a layout of ours, or back.
struct FilterReorder: Kernel {
  private let filters: any PackedFilters
  private let packs: Bool

  /// nil where neither side is ours, or the other is not dense.
  init?(from: Layout, to: Layout) {
    if from == .dense, let filters = FilterReorder.filters(to) {
      (self.filters, packs) = (filters, true)
    } else if to == .dense, let filters = FilterReorder.filters(from) {
      (self.filters, packs) = (filters, false)
    } else {
      return nil
    }
  }

  private static func filters(_ layout: Layout) -> (any PackedFilters)? { WinogradFilters(layout) ?? PointwiseFilters(layout) }

  var implementation: String { filters.layout.description }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    BoundClosure { [filters, packs] context in
      if packs {
        filters.pack(memory.inputs[0], to: memory.outputs[0], context.pool)
      } else {
        filters.unpack(memory.inputs[0], to: memory.outputs[0], context.pool)
      }
    }
  }
}
