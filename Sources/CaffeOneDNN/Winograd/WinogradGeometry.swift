import CKernels
import COneDNN
import CaffeGraph

/// How a convolution with stride 1 is cut into tiles for one of Winograd's ways (Lavin and Gray, "Fast Algorithms for Convolutional Neural
/// Networks", 2015): F(4x4, 3x3) takes 36 multiplications per channel for 16 outputs, where the definition takes 144, F(2x2, 3x3) 16
/// for 4, where it takes 36, F(2x2, 5x5) 36 for 4, where it takes 100.
///
/// Images of bf16 are taken by F(2x2, 3x3) alone, whose transforms only add and halve: what they make is rounded to bf16, too, and
/// comes to about twice the error of the definition with bf16; with the numbers of 6 points, up to 8 times as large, it would be ten times.
/// 5x5 filters are four of 3x3 there, some of whose rows and columns are 0: 64 multiplications for 4 outputs.
struct WinogradGeometry: Sendable {
  let shape: ckwino_shape
  let numbers: WinogradNumbers
  let groups: Int
  let batch: Int
  /// Threads that the work is shared out over; decides how it is cut, never what comes out.
  let threads: Int

  /// The way that costs least; nil where none costs less than the definition, and for other filters, strides, or channels that fill no
  /// whole blocks.
  ///
  /// - Parameters:
  ///   - numbers: what images consist of.
  ///   - outputStride: numbers from one image of the output to the next, where that is more than an image.
  init?(_ geometry: ConvolutionGeometry, _ numbers: WinogradNumbers = .floats, threads: Int, outputStride: Int? = nil) {
    let ways = numbers.points.compactMap {
      WinogradGeometry(geometry, numbers, points: $0, threads: threads, outputStride: outputStride)
    }
    guard let best = ways.min(by: { numbers.cost(of: $0) < numbers.cost(of: $1) }),
      numbers.cost(of: best) < numbers.cost(ofDefinition: geometry)
    else {
      return nil
    }
    self = best
  }

  private init?(_ geometry: ConvolutionGeometry, _ numbers: WinogradNumbers, points: Int, threads: Int, outputStride: Int?) {
    let lanes = Int(cdnn_channel_block())
    let (inputs, outputs) = (geometry.inputChannels / geometry.group, geometry.outputChannels / geometry.group)
    guard geometry.kernel == [3, 3] || geometry.kernel == [5, 5], points == 6 || geometry.kernel[0] == 3 || numbers != .floats,
      geometry.stride == [1, 1], geometry.dilation == [1, 1], geometry.batch > 0,
      geometry.pad.allSatisfy({ (0..<geometry.kernel[0]).contains($0) }),
      inputs % lanes == 0, outputs % lanes == 0, numbers.areMultiplied(lanes: lanes),
      let height = Int32(exactly: geometry.input[0]), let width = Int32(exactly: geometry.input[1])
    else { return nil }
    let parts = numbers.parts(ofKernel: geometry.kernel[0])
    let kernel = parts == 1 ? geometry.kernel[0] : 3
    let edge = points + 1 - kernel
    let (rows, columns) = ((geometry.output[0] + edge - 1) / edge, (geometry.output[1] + edge - 1) / edge)
    self.groups = geometry.group
    batch = geometry.batch
    self.threads = threads
    let blocks = outputs / lanes
    let most = Int(ckernels_panel_blocks(Int32(lanes)))
    let panels = panelCount(blocks, most: most, threads: max(1, threads / geometry.group))
    self.numbers = numbers
    shape = ckwino_shape(
      numbers: numbers.code, points: Int32(points), kernel: Int32(kernel), parts: Int32(parts), lanes: Int32(lanes),
      input_blocks: Int32(inputs / lanes),
      output_blocks: Int32(blocks), panels: Int32(panels), height: height, width: width,
      output_height: Int32(geometry.output[0]), output_width: Int32(geometry.output[1]), pad_height: Int32(geometry.pad[0]),
      pad_width: Int32(geometry.pad[1]), tile_rows: Int32(rows), tile_columns: Int32(columns),
      image_stride: Int64(geometry.inputChannels * geometry.input[0] * geometry.input[1]),
      output_stride: Int64(outputStride ?? geometry.outputChannels * geometry.output[0] * geometry.output[1]))
  }

