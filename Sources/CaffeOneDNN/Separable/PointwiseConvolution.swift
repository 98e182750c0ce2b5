import CKernels
import CaffePlan

/// A convolution with 1x1 filters, with what it does to what it writes.
struct PointwiseConvolution: Sendable {
  let geometry: PointwiseGeometry
  let hasBias: Bool
  let relu: Float?

  var weightCount: Int { hasBias ? 2 : 1 }
}

/// A convolution with 1x1 filters on blocked images, with bias, ReLU and a blob that is added; or several of the same images, which are
/// cut into the same runs of pixels.
struct PointwiseForward: Kernel {
  let convolutions: [PointwiseConvolution]

  var implementation: String { convolutions[0].geometry.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    var weights = memory.weights[...]
    let works = zip(convolutions, memory.outputs).map { convolution, output in
      let own = weights.prefix(convolution.weightCount)
      weights = weights.dropFirst(convolution.weightCount)
      return PointwiseWork(
        shape: convolution.geometry.shape, outputStride: convolution.geometry.outputStride, relu: convolution.relu,
        filters: own[own.startIndex], bias: convolution.hasBias ? own.last : nil,
        addend: memory.inputs.count > 1 ? memory.inputs[1] : nil, destination: output)
    }
    let images = PointwiseImages(
      geometry: convolutions[0].geometry, source: memory.inputs[0], picked: memory.scratch.first, works: works)
    return BoundClosure { context in images.run(context.pool) }
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

/// The images of convolutions, and the order they are worked through in.
private struct PointwiseImages: @unchecked Sendable {
  /// What convolutions of the same images have in common.
  let geometry: PointwiseGeometry
  let source: UnsafeMutablePointer<Float>
  /// Where the inputs are brought together that a stride leaves over.
  let picked: UnsafeMutablePointer<Float>?
  let works: [PointwiseWork]
  /// All panels of all of them, for threads that share these.
  let panels: [(work: PointwiseWork, panel: Int)]

  init(
    geometry: PointwiseGeometry, source: UnsafeMutablePointer<Float>, picked: UnsafeMutablePointer<Float>?, works: [PointwiseWork]
  ) {
    self.geometry = geometry
    self.source = source
    self.picked = picked
    self.works = works
    panels = works.flatMap { work in (0..<Int(work.shape.panels)).map { (work: work, panel: $0) } }
  }

  func run(_ pool: any ComputePool) {
    pick(pool)
    if geometry.sharesPanels {
      pool.run(units: geometry.batch * panels.count) { unit in
        let (image, place) = unit.quotientAndRemainder(dividingBy: panels.count)
        let (work, panel) = panels[place]
        multiply(work, image, panel..<panel + 1, 0..<geometry.pixels)
      }
    } else {
      let runs = geometry.runs
      pool.run(units: geometry.batch * runs) { unit in
        let (image, run) = unit.quotientAndRemainder(dividingBy: runs)
        let pixels = run * geometry.pixels / runs..<(run + 1) * geometry.pixels / runs
        for work in works { multiply(work, image, 0..<Int(work.shape.panels), pixels) }
      }
    }
  }

  private func multiply(_ work: PointwiseWork, _ image: Int, _ panels: Range<Int>, _ pixels: Range<Int>) {
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
