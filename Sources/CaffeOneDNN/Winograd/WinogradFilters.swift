import CKernels
import CaffeCore
import CaffePlan

/// Filters as Winograd's products read them: transformed once, when weights are loaded.
struct WinogradFilters: Sendable {
  static let backend = "winograd"
  let shape: ckwino_shape
  let groups: Int

  init(_ geometry: WinogradGeometry) {
    shape = geometry.shape
    groups = geometry.groups
  }

  /// The filters behind a layout; nil for other layouts.
  init?(_ layout: Layout) {
    guard case .opaque(let opaque) = layout, opaque.backend == WinogradFilters.backend, opaque.token.count == 7 else {
      return nil
    }
    let numbers = opaque.token.map { Int32(truncatingIfNeeded: $0) }
    var shape = ckwino_shape()
    (shape.lanes, shape.input_blocks, shape.output_blocks, shape.panels) = (numbers[0], numbers[1], numbers[2], numbers[3])
    (shape.points, shape.kernel) = (numbers[4], numbers[5])
    self.shape = shape
    groups = Int(numbers[6])
  }

  var layout: Layout {
    .opaque(
      OpaqueLayout(
        backend: WinogradFilters.backend,
        token: [
          shape.lanes, shape.input_blocks, shape.output_blocks, shape.panels, shape.points, shape.kernel, Int32(groups),
        ].map(Int64.init),
        byteCount: groups * groupCount * 4, name: "winograd"))
  }

  private var groupCount: Int { withUnsafePointer(to: shape) { Int(ckwino_filter_count($0)) } }
  private var denseGroupCount: Int { groupCount / Int(shape.points * shape.points) * Int(shape.kernel * shape.kernel) }

  /// Packs filters that lie dense, on a pool's threads.
  func pack(
    _ filters: UnsafeMutablePointer<Float>, to packed: UnsafeMutablePointer<Float>, isFlipped: Bool = false,
    _ pool: any ComputePool
  ) {
    let places = Places(dense: filters, packed: packed)
    pool.run(units: groups * Int(shape.panels)) { unit in
      let (group, panel) = unit.quotientAndRemainder(dividingBy: Int(shape.panels))
      withUnsafePointer(to: shape) {
        ckwino_pack(
          $0, places.dense + group * denseGroupCount, isFlipped ? 1 : 0, Int32(panel), Int32(panel + 1),
          places.packed + group * groupCount)
      }
    }
  }

  /// The filters that were packed, but for rounding.
  func unpack(_ packed: UnsafeMutablePointer<Float>, to filters: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = Places(dense: filters, packed: packed)
    pool.run(units: groups * Int(shape.panels)) { unit in
      let (group, panel) = unit.quotientAndRemainder(dividingBy: Int(shape.panels))
      withUnsafePointer(to: shape) {
        ckwino_unpack(
          $0, places.packed + group * groupCount, Int32(panel), Int32(panel + 1), places.dense + group * denseGroupCount)
      }
    }
  }

  // Units read and write different panels.
  private struct Places: @unchecked Sendable {
    let dense, packed: UnsafeMutablePointer<Float>
  }
}

/// Moves filters from dense to Winograd's layout, or back.
struct WinogradReorder: Kernel {
  private let filters: WinogradFilters
  private let packs: Bool

  /// nil where neither side is Winograd's, or the other is not dense.
  init?(from: Layout, to: Layout) {
    if from == .dense, let filters = WinogradFilters(to) {
      (self.filters, packs) = (filters, true)
    } else if to == .dense, let filters = WinogradFilters(from) {
      (self.filters, packs) = (filters, false)
    } else {
      return nil
    }
  }

  var implementation: String { "winograd" }

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
