import CaffePlan

/// Filters of a convolution of stride 4 as Winograd's products read them, with phases as input channels.
struct PhasedFilters: PackedWeights {
  private static let backend = "winograd of phases"
  private let winograd: WinogradFilters
  private let channels, rows, columns: Int

  init(_ geometry: PhasedGeometry) {
    winograd = WinogradFilters(geometry.winograd)
    (channels, rows, columns) = (geometry.channels, geometry.kernel[0], geometry.kernel[1])
  }

  init?(_ layout: Layout) {
    guard case .opaque(let opaque) = layout, opaque.backend == PhasedFilters.backend, opaque.token.count > 3,
      let winograd = WinogradFilters(
        .opaque(
          OpaqueLayout(
            backend: WinogradFilters.backend, token: Array(opaque.token.dropLast(3)), byteCount: opaque.byteCount, name: "")))
    else { return nil }
    self.winograd = winograd
    let own = opaque.token.suffix(3).map { Int($0) }
    (channels, rows, columns) = (own[0], own[1], own[2])
  }

  var layout: Layout {
    guard case .opaque(let inner) = winograd.layout else { return .dense }
    return .opaque(
      OpaqueLayout(
        backend: PhasedFilters.backend, token: inner.token + [channels, rows, columns].map(Int64.init),
        byteCount: inner.byteCount, name: PhasedFilters.backend))
  }

  private var outputs: Int { Int(winograd.shape.output_blocks * winograd.shape.lanes) }

  func pack(_ dense: UnsafeMutablePointer<Float>, to packed: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    var phased = [Float](repeating: 0, count: outputs * channels * PhasedGeometry.phases * 9)
    forEachTap { place, phasedPlace in phased[phasedPlace] = dense[place] }
    phased.withUnsafeMutableBufferPointer { buffer in
      if let start = buffer.baseAddress { winograd.pack(start, to: packed, pool) }
    }
  }

  func unpack(_ packed: UnsafeMutablePointer<Float>, to dense: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    var phased = [Float](repeating: 0, count: outputs * channels * PhasedGeometry.phases * 9)
    phased.withUnsafeMutableBufferPointer { buffer in
      if let start = buffer.baseAddress { winograd.unpack(packed, to: start, pool) }
    }
    forEachTap { place, phasedPlace in dense[place] = phased[phasedPlace] }
  }

  /// Calls `body` with where each tap lies in dense filters, and in those of phases.
  private func forEachTap(_ body: (_ place: Int, _ phasedPlace: Int) -> Void) {
    let stride = PhasedGeometry.stride
    for filter in 0..<outputs * channels {
      for row in 0..<rows {
        for column in 0..<columns {
          let phase = row % stride * stride + column % stride
          body(
            (filter * rows + row) * columns + column,
            (filter * PhasedGeometry.phases + phase) * 9 + row / stride * 3 + column / stride)
        }
      }
    }
  }
}
