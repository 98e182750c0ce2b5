import CKernels
import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// The largest number of each window of images of bf16, for inference: compared as whole numbers, 32 at a time, where the library widens
/// them to floats.
struct BlockedMaxPooling: Kernel {
  private let shape: ckmax_shape
  private let rows, blocks: Int
  private let threads: Int

  /// nil for means, and images that are not in blocks of 16 channels.
  init?(_ images: Shape, _ geometry: PoolingGeometry, threads: Int) {
    let lanes = Int(cdnn_channel_block())
    let sizes = geometry.input + geometry.output + geometry.kernel + geometry.stride + geometry.pad
    guard geometry.method == .max, images.rank == 4, images.count > 0, lanes == 16, ckernels_has_blocks(16) != 0,
      zip(geometry.pad, geometry.kernel).allSatisfy({ $0 < $1 }), sizes.allSatisfy({ $0 >= 0 && $0 < 1 << 24 })
    else { return nil }
    let numbers = sizes.map { Int32($0) }
    shape = ckmax_shape(
      height: numbers[0], width: numbers[1], output_width: numbers[3], kernel_height: numbers[4], kernel_width: numbers[5],
      stride_height: numbers[6], stride_width: numbers[7], pad_height: numbers[8], pad_width: numbers[9])
    (rows, blocks) = (geometry.output[0], images[0] * ((images[1] + lanes - 1) / lanes))
    self.threads = threads
  }

  var implementation: String { "max bf16:avx512" }
  /// Bytes of a row of the input, for each thread.
  var scratchBytes: [Int] { [threads * lineBytes] }
  private var lineBytes: Int { (Int(shape.width) * 32 + 63) / 64 * 64 }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    func raw(_ place: UnsafeMutablePointer<Float>) -> UnsafeMutableRawPointer { UnsafeMutableRawPointer(place) }
    // Units write different rows or blocks; lines are a worker's own.
    nonisolated(unsafe) let (x, y, lines) = (raw(memory.inputs[0]), raw(memory.outputs[0]), raw(memory.scratch[0]))
    return BoundClosure { context in
      let parts = max(1, min(rows, context.pool.wantedUnits / blocks))
      context.pool.run(units: blocks * parts) { unit, worker in
        let (block, part) = unit.quotientAndRemainder(dividingBy: parts)
        pool(block, part * rows / parts..<(part + 1) * rows / parts, x, y, line: lines + worker * lineBytes)
      }
    }
  }

  /// Some rows of a block's output.
  private func pool(
    _ block: Int, _ rows: Range<Int>, _ x: UnsafeMutableRawPointer, _ y: UnsafeMutableRawPointer, line: UnsafeMutableRawPointer
  ) {
    let (pixels, width) = (Int(shape.height) * Int(shape.width), Int(shape.output_width))
    let input = x.assumingMemoryBound(to: UInt16.self) + block * pixels * 16
    let output = y.assumingMemoryBound(to: UInt16.self) + (block * self.rows + rows.lowerBound) * width * 16
    withUnsafePointer(to: shape) {
      ckmax_rows(
        $0, input, Int32(rows.lowerBound), Int32(rows.upperBound), line.assumingMemoryBound(to: Int16.self), output)
    }
  }
}
