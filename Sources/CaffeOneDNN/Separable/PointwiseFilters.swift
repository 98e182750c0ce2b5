import CKernels
import CaffePlan

/// 1x1 filters as `PointwiseForward` reads them: panels of output channels, side by side for each input channel.
struct PointwiseFilters: PackedWeights {
  private static let backend = "pointwise"
  private let shape: ckpoint_shape

  init(_ geometry: PointwiseGeometry) { shape = geometry.shape }

  init?(_ layout: Layout) {
    guard case .opaque(let opaque) = layout, opaque.backend == PointwiseFilters.backend, opaque.token.count == 4 else {
      return nil
    }
    let numbers = opaque.token.map { Int32(truncatingIfNeeded: $0) }
    var shape = ckpoint_shape()
    (shape.lanes, shape.input_blocks, shape.outputs, shape.panels) = (numbers[0], numbers[1], numbers[2], numbers[3])
    self.shape = shape
  }

  var layout: Layout {
    .opaque(
      OpaqueLayout(
        backend: PointwiseFilters.backend,
        token: [shape.lanes, shape.input_blocks, shape.outputs, shape.panels].map(Int64.init),
        byteCount: withUnsafePointer(to: shape) { Int(ckpoint_filter_count($0)) } * 4, name: PointwiseFilters.backend))
  }

  func pack(_ dense: UnsafeMutablePointer<Float>, to packed: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = WeightPlaces(dense: dense, packed: packed)
    pool.run(units: Int(shape.panels)) { panel in
      withUnsafePointer(to: shape) { ckpoint_pack($0, places.dense, Int32(panel), Int32(panel + 1), places.packed) }
    }
  }

  func unpack(_ packed: UnsafeMutablePointer<Float>, to dense: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = WeightPlaces(dense: dense, packed: packed)
    pool.run(units: Int(shape.panels)) { panel in
      withUnsafePointer(to: shape) { ckpoint_unpack($0, places.packed, Int32(panel), Int32(panel + 1), places.dense) }
    }
  }
}
