import CKernels
import CaffeGraph
import CaffePlan

/// A convolution by Winograd on blocked images, with bias and ReLU.
struct WinogradForward: Kernel {
  let geometry: WinogradGeometry
  let schedule: WinogradSchedule
  let hasBias: Bool
  let relu: Float?

  var implementation: String { geometry.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let work = work(memory)
    return BoundClosure { context in work.run(context.pool) }
  }

  /// What is done, in some memory.
  func work(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> WinogradWork {
    WinogradWork(
      geometry: geometry, schedule: schedule, relu: relu, source: UnsafeMutableRawPointer(memory.inputs[0]),
      filters: UnsafeMutableRawPointer(memory.weights[0]), bias: hasBias ? memory.weights[1] : nil,
      addend: memory.inputs.count > 1 ? UnsafeMutableRawPointer(memory.inputs[1]) : nil,
      destination: UnsafeMutableRawPointer(memory.outputs[0]), planes: UnsafeMutableRawPointer(memory.scratch[0]),
      products: memory.scratch[1])
  }
}

/// The memory of a convolution, and the order it is worked through in.
// Units write different tiles or different channels; scratch is a worker's own.
struct WinogradWork: @unchecked Sendable {
  let geometry: WinogradGeometry
  let schedule: WinogradSchedule
  let relu: Float?
  let source, filters: UnsafeMutableRawPointer
  let bias: UnsafeMutablePointer<Float>?
  /// Added to the output, of the same layout; may be the output itself.
  var addend: UnsafeMutableRawPointer?
  let destination, planes: UnsafeMutableRawPointer
  let products: UnsafeMutablePointer<Float>

  func run(_ pool: any ComputePool) {
    if schedule.sharesPanels { sharePanels(pool) } else { shareTiles(pool) }
  }

  private func tiles(_ block: Int) -> Range<Int> {
    block * schedule.block..<min(geometry.tiles, (block + 1) * schedule.block)
  }

  private func shareTiles(_ pool: any ComputePool) {
    let blocks = schedule.blocks(geometry)
    pool.run(units: blocks * geometry.groups) { unit, worker in
      let (group, block) = unit.quotientAndRemainder(dividingBy: blocks)
      let own = planes + worker * schedule.planeBytes(geometry)
      transform(group, tiles(block), channels: 0..<geometry.depthBlocks, to: own)
      for panel in 0..<geometry.panels { multiply(group, panel, tiles(block), own, worker) }
    }
  }

  private func sharePanels(_ pool: any ComputePool) {
    let (channels, together) = (geometry.depthBlocks, geometry.blocksPerLine)
    let units = (channels + together - 1) / together
    for block in 0..<schedule.blocks(geometry) {
      pool.run(units: geometry.groups * units) { unit, _ in
        let (group, part) = unit.quotientAndRemainder(dividingBy: units)
        let own = part * together..<min(channels, (part + 1) * together)
        transform(group, tiles(block), channels: own, to: planes + group * schedule.planeBytes(geometry))
      }
      pool.run(units: geometry.groups * geometry.panels) { unit, worker in
        let (group, panel) = unit.quotientAndRemainder(dividingBy: geometry.panels)
        multiply(group, panel, tiles(block), planes + group * schedule.planeBytes(geometry), worker)
      }
    }
  }

  private var planeStride: Int64 { Int64(schedule.block * geometry.depth) }

  private func transform(_ group: Int, _ tiles: Range<Int>, channels: Range<Int>, to planes: UnsafeMutableRawPointer) {
    withUnsafePointer(to: geometry.shape) {
      ckwino_input(
        $0, source + group * geometry.inputGroupStride, Int32(tiles.lowerBound), Int32(tiles.count), Int32(channels.lowerBound),
        Int32(channels.upperBound), planes, planeStride)
    }
  }

  private func multiply(_ group: Int, _ panel: Int, _ tiles: Range<Int>, _ planes: UnsafeMutableRawPointer, _ worker: Int) {
    withUnsafePointer(to: geometry.shape) {
      ckwino_output(
        $0, planes, planeStride, filters + group * geometry.filterBytes, Int32(panel), Int32(tiles.lowerBound),
        Int32(tiles.count), products + worker * schedule.productCount(geometry), bias.map { $0 + group * geometry.outputs },
        addend.map { $0 + group * geometry.outputGroupStride }, relu == nil ? 0 : 1, relu ?? 0,
        destination + group * geometry.outputGroupStride)
    }
  }
}
