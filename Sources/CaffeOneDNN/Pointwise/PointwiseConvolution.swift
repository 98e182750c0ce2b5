import CKernels
import CaffePlan

/// A convolution with 1x1 filters on blocked images, with bias, ReLU and a blob that is added.
struct PointwiseForward: Kernel {
  let geometry: PointwiseGeometry
  let hasBias: Bool
  let relu: Float?

  var implementation: String { geometry.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let work = PointwiseWork(
      geometry: geometry, relu: relu, source: memory.inputs[0], filters: memory.weights[0],
      bias: hasBias ? memory.weights[1] : nil, addend: memory.inputs.count > 1 ? memory.inputs[1] : nil,
      destination: memory.outputs[0], picked: memory.scratch.first)
    return BoundClosure { context in work.run(context.pool) }
  }
}

/// The memory of a convolution, and the order it is worked through in.
// Units write different pixels or different channels.
private struct PointwiseWork: @unchecked Sendable {
  let geometry: PointwiseGeometry
  let relu: Float?
  let source, filters: UnsafeMutablePointer<Float>
  let bias, addend: UnsafeMutablePointer<Float>?
  let destination: UnsafeMutablePointer<Float>
  /// Where the inputs are brought together that a stride leaves over.
  let picked: UnsafeMutablePointer<Float>?

  func run(_ pool: any ComputePool) {
    let (runs, panels) = (geometry.runs, Int(geometry.shape.panels))
    pick(pool)
    if geometry.sharesPanels {
      pool.run(units: geometry.batch * panels) { unit in
        let (image, panel) = unit.quotientAndRemainder(dividingBy: panels)
        multiply(image, panel..<panel + 1, 0..<geometry.pixels)
      }
    } else {
      pool.run(units: geometry.batch * runs) { unit in
        let (image, run) = unit.quotientAndRemainder(dividingBy: runs)
        multiply(image, 0..<panels, run * geometry.pixels / runs..<(run + 1) * geometry.pixels / runs)
      }
    }
  }

  private func multiply(_ image: Int, _ panels: Range<Int>, _ pixels: Range<Int>) {
    let start = image * geometry.outputStride
    var output = ckpoint_output(
      image: destination + start, addend: addend.map { UnsafePointer($0 + start) }, relu: relu == nil ? 0 : 1, slope: relu ?? 0)
    let input = picked.map { $0 + image * geometry.pickedStride } ?? source + image * geometry.inputStride
    withUnsafePointer(to: geometry.shape) { shape in
      for panel in panels {
        ckpoint_run(shape, input, filters, Int32(panel), Int64(pixels.lowerBound), Int64(pixels.upperBound), bias, &output)
      }
    }
  }

  private func pick(_ pool: any ComputePool) {
    guard picked != nil else { return }
    let (lanes, blocks) = (Int(geometry.shape.lanes), Int(geometry.shape.input_blocks))
    pool.run(units: geometry.batch * blocks) { block in
      guard let to = picked.map({ $0 + block * geometry.pixels * lanes }) else { return }
      let from = source + block * geometry.inputPixels * lanes
      for pixel in 0..<geometry.pixels {
        let (y, x) = pixel.quotientAndRemainder(dividingBy: geometry.outputWidth)
        let place = y * geometry.stride[0] * geometry.inputWidth + x * geometry.stride[1]
        (to + pixel * lanes).update(from: from + place * lanes, count: lanes)
      }
    }
  }
}
