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
    guard axis == 1, shapes[0].rank == 4, request.inputLayouts.contains(where: { backend.descriptor($0) != nil }),
      let inputs = try? shapes.map({ try backend.layout(.blocked($0.dims)) }),
      let output = try? backend.layout(.blocked(request.outputShapes[0].dims)),
      zip(shapes, inputs).allSatisfy({ $1.byteCount($0) == $0.count * 4 })
    else { return nil }
    let perImage = shapes.map { $0.count(from: 1) }
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
