import CKernels
import CaffeGraph
import CaffePlan

/// A convolution of bf16 by tiles on blocked images, with bias, ReLU and a blob that is added.
struct TileForward: Kernel {
  let geometry: TileGeometry
  let threads: Int
  /// Whether threads may take whole images.
  let isImagewise: Bool
  let hasBias: Bool
  let relu: Float?

  var implementation: String { geometry.implementation }

  /// Whether threads take whole images, each of which it pads for itself.
  private var sharesImages: Bool {
    geometry.isPadded && isImagewise && (geometry.batch % threads == 0 || geometry.batch >= 4 * threads)
  }

  /// Bytes of scratch: padded images, one for each thread where threads take whole ones.
  var scratchBytes: [Int] {
    geometry.isPadded ? [(sharesImages ? threads : 1) * geometry.paddedCount * 2] : []
  }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    func halves(_ place: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<UInt16> {
      UnsafeMutableRawPointer(place).assumingMemoryBound(to: UInt16.self)
    }
    let images = TileImages(
      geometry: geometry, sharesImages: sharesImages, relu: relu, source: halves(memory.scratch.first ?? memory.inputs[0]),
      filters: halves(memory.weights[0]), bias: hasBias ? memory.weights[1] : nil,
      addend: memory.inputs.count > 1 ? halves(memory.inputs[1]) : nil, destination: halves(memory.outputs[0]),
      padding: memory.scratch.first.map {
        TilePadding(geometry: geometry, source: UnsafeMutableRawPointer(memory.inputs[0]), padded: halves($0))
      })
    return BoundClosure { context in images.run(context.pool) }
  }
}

/// The images of a convolution, and the order they are worked through in.
// Units write different tiles or different channels; what is padded is a worker's own, or finished before it is read.
private struct TileImages: @unchecked Sendable {
  let geometry: TileGeometry
  let sharesImages: Bool
  let relu: Float?
  /// What is read: the images, or where they are padded.
  let source: UnsafeMutablePointer<UInt16>
  let filters: UnsafeMutablePointer<UInt16>
  let bias: UnsafeMutablePointer<Float>?
  let addend: UnsafeMutablePointer<UInt16>?
  let destination: UnsafeMutablePointer<UInt16>
  let padding: TilePadding?

  func run(_ pool: any ComputePool) {
    guard let padding else { return multiply(0..<geometry.batch, pool) }
    if sharesImages {
      pool.run(units: geometry.batch) { image, worker in
        for unit in 0..<padding.units { padding.pad(image, unit, to: worker) }
        for pair in 0..<geometry.groups * pairs { multiply(image, pair, 0..<geometry.tiles, from: worker) }
      }
    } else {
      for image in 0..<geometry.batch {
        pool.run(units: padding.units) { padding.pad(image, $0, to: 0) }
        multiply(image..<image + 1, pool)
      }
    }
  }

  /// Pairs of blocks of a group's output channels; the last may be a single one.
  private var pairs: Int { (geometry.outputBlocks + 1) / 2 }

  /// Some images, the first of which lies where inputs begin, shared out by pairs of blocks, and where these are few by tiles.
  private func multiply(_ images: Range<Int>, _ pool: any ComputePool) {
    let (all, couples) = (geometry.groups * pairs, (geometry.tiles + 1) / 2)
    let parts = max(1, min(couples, pool.wantedUnits / (images.count * all)))
    pool.run(units: images.count * all * parts) { unit in
      let (place, part) = unit.quotientAndRemainder(dividingBy: parts)
      let (image, pair) = place.quotientAndRemainder(dividingBy: all)
      let tiles = 2 * (part * couples / parts)..<min(geometry.tiles, 2 * ((part + 1) * couples / parts))
      multiply(images.lowerBound + image, pair, tiles, from: image)
    }
  }

  /// Some tiles of a pair of blocks, counted through all groups.
  ///
  /// - Parameter place: of the image among the inputs.
  private func multiply(_ image: Int, _ pair: Int, _ tiles: Range<Int>, from place: Int) {
    let (group, own) = pair.quotientAndRemainder(dividingBy: pairs)
    let start = image * geometry.outputStride + group * geometry.outputBlocks * geometry.outputBlockCount
    var output = cktile_output(
      image: destination + start, addend: addend.map { UnsafePointer($0 + start) },
      bias: bias.map { UnsafePointer($0 + group * Int(geometry.shape.outputs)) }, relu: relu == nil ? 0 : 1, slope: relu ?? 0)
    let input = source + place * geometry.paddedCount + group * geometry.inputBlocks * geometry.paddedBlockCount
    withUnsafePointer(to: geometry.shape) { shape in
      cktile_run(
        shape, input, filters + group * geometry.filterCount, &output, Int32(2 * own),
        Int32(min(geometry.outputBlocks, 2 * own + 2)), Int32(tiles.lowerBound), Int32(tiles.upperBound))
    }
  }
}
