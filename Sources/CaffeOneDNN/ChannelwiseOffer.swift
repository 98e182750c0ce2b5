import CKernels
import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Scale with ReLU, and PReLU, for inference: on images in blocks of channels where they lie so, and on dense memory of any axes.
struct ChannelwiseOffer {
  private let request: KernelRequest
  private let layout: Layout
  private let runs: ChannelRuns

  /// nil for gradients, and where there is nothing to do.
  init?(_ backend: OneDNNBackend, _ request: KernelRequest) {
    let (shape, lanes) = (request.inputShapes[0], Int(cdnn_channel_block()))
    guard !request.needsBackward, request.bottomCount == 1, !request.operation.addsLastInput, shape.rank > 1, shape.count > 0
    else { return nil }
    self.request = request
    if request.inputLayouts[0] != .dense, shape.rank == 4, ckernels_has_blocks(Int32(lanes)) != 0,
      let blocked = try? backend.layout(.blocked(shape.dims)), blocked != .dense
    {
      layout = blocked
      runs = ChannelRuns(shape, lanes: lanes)
    } else {
      layout = .dense
      runs = ChannelRuns(shape, lanes: 1)
    }
  }

  func make() -> KernelOffer {
    let function: ChannelwiseForward.Function =
      if case .prelu? = request.operation.signature.primitive {
        .prelu(isShared: request.weightShapes[0].rank == 0)
      } else {
        .scale(relu: request.operation.relu)
      }
    return KernelOffer(
      forward: ChannelwiseForward(runs: runs, function: function), inputs: [layout], outputs: [layout],
      weights: request.weightShapes.map { _ in .dense }, allowsInPlace: true)
  }
}

/// Runs of the pixels of a blob's channels, `lanes` of which lie side by side.
struct ChannelRuns: Sendable {
  let count, channels, pixels, lanes: Int

  init(_ shape: Shape, lanes: Int) {
    (count, channels, pixels, self.lanes) = (shape[0], shape[1], shape.count(from: 2), lanes)
  }

  /// Floats of a run, and about as many that are worth a call of their own.
  private static let run = 16384
  private var blocks: Int { (channels + lanes - 1) / lanes }

  /// Calls `body` with the first channel, the place of the first float and the pixels of each run.
  func share(_ pool: any ComputePool, _ body: @Sendable (_ channel: Int, _ place: Int, _ pixels: Int) -> Void) {
    let length = min(pixels, ChannelRuns.run / lanes)
    let runs = (pixels + length - 1) / length
    pool.run(elements: count * blocks * runs, by: max(1, ChannelRuns.run / (length * lanes))) { range in
      for unit in range {
        let (plane, run) = unit.quotientAndRemainder(dividingBy: runs)
        body(plane % blocks * lanes, (plane * pixels + run * length) * lanes, min(length, pixels - run * length))
      }
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

  let runs: ChannelRuns
  let function: Function

  var implementation: String {
    let name = if case .scale = function { "scale" } else { "prelu" }
    return name + (runs.lanes == 16 ? ":avx512" : runs.lanes == 8 ? ":avx2" : "")
  }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    // Runs of pixels do not overlap.
    nonisolated(unsafe) let (x, y, weights) = (memory.inputs[0], memory.outputs[0], memory.weights)
    return BoundClosure { [self] context in
      runs.share(context.pool) { channel, place, pixels in
        let block = block(channel, weights)
        if runs.lanes == 1 {
          mapPlane(block, x + place, y + place, pixels)
        } else {
          withUnsafePointer(to: block) { ckchannel_map($0, x + place, y + place, Int64(pixels)) }
        }
      }
    }
  }

  private func block(_ channel: Int, _ weights: [UnsafeMutablePointer<Float>]) -> ckchannel_block {
    var block = ckchannel_block()
    block.lanes = Int32(runs.lanes)
    block.channels = Int32(min(runs.lanes, runs.channels - channel))
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

/// What `ckchannel_map` does, on a run of one channel.
private func mapPlane(_ block: ckchannel_block, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>, _ count: Int) {
  let (factor, shift, slope) = (block.factor?.pointee ?? 1, block.shift?.pointee ?? 0, block.slope?.pointee ?? block.relu)
  let (source, target, stride) = (UnsafeRawPointer(x), UnsafeMutableRawPointer(y), MemoryLayout<SIMD8<Float>>.stride)
  for place in 0..<count / 8 {
    let value = source.loadUnaligned(fromByteOffset: place * stride, as: SIMD8<Float>.self) * factor + shift
    target.storeBytes(
      of: value.replacing(with: value * slope, where: value .< 0), toByteOffset: place * stride, as: SIMD8<Float>.self)
  }
  for i in count / 8 * 8..<count {
    let value = x[i] * factor + shift
    y[i] = value < 0 ? value * slope : value
  }
}