  /// What `caffe plan` shows.
  var implementation: String {
    let (edge, size) = (shape.points - shape.kernel + 1, shape.filterSize)
    let set = numbers == .bf16 ? "avx512_bf16" : shape.lanes == 16 ? "avx512" : "avx2"
    return "winograd:\(set):\(edge)x\(edge)_\(size)x\(size)"
  }
  /// Numbers that a tile is turned into, per channel.
  var planes: Int { Int(shape.points * shape.points) }
  var tiles: Int { batch * Int(shape.tile_rows) * Int(shape.tile_columns) }
  /// Channels per group, and those of a plane: one for each part of the filters.
  var inputs: Int { Int(shape.input_blocks * shape.lanes) }
  var depth: Int { depthBlocks * Int(shape.lanes) }
  var depthBlocks: Int { Int(shape.input_blocks * shape.parts * shape.parts) }
  var outputs: Int { Int(shape.output_blocks * shape.lanes) }
  var panels: Int { Int(shape.panels) }
  /// Bytes of one group's packed filters.
  var filterBytes: Int { withUnsafePointer(to: shape) { Int(ckwino_filter_bytes($0)) } }
  /// Blocks of channels that share a line of the cache where tiles are transformed: threads had better not write into one.
  var blocksPerLine: Int { max(1, 64 / (Int(shape.lanes) * numbers.size)) }
  /// Bytes from one group's channels to the next's, in an image.
  var inputGroupStride: Int { inputs * Int(shape.height) * Int(shape.width) * numbers.size }
  var outputGroupStride: Int { outputs * Int(shape.output_height) * Int(shape.output_width) * numbers.size }
}

extension ckwino_shape {
  /// Rows and columns of a filter, all parts of it.
  var filterSize: Int32 { parts == 1 ? kernel : 5 }
}

/// What images, what they are turned into and filters consist of.
enum WinogradNumbers {
  /// bf16 where the CPU multiplies it in pairs; where floats take its place in tests, `emulated`.
  case floats, bf16, emulated

  /// Those of images of an element.
  init(_ element: Element) {
    self = element == .float32 ? .floats : ckernels_multiplies_bf16() != 0 ? .bf16 : .emulated
  }

  fileprivate var code: Int32 {
    switch self {
    case .floats: Int32(CKWINO_FLOATS)
    case .bf16: Int32(CKWINO_BF16)
    case .emulated: Int32(CKWINO_BF16_EMULATED)
    }
  }

  /// Bytes of one.
  var size: Int { self == .floats ? 4 : 2 }
  fileprivate var points: [Int] { self == .floats ? [6, 4] : [4] }
  /// In each direction: filters of 5 are parts of 3 for bf16, that 4 points are enough.
  fileprivate func parts(ofKernel kernel: Int) -> Int { self != .floats && kernel == 5 ? 2 : 1 }

  fileprivate func areMultiplied(lanes: Int) -> Bool {
    ckernels_has_blocks(Int32(lanes)) != 0 && (self == .floats || lanes == 16)
  }
}

/// What a convolution costs, in the time of one of its multiplications and additions of two floats: a static rule, so that a plan does not
/// depend on what the machine does at the time. Its constants were measured on a CPU with AVX-512 whose two cores share 20 GB/s; of bf16
/// two are multiplied, read and brought to and fro in the time of a float.
extension WinogradNumbers {
  /// Reading a filter's number from memory.
  private static let read = 23.0
  /// Bringing a number of an image into a plane, or out of it. The CPUs that multiply bf16 are faster at it.
  private var transform: Double { self == .floats ? 25 : 16 }
  /// What choosing the definition where it costs the same saves: the memory for other filters.
  private static let preference = 0.95
  /// What the definition loses on rows so short that the sums of one row leave most registers empty: rows of 7 pixels took 1.2 to 1.3
  /// times as long with 3x3 filters and AVX-512.
  private static let shortRows = 1.2
  private static let shortRow = 8

  private var share: Double { Double(size) / 4 }

  fileprivate func cost(of geometry: WinogradGeometry) -> Double {
    let (tiles, depth, outputs) = (geometry.tiles, geometry.depth, geometry.outputs)
    let products = Double(depth * outputs) * (Double(tiles) + WinogradNumbers.read)
    let transforms = Double(tiles * (depth + outputs)) * transform
    return Double(geometry.groups * geometry.planes) * (products + transforms) * share
  }

  fileprivate func cost(ofDefinition geometry: ConvolutionGeometry) -> Double {
    let filters = geometry.kernel.reduce(1, *) * geometry.inputChannels / geometry.group * geometry.outputChannels
    let rows = geometry.output[1] < WinogradNumbers.shortRow ? WinogradNumbers.shortRows : 1
    let numbers = Double(geometry.batch * geometry.output.reduce(1, *)) + WinogradNumbers.read
    return Double(filters) * numbers * share * WinogradNumbers.preference * rows
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

  /// Bytes of the planes of one block of tiles of one group.
  func planeBytes(_ geometry: WinogradGeometry) -> Int { geometry.planes * block * geometry.depth * geometry.numbers.size }

  /// Floats of a panel's products.
  func productCount(_ geometry: WinogradGeometry) -> Int {
    geometry.planes * block * Int(ckernels_panel_blocks(geometry.shape.lanes) * geometry.shape.lanes)
  }

  /// Bytes of scratch: planes, then products. Each thread has its own, but for planes that all share.
  func scratchBytes(_ geometry: WinogradGeometry) -> [Int] {
    [
      (sharesPanels ? geometry.groups : geometry.threads) * planeBytes(geometry),
      geometry.threads * productCount(geometry) * 4,
    ]
  }
}
