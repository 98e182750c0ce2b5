import CKernels
import CaffePlan

/// A convolution with 1x1 filters on blocked images, with bias, ReLU and a blob that is added.
struct PointwiseForward: Kernel {
  let geometry: PointwiseGeometry
  let hasBias: Bool
  let relu: Float?

  var implementation: String { geometry.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let work = PointwiseImages(
      geometry: geometry, source: memory.inputs[0], picked: memory.scratch.first,
      work: PointwiseWork(
        shape: geometry.shape, outputStride: geometry.outputStride, relu: relu, filters: memory.weights[0],
        bias: hasBias ? memory.weights[1] : nil, addend: memory.inputs.count > 1 ? memory.inputs[1] : nil,
        destination: memory.outputs[0]))
    return BoundClosure { context in work.run(context.pool) }
  }
}

/// What a convolution reads besides its input, and where it writes.
// Calls write different pixels or different channels.
struct PointwiseWork: @unchecked Sendable {
  let shape: ckpoint_shape
  /// Floats from one image of the output to the next.
  let outputStride: Int
  let relu: Float?
  let filters: UnsafeMutablePointer<Float>
  let bias, addend: UnsafeMutablePointer<Float>?
  let destination: UnsafeMutablePointer<Float>

  /// Some panels of output channels of some pixels of an image.
  ///
  /// - Parameters:
  ///   - input: from the first of the pixels on.
  ///   - coming: what will be read afterwards; nothing for the next panel's filters.
  func multiply(
    _ input: UnsafePointer<Float>, image: Int, panels: Range<Int>, pixels: Range<Int>, coming: ckpoint_coming = ckpoint_coming()
  ) {
    var coming = coming
    let start = image * outputStride
    var output = ckpoint_output(
      image: destination + start, addend: addend.map { UnsafePointer($0 + start) }, relu: relu == nil ? 0 : 1, slope: relu ?? 0)
    withUnsafePointer(to: shape) { shape in
      for panel in panels {
        ckpoint_run(
          shape, input, filters, Int32(panel), Int64(pixels.lowerBound), Int64(pixels.upperBound), bias, &output, &coming)
      }
    }
  }
}

/// The images of a convolution, and the order they are worked through in.
private struct PointwiseImages: @unchecked Sendable {
  let geometry: PointwiseGeometry
  let source: UnsafeMutablePointer<Float>
  /// Where the inputs are brought together that a stride leaves over.
  let picked: UnsafeMutablePointer<Float>?
  let work: PointwiseWork

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
    let input = picked.map { $0 + image * geometry.pickedStride } ?? source + image * geometry.inputStride
    work.multiply(input + pixels.lowerBound * Int(geometry.shape.lanes), image: image, panels: panels, pixels: pixels)
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
