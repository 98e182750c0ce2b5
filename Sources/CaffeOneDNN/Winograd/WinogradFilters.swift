import CKernels
import CaffeCore
import CaffePlan

/// Filters as Winograd's products read them: transformed once, when weights are loaded.
struct WinogradFilters: PackedWeights {
  static let backend = "winograd"
  let shape: ckwino_shape
  let groups: Int

  init(_ geometry: WinogradGeometry) {
    shape = geometry.shape
    groups = geometry.groups
  }

  /// The filters behind a layout; nil for other layouts.
  init?(_ layout: Layout) {
    guard case .opaque(let opaque) = layout, opaque.backend == WinogradFilters.backend, opaque.token.count == 9 else {
      return nil
    }
    let numbers = opaque.token.map { Int32(truncatingIfNeeded: $0) }
    var shape = ckwino_shape()
    (shape.lanes, shape.input_blocks, shape.output_blocks, shape.panels) = (numbers[0], numbers[1], numbers[2], numbers[3])
    (shape.points, shape.kernel, shape.parts, shape.numbers) = (numbers[4], numbers[5], numbers[6], numbers[7])
    self.shape = shape
    groups = Int(numbers[8])
  }

  var layout: Layout {
    .opaque(
      OpaqueLayout(
        backend: WinogradFilters.backend,
        token: [
          shape.lanes, shape.input_blocks, shape.output_blocks, shape.panels, shape.points, shape.kernel, shape.parts,
          shape.numbers, Int32(groups),
        ].map(Int64.init),
        byteCount: groups * groupBytes, elementSize: shape.numbers == 0 ? 4 : 2,
        name: "winograd" + (shape.numbers == 0 ? "" : " bf16")))
  }

  private var groupBytes: Int { withUnsafePointer(to: shape) { Int(ckwino_filter_bytes($0)) } }
  private var denseGroupCount: Int {
    Int(shape.input_blocks * shape.lanes) * Int(shape.output_blocks * shape.lanes) * Int(shape.filterSize * shape.filterSize)
  }

  func pack(_ dense: UnsafeMutablePointer<Float>, to packed: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    pack(dense, to: packed, isFlipped: false, pool)
  }

  /// - Parameter isFlipped: takes filters for the gradient of the input from those of the output's.
  func pack(
    _ dense: UnsafeMutablePointer<Float>, to packed: UnsafeMutablePointer<Float>, isFlipped: Bool, _ pool: any ComputePool
  ) {
    let places = WeightPlaces(dense: dense, packed: packed)
    pool.run(units: groups * Int(shape.panels)) { unit in
      let (group, panel) = unit.quotientAndRemainder(dividingBy: Int(shape.panels))
      withUnsafePointer(to: shape) {
        ckwino_pack(
          $0, places.dense + group * denseGroupCount, isFlipped ? 1 : 0, Int32(panel), Int32(panel + 1),
          UnsafeMutableRawPointer(places.packed) + group * groupBytes)
      }
    }
  }

  func unpack(_ packed: UnsafeMutablePointer<Float>, to dense: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = WeightPlaces(dense: dense, packed: packed)
    pool.run(units: groups * Int(shape.panels)) { unit in
      let (group, panel) = unit.quotientAndRemainder(dividingBy: Int(shape.panels))
      withUnsafePointer(to: shape) {
        ckwino_unpack(
          $0, UnsafeMutableRawPointer(places.packed) + group * groupBytes, Int32(panel), Int32(panel + 1),
          places.dense + group * denseGroupCount)
      }
    }
  }
}
