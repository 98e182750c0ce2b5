import CaffeCore
import CaffeGraph
import CaffePlan

/// Concatenation along the channels of blocked images, whose channel blocks can be copied whole; backward copies back.
struct ConcatOffer {
  let backend: OneDNNBackend
  let request: KernelRequest
  let axis: Int

  init(_ backend: OneDNNBackend, _ request: KernelRequest, axis: Int) {
    self.backend = backend
    self.request = request
    self.axis = axis
  }

  func make() -> KernelOffer? {
    let shapes = request.inputShapes
    let given = request.inputLayouts.compactMap(backend.descriptor)
    let element: Element = given.contains { $0.element == .bfloat16 } ? .bfloat16 : .float32
    guard axis == 1, shapes[0].rank == 4, !given.isEmpty,
      let inputs = try? shapes.map({ try backend.layout(.blocked($0.dims, element)) }),
      let output = try? backend.layout(.blocked(request.outputShapes[0].dims, element)),
      zip(shapes, inputs).allSatisfy({ $1.isGapless($0) })
    else { return nil }
    // Whole blocks of channels are whole floats, whatever the element.
    let perImage = shapes.map { $0.count(from: 1) * element.size / 4 }
    return KernelOffer(
      forward: ConcatKernel(images: shapes[0][0], perImage: perImage, isBackward: false),
      backward: request.needsBackward ? ConcatKernel(images: shapes[0][0], perImage: perImage, isBackward: true) : nil,
      inputs: inputs, outputs: [output])
  }
}

private struct ConcatKernel: Kernel {
  let images: Int
  /// Floats per image of each input.
  let perImage: [Int]
  let isBackward: Bool

  var implementation: String { "copy" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let copy = ConcatCopy(
      parts: isBackward ? memory.inputDiffs : memory.inputs, whole: isBackward ? memory.outputDiffs[0] : memory.outputs[0],
      perImage: perImage, isBackward: isBackward)
    return BoundClosure { context in context.pool.run(units: images) { copy.run(image: $0) } }
  }
}

/// The copies of one image.
// Images do not overlap.
private struct ConcatCopy: @unchecked Sendable {
  let parts: [UnsafeMutablePointer<Float>?]
  let whole: UnsafeMutablePointer<Float>
  let perImage: [Int]
  let isBackward: Bool

  func run(image: Int) {
    var place = whole + image * perImage.reduce(0, +)
    for (part, count) in zip(parts, perImage) {
      if let part {
        let (target, source) = isBackward ? (part + image * count, place) : (place, part + image * count)
        target.update(from: source, count: count)
      }
      place += count
    }
  }
}
