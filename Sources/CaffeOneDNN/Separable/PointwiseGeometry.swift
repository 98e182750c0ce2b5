import CKernels
import COneDNN
import CaffeGraph

/// A convolution with 1x1 filters as products of each pixel's channels with the filters, and how they are shared out.
struct PointwiseGeometry: Sendable {
  let shape: ckpoint_shape
  let batch: Int
  /// From one output to the next, in inputs; where that is not 1, the inputs are picked out first.
  let stride: [Int]
  /// Width and pixels of the input, and width of the output.
  let inputWidth, inputPixels, outputWidth: Int
  /// Floats from one image of the output to the next.
  let outputStride: Int
  /// Runs that the pixels of an image are cut into; each is worked through with all filters, or with a panel of them.
  let runs: Int
  let sharesPanels: Bool

  /// nil for other filters, groups, paddings, channels that fill no whole blocks, and so few pixels that the filters are read for next
  /// to nothing.
  ///
  /// - Parameters:
  ///   - outputStride: floats from one image of the output to the next, where that is more than an image.
  ///   - siblingChannels: output channels of convolutions that are computed from the same runs of pixels.
  init?(_ geometry: ConvolutionGeometry, threads: Int, outputStride: Int? = nil, siblingChannels: Int = 0) {
    let lanes = Int(cdnn_channel_block())
    let pixels = geometry.output.reduce(1, *)
    guard geometry.kernel == [1, 1], geometry.pad == [0, 0], geometry.group == 1, geometry.inputChannels % lanes == 0,
      geometry.batch > 0, geometry.batch * pixels >= PointwiseGeometry.fewest, ckernels_has_blocks(Int32(lanes)) != 0,
      let outputs = Int32(exactly: geometry.outputChannels)
    else { return nil }
    batch = geometry.batch
    stride = geometry.stride
    (inputWidth, inputPixels, outputWidth) = (geometry.input[1], geometry.input.reduce(1, *), geometry.output[1])
    let blocks = (geometry.outputChannels + lanes - 1) / lanes
    // Images with a part of a block at their end cannot lie between the others of a Concat.
    self.outputStride = (geometry.outputChannels % lanes == 0 ? outputStride : nil) ?? blocks * lanes * pixels
    let filters = geometry.inputChannels * (geometry.outputChannels + siblingChannels)
    sharesPanels = threads > 1 && batch * pixels < PointwiseGeometry.fewestPerThread(filters) * threads
    let most = min(Int(ckernels_panel_blocks(Int32(lanes))), pixels < PointwiseGeometry.few ? 3 : .max)
    let panels = panelCount(blocks, most: most, threads: sharesPanels ? threads : 1)
    runs = sharesPanels ? 1 : PointwiseGeometry.runs(pixels, batch, inputs: geometry.inputChannels, threads)
    shape = ckpoint_shape(
      lanes: Int32(lanes), input_blocks: Int32(geometry.inputChannels / lanes), outputs: outputs, panels: Int32(panels),
      pixels: Int64(pixels), input_pixels: Int64(pixels))
  }

  private static let fewest = 12
  /// Pixels of an image below which the filters are read so often that narrower panels, of more pixels at a time, are faster.
  private static let few = 64
  /// Pixels below which threads take different filters of the same pixels: more where a core's cache does not hold the filters.
  private static func fewestPerThread(_ filters: Int) -> Int { filters < manyFilters ? 96 : 128 }
  private static let manyFilters = 256 << 10
  /// Floats of a run that stay near a core.
  private static let most = 64 << 10
  private static let mostPixels = 192

  /// As few runs as there can be, in a number that threads share about evenly.
  private static func runs(_ pixels: Int, _ batch: Int, inputs: Int, _ threads: Int) -> Int {
    let length = max(24, min(mostPixels, most / inputs))
    return min(pixels, evenParts((pixels + length - 1) / length, batch: batch, threads: threads))
  }

  /// What `caffe plan` shows.
  var implementation: String { "pointwise:\(shape.lanes == 16 ? "avx512" : "avx2")" }
  var pixels: Int { Int(shape.pixels) }
  /// Floats of an image of the input, of what is picked out of it.
  var inputStride: Int { Int(shape.input_blocks * shape.lanes) * inputPixels }
  var pickedStride: Int { Int(shape.input_blocks * shape.lanes) * pixels }
  /// Bytes of scratch: what is picked out of a batch.
  var scratchBytes: [Int] { stride == [1, 1] ? [] : [batch * pickedStride * 4] }
}

/// As few parts of the output channels, of at most so many blocks, as there can be in a number that threads share evenly.
func panelCount(_ blocks: Int, most: Int, threads: Int) -> Int {
  let fewest = (blocks + most - 1) / most
  return min(blocks, (fewest + threads - 1) / threads * threads)
}

/// So many parts of each image, or a few more where there are so few that threads would have to wait for one another.
func evenParts(_ fewest: Int, batch: Int, threads: Int) -> Int {
  var parts = fewest
  while batch * parts < 32 * threads, batch * parts % threads != 0 { parts += 1 }
  return parts
}
