import CKernels
import CaffeCore
import CaffePlan

/// Weights in bf16, in the order of the dense ones: rounded once, when they are loaded.
struct BFloat16Weights: PackedWeights {
  private static let backend = "bf16"
  let count: Int

  init(_ shape: Shape) { count = shape.count }

  /// The weights behind a layout; nil for other layouts.
  init?(_ layout: Layout) {
    guard case .opaque(let opaque) = layout, opaque.backend == BFloat16Weights.backend, opaque.token.count == 1 else {
      return nil
    }
    count = Int(opaque.token[0])
  }

  var layout: Layout { layout(ofRun: count) }

  /// That of some of the weights.
  func layout(ofRun count: Int) -> Layout {
    .opaque(
      OpaqueLayout(backend: BFloat16Weights.backend, token: [Int64(count)], byteCount: count * 2, elementSize: 2, name: "bf16"))
  }

  /// Elements that one thread takes at a time.
  private static let unit = 65536

  func pack(_ dense: UnsafeMutablePointer<Float>, to packed: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = WeightPlaces(dense: dense, packed: packed)
    share(pool) { start, count in
      ckernels_bf16_round(vectorInstructions, places.dense + start, count, places.halves + start)
    }
  }

  func unpack(_ packed: UnsafeMutablePointer<Float>, to dense: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = WeightPlaces(dense: dense, packed: packed)
    share(pool) { start, count in
      ckernels_bf16_widen(vectorInstructions, places.halves + start, count, places.dense + start)
    }
  }

  private func share(_ pool: any ComputePool, _ body: @Sendable (_ start: Int, _ count: Int64) -> Void) {
    pool.run(units: (count + BFloat16Weights.unit - 1) / BFloat16Weights.unit) { unit in
      let start = unit * BFloat16Weights.unit
      body(start, Int64(min(BFloat16Weights.unit, count - start)))
    }
  }
}

extension WeightPlaces {
  fileprivate var halves: UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(packed).assumingMemoryBound(to: UInt16.self)
  }
}
