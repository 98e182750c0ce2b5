import CaffePlan

/// A convolution of stride 4 by Winograd on the phases of dense images, with bias and ReLU.
struct PhasedForward: Kernel {
  let geometry: PhasedGeometry
  let schedule: WinogradSchedule
  let hasBias: Bool
  let relu: Float?

  init(_ geometry: PhasedGeometry, hasBias: Bool, relu: Float?) {
    self.geometry = geometry
    schedule = WinogradSchedule(geometry.winograd)
    self.hasBias = hasBias
    self.relu = relu
  }

  var implementation: String { geometry.implementation }
  /// Bytes of scratch: Winograd's, and the phases of all images.
  var scratchBytes: [Int] {
    schedule.scratchBytes(geometry.winograd) + [geometry.winograd.batch * geometry.phasedCount * 4]
  }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let phases = Phases(geometry: geometry, source: memory.inputs[0], target: memory.scratch[2])
    var inner = memory
    inner.inputs[0] = memory.scratch[2]
    let winograd = WinogradForward(geometry: geometry.winograd, schedule: schedule, hasBias: hasBias, relu: relu)
    let work = winograd.work(inner)
    return BoundClosure { context in
      phases.take(context.pool)
      work.run(context.pool)
    }
  }
}

/// Dense images, and their phases in blocks of channels: channel 16c + 4i + j has the pixels of channel c in rows 4y + i and columns 4x + j.
// Units write different rows.
private struct Phases: @unchecked Sendable {
  let geometry: PhasedGeometry
  let source, target: UnsafeMutablePointer<Float>

  func take(_ pool: any ComputePool) {
    let (rows, planes) = (geometry.height, geometry.winograd.batch * geometry.channels)
    // Some rows at a time, which share what they read of no line.
    let parts = min(rows, 8)
    pool.run(units: planes * parts) { unit in
      let (plane, part) = unit.quotientAndRemainder(dividingBy: parts)
      for row in part * rows / parts..<(part + 1) * rows / parts {
        for phase in 0..<PhasedGeometry.stride { take(plane, row, phase) }
      }
    }
  }

  /// The four phases of a row that one row of the image makes.
  private func take(_ plane: Int, _ row: Int, _ phase: Int) {
    let (stride, width) = (PhasedGeometry.stride, geometry.width)
    let lanes = Int(geometry.winograd.shape.lanes)
    // Of 8 lanes a block has the phases of two rows.
    let (block, lane) = (phase * stride / lanes, phase * stride % lanes)
    let blocks = PhasedGeometry.phases / lanes
    let to = target + (((plane * blocks + block) * geometry.height + row) * width) * lanes + lane
    let line = row * stride + phase - geometry.pad[0]
    guard (0..<geometry.input[0]).contains(line) else {
      for column in 0..<width { (to + column * lanes).update(repeating: 0, count: stride) }
      return
    }
    let from = source + (plane * geometry.input[0] + line) * geometry.input[1]
    for column in 0..<width { take(from, column * stride - geometry.pad[1], to + column * lanes) }
  }

  /// Four neighbours of a row; what lies outside is 0.
  private func take(_ line: UnsafeMutablePointer<Float>, _ first: Int, _ to: UnsafeMutablePointer<Float>) {
    let (stride, width) = (PhasedGeometry.stride, geometry.input[1])
    if first >= 0, first + stride <= width {
      to.update(from: line + first, count: stride)
    } else {
      for i in 0..<stride { to[i] = (0..<width).contains(first + i) ? line[first + i] : 0 }
    }
  }
}
