import CKernels
import COneDNN
import CaffeGraph

/// How a convolution with 3x3 filters and stride 1 is cut into tiles for Winograd's F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for
/// Convolutional Neural Networks", 2015): 36 multiplications per channel for 16 outputs, where the definition takes 144.
struct WinogradGeometry: Sendable {
  let shape: ckwino_shape
  let groups: Int
  let batch: Int
  /// Threads that the work is shared out over; decides how it is cut, never what comes out.
  let threads: Int

  /// nil for other filters, strides, or channels that fill no whole blocks.
  ///
  /// - Parameter outputStride: floats from one image of the output to the next, where that is more than an image.
  init?(_ geometry: ConvolutionGeometry, threads: Int, outputStride: Int? = nil) {
    let lanes = Int(cdnn_channel_block())
    let (inputs, outputs) = (geometry.inputChannels / geometry.group, geometry.outputChannels / geometry.group)
    guard geometry.kernel == [3, 3], geometry.stride == [1, 1], geometry.dilation == [1, 1], geometry.batch > 0,
      geometry.pad.allSatisfy({ (0...2).contains($0) }),
      inputs % lanes == 0, outputs % lanes == 0, ckwino_available(Int32(lanes)) != 0,
      let height = Int32(exactly: geometry.input[0]), let width = Int32(exactly: geometry.input[1])
    else { return nil }
    let (rows, columns) = ((geometry.output[0] + 3) / 4, (geometry.output[1] + 3) / 4)
    self.groups = geometry.group
    batch = geometry.batch
    self.threads = threads
    let blocks = outputs / lanes
    let most = Int(ckwino_panel_blocks(Int32(lanes)))
    let panels = WinogradGeometry.panels(blocks, most: most, threads: max(1, threads / geometry.group))
    shape = ckwino_shape(
      lanes: Int32(lanes), input_blocks: Int32(inputs / lanes), output_blocks: Int32(blocks), panels: Int32(panels),
      height: height, width: width, output_height: Int32(geometry.output[0]), output_width: Int32(geometry.output[1]),
      pad_height: Int32(geometry.pad[0]), pad_width: Int32(geometry.pad[1]), tile_rows: Int32(rows), tile_columns: Int32(columns),
      image_stride: Int64(geometry.inputChannels * geometry.input[0] * geometry.input[1]),
      output_stride: Int64(outputStride ?? geometry.outputChannels * geometry.output[0] * geometry.output[1]))
  }

  /// As few parts of the output channels as there can be, in a number that threads share evenly.
  private static func panels(_ blocks: Int, most: Int, threads: Int) -> Int {
    let fewest = (blocks + most - 1) / most
    return min(blocks, (fewest + threads - 1) / threads * threads)
  }

  /// What `caffe plan` shows.
  var implementation: String { "winograd:\(shape.lanes == 16 ? "avx512" : "avx2")" }
  var tiles: Int { batch * Int(shape.tile_rows) * Int(shape.tile_columns) }
  /// Channels per group.
  var inputs: Int { Int(shape.input_blocks * shape.lanes) }
  var outputs: Int { Int(shape.output_blocks * shape.lanes) }
  var panels: Int { Int(shape.panels) }
  /// Floats of one group's packed filters.
  var filterCount: Int { withUnsafePointer(to: shape) { Int(ckwino_filter_count($0)) } }
  /// Floats from one group's channels to the next's, in an image.
  var inputGroupStride: Int { inputs * Int(shape.height) * Int(shape.width) }
  var outputGroupStride: Int { outputs * Int(shape.output_height) * Int(shape.output_width) }

  /// Whether so few multiplications pay for the transforms, and for filters that take four times the memory to read.
  ///
  /// A static rule, so that a plan does not depend on what the machine does at the time: at least a dozen tiles share the filters,
  /// images fill their tiles, and there are channels enough to hide the transforms behind.
  var pays: Bool {
    let used = Double(shape.output_height) * Double(shape.output_width)
    let covered = Double(shape.tile_rows) * Double(shape.tile_columns) * 16
    return tiles >= 12 && min(inputs, outputs) >= 32 && 9 * used >= 1.6 * 36 / 16 * covered
  }
}

/// How tiles are shared out: by threads that each take blocks of tiles through all channels, or, where there are few tiles, by all
/// threads taking panels of output channels of the same tiles, so that each reads its part of the filters only.
struct WinogradSchedule: Sendable {
  /// Tiles that are worked on together.
  let block: Int
  let sharesPanels: Bool

  /// Tiles whose planes and products of a panel stay near a core.
  private static let most = 48
  private static let fewestPerThread = 24

  init(_ geometry: WinogradGeometry) {
    let tiles = geometry.tiles
    sharesPanels = geometry.threads > 1 && tiles < WinogradSchedule.fewestPerThread * geometry.threads
    let fewest = (tiles + WinogradSchedule.most - 1) / WinogradSchedule.most
    let workers = sharesPanels ? 1 : max(1, geometry.threads / geometry.groups)
    let blocks = (fewest + workers - 1) / workers * workers
    block = (tiles + blocks - 1) / blocks
  }

  func blocks(_ geometry: WinogradGeometry) -> Int { (geometry.tiles + block - 1) / block }

  /// Floats of the planes of one block of tiles of one group.
  func planeCount(_ geometry: WinogradGeometry) -> Int { 36 * block * geometry.inputs }

  /// Floats of a panel's products.
  func productCount(_ geometry: WinogradGeometry) -> Int {
    36 * block * Int(ckwino_panel_blocks(geometry.shape.lanes) * geometry.shape.lanes)
  }

  /// Bytes of scratch: planes, then products. Each thread has its own, but for planes that all share.
  func scratchBytes(_ geometry: WinogradGeometry) -> [Int] {
    [
      (sharesPanels ? geometry.groups : geometry.threads) * planeCount(geometry) * 4,
      geometry.threads * productCount(geometry) * 4,
    ]
  }
}
