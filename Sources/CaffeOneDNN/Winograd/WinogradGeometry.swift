import CKernels
import COneDNN
import CaffeGraph

/// How a convolution with stride 1 is cut into tiles for one of Winograd's ways (Lavin and Gray, "Fast Algorithms for Convolutional Neural
/// Networks", 2015): F(4x4, 3x3) takes 36 multiplications per channel for 16 outputs, where the definition takes 144, F(2x2, 3x3) 16
/// for 4, where it takes 36, F(2x2, 5x5) 36 for 4, where it takes 100.
struct WinogradGeometry: Sendable {
  let shape: ckwino_shape
  let groups: Int
  let batch: Int
  /// Threads that the work is shared out over; decides how it is cut, never what comes out.
  let threads: Int

  /// The way that costs least; nil where none costs less than the definition, and for other filters, strides, or channels that fill no
  /// whole blocks.
  ///
  /// - Parameter outputStride: floats from one image of the output to the next, where that is more than an image.
  init?(_ geometry: ConvolutionGeometry, threads: Int, outputStride: Int? = nil) {
    let ways = [6, 4].compactMap { WinogradGeometry(geometry, points: $0, threads: threads, outputStride: outputStride) }
    guard let best = ways.min(by: { $0.cost < $1.cost }), best.cost < WinogradGeometry.cost(ofDefinition: geometry) else {
      return nil
    }
    self = best
  }

  private init?(_ geometry: ConvolutionGeometry, points: Int, threads: Int, outputStride: Int?) {
    let lanes = Int(cdnn_channel_block())
    let (inputs, outputs) = (geometry.inputChannels / geometry.group, geometry.outputChannels / geometry.group)
    guard geometry.kernel == [3, 3] || geometry.kernel == [5, 5], points > geometry.kernel[0], geometry.stride == [1, 1],
      geometry.dilation == [1, 1], geometry.batch > 0, geometry.pad.allSatisfy({ (0..<geometry.kernel[0]).contains($0) }),
      inputs % lanes == 0, outputs % lanes == 0, ckernels_has_blocks(Int32(lanes)) != 0,
      let height = Int32(exactly: geometry.input[0]), let width = Int32(exactly: geometry.input[1])
    else { return nil }
    let edge = points + 1 - geometry.kernel[0]
    let (rows, columns) = ((geometry.output[0] + edge - 1) / edge, (geometry.output[1] + edge - 1) / edge)
    self.groups = geometry.group
    batch = geometry.batch
    self.threads = threads
    let blocks = outputs / lanes
    let most = Int(ckernels_panel_blocks(Int32(lanes)))
    let panels = panelCount(blocks, most: most, threads: max(1, threads / geometry.group))
    shape = ckwino_shape(
      points: Int32(points), kernel: Int32(geometry.kernel[0]), lanes: Int32(lanes), input_blocks: Int32(inputs / lanes),
      output_blocks: Int32(blocks), panels: Int32(panels), height: height, width: width,
      output_height: Int32(geometry.output[0]), output_width: Int32(geometry.output[1]), pad_height: Int32(geometry.pad[0]),
      pad_width: Int32(geometry.pad[1]), tile_rows: Int32(rows), tile_columns: Int32(columns),
      image_stride: Int64(geometry.inputChannels * geometry.input[0] * geometry.input[1]),
      output_stride: Int64(outputStride ?? geometry.outputChannels * geometry.output[0] * geometry.output[1]))
  }

  /// What `caffe plan` shows.
  var implementation: String {
    let edge = shape.points - shape.kernel + 1
    return "winograd:\(shape.lanes == 16 ? "avx512" : "avx2"):\(edge)x\(edge)_\(shape.kernel)x\(shape.kernel)"
  }
  /// Numbers that a tile is turned into, per channel.
  var planes: Int { Int(shape.points * shape.points) }
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
}

/// What a convolution costs, in the time of one of its multiplications and additions of two numbers: a static rule, so that a plan does not
/// depend on what the machine does at the time. Its constants were measured on a CPU with AVX-512 whose two cores share 20 GB/s.
extension WinogradGeometry {
  /// Reading a filter's number from memory.
  private static let read = 23.0
  /// Bringing a number of an image into a plane, or out of it.
  private static let transform = 25.0
  /// What choosing the definition where it costs the same saves: the memory for other filters.
  private static let preference = 0.95
  /// What the definition loses on rows so short that the sums of one row leave most registers empty: rows of 7 pixels took 1.2 to 1.3
  /// times as long with 3x3 filters and AVX-512.
  private static let shortRows = 1.2
  private static let shortRow = 8

  private var cost: Double {
    let products = Double(inputs * outputs) * (Double(tiles) + WinogradGeometry.read)
    let transforms = Double(tiles * (inputs + outputs)) * WinogradGeometry.transform
    return Double(groups * planes) * (products + transforms)
  }

  private static func cost(ofDefinition geometry: ConvolutionGeometry) -> Double {
    let filters = geometry.kernel.reduce(1, *) * geometry.inputChannels / geometry.group * geometry.outputChannels
    let rows = geometry.output[1] < shortRow ? shortRows : 1
    return Double(filters) * (Double(geometry.batch * geometry.output.reduce(1, *)) + read) * preference * rows
  }
}

/// How tiles are shared out: by threads that each take blocks of tiles through all channels, or, where there are few tiles, by all
/// threads taking panels of output channels of the same tiles, so that each reads its part of the filters only.
struct WinogradSchedule: Sendable {
  /// Tiles that are worked on together.
  let block: Int
  let sharesPanels: Bool

  /// Tiles whose planes and products of a panel stay near a core.
  private static let most = 64
  private static let fewestPerThread = 32

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
  func planeCount(_ geometry: WinogradGeometry) -> Int { geometry.planes * block * geometry.inputs }

  /// Floats of a panel's products.
  func productCount(_ geometry: WinogradGeometry) -> Int {
    geometry.planes * block * Int(ckernels_panel_blocks(geometry.shape.lanes) * geometry.shape.lanes)
  }

  /// Bytes of scratch: planes, then products. Each thread has its own, but for planes that all share.
  func scratchBytes(_ geometry: WinogradGeometry) -> [Int] {
    [
      (sharesPanels ? geometry.groups : geometry.threads) * planeCount(geometry) * 4,
      geometry.threads * productCount(geometry) * 4,
    ]
  }
}
