import CKernels
import COneDNN
import CaffeCore
import CaffePlan

/// Local response normalisation across channels on blocked images, with beta 0.75 as published nets have it: s^−0.75 by reciprocal
/// square roots, where the library divides. Backward computes the sums of squares again, so that nothing is saved for it.
struct BlockedLRN: Sendable {
  private let shape: cklrn_shape
  private let batch: Int
  let element: Element

  /// nil for other exponents, wider windows, and images that are not in blocks.
  init?(_ images: Shape, _ element: Element, size: Int, alpha: Float, beta: Float, k: Float) {
    let lanes = Int(cdnn_channel_block())
    guard images.rank == 4, images.count > 0, beta == 0.75, alpha >= 0, k > 0, ckernels_has_blocks(Int32(lanes)) != 0,
      element == .float32 || lanes == 16,
      size / 2 <= Int(CKLRN_HALF), let blocks = Int32(exactly: (images[1] + lanes - 1) / lanes)
    else { return nil }
    batch = images[0]
    self.element = element
    shape = cklrn_shape(
      is_bf16: element == .bfloat16 ? 1 : 0, lanes: Int32(lanes), blocks: blocks, half: Int32(size / 2),
      pixels: Int64(images[2] * images[3]),
      alpha_by_size: alpha / Float(size), k: k)
  }

  var implementation: String { "lrn\(element == .bfloat16 ? " bf16" : ""):\(shape.lanes == 16 ? "avx512" : "avx2")" }

  /// Floats of scratch for backward, for each thread.
  var scratchCount: Int { withUnsafePointer(to: shape) { Int(cklrn_scratch_count($0)) } }

  /// Calls `body` with the shape, the image's first number and a run of its pixels for all of the batch.
  func share(
    _ pool: any ComputePool,
    _ body: @Sendable (_ shape: UnsafePointer<cklrn_shape>, _ image: Int, _ pixels: Range<Int64>, _ worker: Int) -> Void
  ) {
    let run = Int64(CKLRN_PIXELS)
    let runs = Int((shape.pixels + run - 1) / run)
    let imageCount = Int(shape.pixels) * Int(shape.blocks * shape.lanes)
    pool.run(units: batch * runs) { unit, worker in
      let (image, index) = unit.quotientAndRemainder(dividingBy: runs)
      let first = Int64(index) * run
      withUnsafePointer(to: shape) { body($0, image * imageCount, first..<min(shape.pixels, first + run), worker) }
    }
  }
}

struct BlockedLRNForward: Kernel {
  let lrn: BlockedLRN

  var implementation: String { lrn.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    // Runs of pixels do not overlap.
    nonisolated(unsafe) let (x, y) = (UnsafeMutableRawPointer(memory.inputs[0]), UnsafeMutableRawPointer(memory.outputs[0]))
    return BoundClosure { [lrn] context in
      lrn.share(context.pool) { shape, image, pixels, _ in
        let start = image * lrn.element.size
        cklrn_forward(shape, x + start, y + start, pixels.lowerBound, pixels.upperBound)
      }
    }
  }
}

struct BlockedLRNBackward: Kernel {
  let lrn: BlockedLRN

  var implementation: String { lrn.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    guard let target = memory.inputDiffs[0] else { return BoundClosure { _ in } }
    // Runs of pixels do not overlap; scratch is a worker's own.
    nonisolated(unsafe) let (x, dy, dx, scratch) = (memory.inputs[0], memory.outputDiffs[0], target, memory.scratch[0])
    return BoundClosure { [lrn] context in
      lrn.share(context.pool) { shape, image, pixels, worker in
        cklrn_backward(
          shape, x + image, dy + image, dx + image, pixels.lowerBound, pixels.upperBound, scratch + worker * lrn.scratchCount)
      }
    }
  }
}
