import CKernels
import CaffePlan

/// Filters as products of tiles read them: rounded to bf16, for each tap pairs of inputs, for which 16 outputs lie side by side.
struct TileFilters: PackedWeights {
  private static let backend = "tiles"
  private let shape: cktile_shape
  private let groups: Int

  init(_ geometry: TileGeometry) {
    shape = geometry.shape
    groups = geometry.groups
  }

  init?(_ layout: Layout) {
    guard case .opaque(let opaque) = layout, opaque.backend == TileFilters.backend, opaque.token.count == 6 else { return nil }
    let numbers = opaque.token.map { Int32(truncatingIfNeeded: $0) }
    var shape = cktile_shape()
    (shape.inputs, shape.outputs, shape.kernel_height, shape.kernel_width) = (numbers[0], numbers[1], numbers[2], numbers[3])
    (shape.interleaved, groups) = (numbers[4], Int(numbers[5]))
    self.shape = shape
  }

  var layout: Layout {
    .opaque(
      OpaqueLayout(
        backend: TileFilters.backend,
        token: [shape.inputs, shape.outputs, shape.kernel_height, shape.kernel_width, shape.interleaved, Int32(groups)]
          .map(Int64.init),
        byteCount: groups * groupCount * 2, elementSize: 2, name: "tiles bf16"))
  }

  /// Numbers of a group's packed filters.
  private var groupCount: Int { withUnsafePointer(to: shape) { Int(cktile_filter_count($0)) } }
  private var denseGroupCount: Int { Int(shape.inputs * shape.outputs * shape.kernel_height * shape.kernel_width) }
  private var blocks: Int { TileGeometry.blocks(Int(shape.outputs)) }

  func pack(_ dense: UnsafeMutablePointer<Float>, to packed: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = WeightPlaces(dense: dense, packed: packed)
    pool.run(units: groups * blocks) { unit in
      let (group, block) = unit.quotientAndRemainder(dividingBy: blocks)
      withUnsafePointer(to: shape) {
        cktile_pack($0, places.dense + group * denseGroupCount, Int32(block), halves(places, group))
      }
    }
  }

  func unpack(_ packed: UnsafeMutablePointer<Float>, to dense: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = WeightPlaces(dense: dense, packed: packed)
    pool.run(units: groups * blocks) { unit in
      let (group, block) = unit.quotientAndRemainder(dividingBy: blocks)
      withUnsafePointer(to: shape) {
        cktile_unpack($0, halves(places, group), Int32(block), places.dense + group * denseGroupCount)
      }
    }
  }

  private func halves(_ places: WeightPlaces, _ group: Int) -> UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(places.packed).assumingMemoryBound(to: UInt16.self) + group * groupCount
  }
}
