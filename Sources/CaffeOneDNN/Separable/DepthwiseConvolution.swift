import CKernels
import COneDNN
import CaffeGraph
import CaffePlan

/// A convolution with a filter of three columns for each channel, on images in blocks of channels.
struct DepthwiseGeometry: Sendable {
  let shape: ckdepth_shape
  let batch, blocks: Int
  /// Rows of an output.
  let rows: Int
  /// Floats from one image of the input, and of the output, to the next.
  let inputStride, outputStride: Int

  /// nil for other filters, and channels that fill no whole blocks.
  ///
  /// - Parameter outputStride: floats from one image of the output to the next, where that is more than an image.
  init?(_ geometry: ConvolutionGeometry, outputStride: Int? = nil) {
    let lanes = Int(cdnn_channel_block())
    let sizes = geometry.input + geometry.output + geometry.kernel + geometry.stride + geometry.pad + geometry.dilation
    guard geometry.batch > 0, geometry.isDepthwise, geometry.input.count == 2, geometry.kernel[1] == 3, geometry.dilation[1] == 1,
      geometry.stride[1] <= 2, geometry.pad[1] <= 1, sizes.allSatisfy({ Int32(exactly: $0) != nil }),
      geometry.inputChannels % lanes == 0, ckernels_has_blocks(Int32(lanes)) != 0
    else { return nil }
    (batch, blocks) = (geometry.batch, geometry.inputChannels / lanes)
    inputStride = geometry.inputChannels * geometry.input.reduce(1, *)
    self.outputStride = outputStride ?? geometry.inputChannels * geometry.output.reduce(1, *)
    shape = ckdepth_shape(
      lanes: Int32(lanes), height: Int32(geometry.input[0]), width: Int32(geometry.input[1]),
      output_width: Int32(geometry.output[1]), kernel_height: Int32(geometry.kernel[0]),
      stride_height: Int32(geometry.stride[0]), stride_width: Int32(geometry.stride[1]), pad_height: Int32(geometry.pad[0]),
      pad_width: Int32(geometry.pad[1]), dilation_height: Int32(geometry.dilation[0]))
    rows = geometry.output[0]
  }

  /// What `caffe plan` shows.
  var implementation: String { "depthwise:\(shape.lanes == 16 ? "avx512" : "avx2")" }
}

/// A depthwise convolution with bias and ReLU.
struct DepthwiseForward: Kernel {
  let geometry: DepthwiseGeometry
  let hasBias: Bool
  let relu: Float?

  var implementation: String { geometry.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let images = DepthwiseImages(
      work: DepthwiseWork(
        geometry: geometry, relu: relu, filters: memory.weights[0], bias: hasBias ? memory.weights[1] : nil,
        source: memory.inputs[0]), destination: memory.outputs[0])
    return BoundClosure { context in images.run(context.pool) }
  }
}

/// What a depthwise convolution reads.
struct DepthwiseWork: @unchecked Sendable {
  let geometry: DepthwiseGeometry
  let relu: Float?
  let filters: UnsafeMutablePointer<Float>
  let bias: UnsafeMutablePointer<Float>?
  let source: UnsafeMutablePointer<Float>

  /// Some rows of one block of channels of an image.
  func convolve(_ image: Int, _ block: Int, _ rows: Range<Int>, to output: UnsafeMutablePointer<Float>) {
    let (shape, lanes) = (geometry.shape, Int(geometry.shape.lanes))
    let (pixels, taps) = (Int(shape.height) * Int(shape.width), Int(shape.kernel_height * 3))
    withUnsafePointer(to: shape) { shape in
      ckdepth_rows(
        shape, source + image * geometry.inputStride + block * pixels * lanes, filters + block * taps * lanes,
        bias.map { $0 + block * lanes }, relu == nil ? 0 : 1, relu ?? 0, Int32(rows.lowerBound), Int32(rows.upperBound), output)
    }
  }
}

/// The images of a convolution, and the order they are worked through in.
// Units write different rows or different channels.
private struct DepthwiseImages: @unchecked Sendable {
  let work: DepthwiseWork
  let destination: UnsafeMutablePointer<Float>

  func run(_ pool: any ComputePool) {
    let geometry = work.geometry
    let (wanted, channels) = (pool.wantedUnits, geometry.batch * geometry.blocks)
    let parts = max(1, min(geometry.rows, wanted / max(1, channels)))
    let units = min(wanted, channels * parts)
    pool.run(units: units) { unit in
      for place in unit * channels * parts / units..<(unit + 1) * channels * parts / units {
        let (channel, part) = place.quotientAndRemainder(dividingBy: parts)
        convolve(channel, part * geometry.rows / parts..<(part + 1) * geometry.rows / parts)
      }
    }
  }

  private func convolve(_ channel: Int, _ rows: Range<Int>) {
    let geometry = work.geometry
    let (image, block) = channel.quotientAndRemainder(dividingBy: geometry.blocks)
    let line = Int(geometry.shape.output_width) * Int(geometry.shape.lanes)
    work.convolve(
      image, block, rows,
      to: destination + image * geometry.outputStride + (block * geometry.rows + rows.lowerBound) * line)
  }
}
