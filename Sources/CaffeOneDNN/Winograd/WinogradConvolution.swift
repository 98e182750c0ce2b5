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
    let work = WinogradWork(
      geometry: geometry, schedule: schedule, relu: relu, source: memory.inputs[0], filters: memory.weights[0],
      bias: hasBias ? memory.weights[1] : nil, addend: memory.inputs.count > 1 ? memory.inputs[1] : nil,
      destination: memory.outputs[0], planes: memory.scratch[0],
      products: memory.scratch[1])
    return BoundClosure { context in work.run(context.pool) }
  }
}

/// The memory of a convolution, and the order it is worked through in.
// Units write different tiles or different channels; scratch is a worker's own.
struct WinogradWork: @unchecked Sendable {
  let geometry: WinogradGeometry
  let schedule: WinogradSchedule
  let relu: Float?
  let source, filters: UnsafeMutablePointer<Float>
  let bias: UnsafeMutablePointer<Float>?
  /// Added to the output, of the same layout; may be the output itself.
  var addend: UnsafeMutablePointer<Float>?
  let destination, planes, products: UnsafeMutablePointer<Float>

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
      let own = planes + worker * schedule.planeCount(geometry)
      transform(group, tiles(block), channels: 0..<Int(geometry.shape.input_blocks), to: own)
      for panel in 0..<geometry.panels { multiply(group, panel, tiles(block), own, worker) }
    }
  }

  private func sharePanels(_ pool: any ComputePool) {
    let channels = Int(geometry.shape.input_blocks)
    for block in 0..<schedule.blocks(geometry) {
      pool.run(units: geometry.groups * channels) { unit, _ in
        let (group, channel) = unit.quotientAndRemainder(dividingBy: channels)
        transform(group, tiles(block), channels: channel..<channel + 1, to: planes + group * schedule.planeCount(geometry))
      }
      pool.run(units: geometry.groups * geometry.panels) { unit, worker in
        let (group, panel) = unit.quotientAndRemainder(dividingBy: geometry.panels)
        multiply(group, panel, tiles(block), planes + group * schedule.planeCount(geometry), worker)
      }
    }
  }

  private var planeStride: Int64 { Int64(schedule.block * geometry.inputs) }

  private func transform(_ group: Int, _ tiles: Range<Int>, channels: Range<Int>, to planes: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: geometry.shape) {
      ckwino_input(
        $0, source + group * geometry.inputGroupStride, Int32(tiles.lowerBound), Int32(tiles.count), Int32(channels.lowerBound),
        Int32(channels.upperBound), planes, planeStride)
    }
  }

  private func multiply(_ group: Int, _ panel: Int, _ tiles: Range<Int>, _ planes: UnsafeMutablePointer<Float>, _ worker: Int) {
    withUnsafePointer(to: geometry.shape) {
      ckwino_output(
        $0, planes, planeStride, filters + group * geometry.filterCount, Int32(panel), Int32(tiles.lowerBound),
        Int32(tiles.count), products + worker * schedule.productCount(geometry), bias.map { $0 + group * geometry.outputs },
        addend.map { $0 + group * geometry.outputGroupStride }, relu == nil ? 0 : 1, relu ?? 0,
        destination + group * geometry.outputGroupStride)
    }
  }
}
