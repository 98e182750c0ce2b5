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

  func pack(_ dense: UnsafeMutablePointer<Float>, to packed: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = WeightPlaces(dense: dense, packed: packed)
    pool.run(elements: count) {
      ckernels_bf16_round(vectorInstructions, places.dense + $0.lowerBound, Int64($0.count), places.halves + $0.lowerBound)
    }
  }

  func unpack(_ packed: UnsafeMutablePointer<Float>, to dense: UnsafeMutablePointer<Float>, _ pool: any ComputePool) {
    let places = WeightPlaces(dense: dense, packed: packed)
    pool.run(elements: count) {
      ckernels_bf16_widen(vectorInstructions, places.halves + $0.lowerBound, Int64($0.count), places.dense + $0.lowerBound)
    }
  }
}

extension WeightPlaces {
  fileprivate var halves: UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(packed).assumingMemoryBound(to: UInt16.self)
  }
}
