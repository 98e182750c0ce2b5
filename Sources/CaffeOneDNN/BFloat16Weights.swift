import CKernels
import CaffeCore
import CaffePlan

/// Weights in bf16, in the order of the dense ones: rounded once, when they are loaded.
struct BFloat16Weights: Sendable {
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

  var layout: Layout {
    .opaque(
      OpaqueLayout(backend: BFloat16Weights.backend, token: [Int64(count)], byteCount: count * 2, elementSize: 2, name: "bf16"))
  }
}

/// Moves weights from dense to bf16, or back.
struct BFloat16Reorder: Kernel {
  private let count: Int
  private let rounds: Bool
  /// Elements that one thread takes at a time.
  private static let unit = 65536

  /// nil where neither side is bf16, or the other is not dense.
  init?(from: Layout, to: Layout) {
    if from == .dense, let weights = BFloat16Weights(to) {
      (count, rounds) = (weights.count, true)
    } else if to == .dense, let weights = BFloat16Weights(from) {
      (count, rounds) = (weights.count, false)
    } else {
      return nil
    }
  }

  var implementation: String { "bf16" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let places = Places(source: memory.inputs[0], target: memory.outputs[0])
    return BoundClosure { [count, rounds] context in
      context.pool.run(units: (count + BFloat16Reorder.unit - 1) / BFloat16Reorder.unit) { unit in
        let start = unit * BFloat16Reorder.unit
        let part = Int64(min(BFloat16Reorder.unit, count - start))
        if rounds { places.round(start, part) } else { places.widen(start, part) }
      }
    }
  }

  // Units read and write different elements.
  private struct Places: @unchecked Sendable {
    let source, target: UnsafeMutableRawPointer

    init(source: UnsafeMutablePointer<Float>, target: UnsafeMutablePointer<Float>) {
      (self.source, self.target) = (UnsafeMutableRawPointer(source), UnsafeMutableRawPointer(target))
    }

    func round(_ start: Int, _ count: Int64) {
      ckernels_bf16_round(
        vectorInstructions, source.assumingMemoryBound(to: Float.self) + start, count,
        target.assumingMemoryBound(to: UInt16.self) + start)
    }

    func widen(_ start: Int, _ count: Int64) {
      ckernels_bf16_widen(
        vectorInstructions, source.assumingMemoryBound(to: UInt16.self) + start, count,
        target.assumingMemoryBound(to: Float.self) + start)
    }
  }
}
