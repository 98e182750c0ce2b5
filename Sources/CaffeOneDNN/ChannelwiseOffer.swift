import CKernels
import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Scale with ReLU, and PReLU, on images that lie in blocks of channels, for inference.
struct ChannelwiseOffer {
  private let backend: OneDNNBackend
  private let request: KernelRequest
  private let images: BlockedImages

  /// nil for gradients, and for what does not lie in blocks: the reference is as good for dense memory.
  init?(_ backend: OneDNNBackend, _ request: KernelRequest) {
    let (shape, lanes) = (request.inputShapes[0], Int(cdnn_channel_block()))
    guard !request.needsBackward, request.bottomCount == 1, !request.operation.addsLastInput, shape.rank == 4, shape.count > 0,
      ckernels_has_blocks(Int32(lanes)) != 0, request.inputLayouts[0] != .dense,
      request.inputLayouts[0] == (try? backend.layout(.blocked(shape.dims)))
    else { return nil }
    self.backend = backend
    self.request = request
    images = BlockedImages(count: shape[0], channels: shape[1], pixels: shape[2] * shape[3], lanes: lanes)
  }

  func make() -> KernelOffer {
    let function: ChannelwiseForward.Function =
      if case .prelu? = request.operation.signature.primitive {
        .prelu(isShared: request.weightShapes[0].rank == 0)
      } else {
        .scale(relu: request.operation.relu)
      }
    return KernelOffer(
      forward: ChannelwiseForward(images: images, function: function), inputs: [request.inputLayouts[0]],
      outputs: [request.inputLayouts[0]], weights: request.weightShapes.map { _ in .dense }, allowsInPlace: true)
  }
}

/// Images in blocks of channels, cut into runs of the pixels of a block.
struct BlockedImages: Sendable {
  let count, channels, pixels, lanes: Int

  private static let run = 1024
  private var blocks: Int { (channels + lanes - 1) / lanes }
  private var runs: Int { (pixels + BlockedImages.run - 1) / BlockedImages.run }

  /// Calls `body` with the first channel of a block, the place of the first float and the number of a run of its pixels, for all of the
  /// batch.
  func share(_ pool: any ComputePool, _ body: @Sendable (_ channel: Int, _ place: Int, _ pixels: Int) -> Void) {
    pool.run(units: count * blocks * runs) { unit in
      let (plane, run) = unit.quotientAndRemainder(dividingBy: runs)
      let first = run * BlockedImages.run
      body(plane % blocks * lanes, (plane * pixels + first) * lanes, min(BlockedImages.run, pixels - first))
    }
  }
}

/// A function of each channel by itself.
struct ChannelwiseForward: Kernel {
  enum Function {
    /// y = x · factor[c] (+ shift[c]), and a ReLU of that with a slope.
    case scale(relu: Float?)
    /// y = x where it is above 0, else x · slope[c], or x · slope.
    case prelu(isShared: Bool)
  }

  let images: BlockedImages
  let function: Function

  var implementation: String {
    let name = if case .scale = function { "scale" } else { "prelu" }
    return "\(name):\(images.lanes == 16 ? "avx512" : "avx2")"
  }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    // Runs of pixels do not overlap.
    nonisolated(unsafe) let (x, y, weights) = (memory.inputs[0], memory.outputs[0], memory.weights)
    return BoundClosure { [self] context in
      images.share(context.pool) { channel, place, pixels in
        withUnsafePointer(to: block(channel, weights)) { ckchannel_map($0, x + place, y + place, Int64(pixels)) }
      }
    }
  }

  private func block(_ channel: Int, _ weights: [UnsafeMutablePointer<Float>]) -> ckchannel_block {
    var block = ckchannel_block()
    block.lanes = Int32(images.lanes)
    block.channels = Int32(min(images.lanes, images.channels - channel))
    switch function {
    case .scale(let relu):
      block.factor = UnsafePointer(weights[0] + channel)
      block.shift = weights.count > 1 ? UnsafePointer(weights[1] + channel) : nil
      block.relu = relu ?? 1
    case .prelu(isShared: true): block.relu = weights[0][0]
    case .prelu(isShared: false): block.slope = UnsafePointer(weights[0] + channel)
    }
    return block
  }
}
