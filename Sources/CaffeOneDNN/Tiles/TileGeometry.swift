import CKernels
import COneDNN
import CaffeGraph

/// A convolution of bf16 as products of tiles: up to 16 neighbouring outputs by 16 output channels at a time, for each tap and 16 input
/// channels. CPUs that multiply whole tiles (AMX) make 8 to 16 times as many products of them a cycle as of vectors of floats, so that no
/// way with fewer multiplications (Winograd's) gains anything.
struct TileGeometry: Sendable {
  let shape: cktile_shape
  let groups, batch: Int
  /// Rows and columns of the input without padding, and those of zeros before the first.
  let input, pad: [Int]
  /// Numbers from one image of the output to the next.
  let outputStride: Int

  /// nil for no images, for those of other than two axes, for groups whose channels fill no whole blocks, for images that padding makes many
  /// times as large, and where blocks have other sizes than 16 channels.
  ///
  /// - Parameters:
  ///   - isEmulated: whether floats take the place of tiles.
  ///   - outputStride: numbers from one image of the output to the next, where that is more than an image.
  init?(_ geometry: ConvolutionGeometry, isEmulated: Bool, outputStride: Int? = nil) {
    let (inputs, outputs) = (geometry.inputChannels / geometry.group, geometry.outputChannels / geometry.group)
    let padded = zip(geometry.input, geometry.pad).map { $0 + 2 * $1 }
    let sizes = [inputs, outputs] + geometry.kernel + geometry.stride + geometry.dilation + padded + geometry.output
    guard geometry.kernel.count == 2, geometry.batch > 0, cdnn_channel_block() == CKTILE_LANES,
      geometry.group == 1 || (inputs % TileGeometry.lanes == 0 && outputs % TileGeometry.lanes == 0),
      sizes.allSatisfy({ $0 > 0 && $0 < 1 << 24 }), geometry.input.reduce(1, *) < 1 << 30,
      padded.reduce(1, *) <= 4 * geometry.input.reduce(1, *) + TileGeometry.spare
    else { return nil }
    (groups, batch, input, pad) = (geometry.group, geometry.batch, geometry.input, geometry.pad)
    // The pixels of images that are taken one by one are one row.
    let isPointwise = geometry.kernel == [1, 1] && geometry.stride == [1, 1] && geometry.pad == [0, 0]
    let (rows, columns) = isPointwise ? ([1, 1], padded.reduce(1, *)) : ([padded[0], geometry.output[0]], padded[1])
    let numbers = sizes.map { Int32($0) }
    let runs = TileGeometry.blocks(geometry.kernel[1] * inputs)
    let isInterleaved = geometry.group == 1 && inputs <= 4 && geometry.dilation[1] == 1 && runs < geometry.kernel[1]
    shape = cktile_shape(
      emulated: isEmulated ? 1 : 0, interleaved: isInterleaved ? 1 : 0, inputs: numbers[0], outputs: numbers[1],
      kernel_height: numbers[2], kernel_width: numbers[3], stride_height: numbers[4], stride_width: numbers[5],
      dilation_height: numbers[6], dilation_width: numbers[7], height: Int32(rows[0]), width: Int32(columns),
      output_height: Int32(rows[1]),
      output_width: isPointwise ? Int32(columns) : Int32(geometry.output[1]))
    // Images with a part of a block at their end cannot lie between the others of a Concat.
    let whole = TileGeometry.blocks(geometry.outputChannels) * TileGeometry.lanes
    self.outputStride =
      (geometry.outputChannels == whole ? outputStride : nil) ?? whole * geometry.output.reduce(1, *)
  }

  static let lanes = Int(CKTILE_LANES)
  /// Blocks that hold so many numbers.
  static func blocks(_ count: Int) -> Int { (count + lanes - 1) / lanes }
  /// Pixels that padding may add to any image.
  private static let spare = 4096

  /// What `caffe plan` shows.
  var implementation: String { "tiles:\(shape.emulated == 0 ? "amx_bf16" : "emulated")" }
  /// Whether images have so few channels that they are taken dense, and pixels brought side by side.
  var isInterleaved: Bool { shape.interleaved != 0 }
  /// Blocks of a group's channels.
  var inputBlocks: Int { TileGeometry.blocks(Int(shape.inputs)) }
  var outputBlocks: Int { TileGeometry.blocks(Int(shape.outputs)) }
  /// Tiles of a block of an image's outputs.
  var tiles: Int { withUnsafePointer(to: shape) { Int(cktile_count($0)) } }
  /// Numbers of a group's packed filters.
  var filterCount: Int { withUnsafePointer(to: shape) { Int(cktile_filter_count($0)) } }
  /// Numbers of a block of channels: of an image as it is, padded, and of the output.
  var inputBlockCount: Int { input.reduce(TileGeometry.lanes, *) }
  var paddedBlockCount: Int { Int(shape.height) * Int(shape.width) * TileGeometry.lanes }
  var outputBlockCount: Int { Int(shape.output_height) * Int(shape.output_width) * TileGeometry.lanes }
  /// Whether what is read is a copy of the images.
  var isPadded: Bool { isInterleaved || pad != [0, 0] }
  /// Numbers of an image, padded; an interleaved one has a run of zeros behind it.
  var paddedCount: Int {
    isInterleaved
      ? Int(shape.height) * Int(shape.width) * Int(shape.inputs) + TileGeometry.lanes : groups * inputBlocks * paddedBlockCount
  }
}
