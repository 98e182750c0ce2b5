import CKernels

/// Copies of images that have zeros around them, and where their channels are few these side by side.
// Units write different blocks or rows.
struct TilePadding: @unchecked Sendable {
  let geometry: TileGeometry
  /// Images of bf16 in blocks, or dense ones of floats where they are to be interleaved.
  let source: UnsafeMutableRawPointer
  let padded: UnsafeMutablePointer<UInt16>

  /// Pieces of work that an image is cut into: its blocks of channels, or its rows with those of zeros.
  var units: Int { geometry.isInterleaved ? Int(geometry.shape.height) : geometry.groups * geometry.inputBlocks }

  /// Copies a piece of an image to one of the places for padded images.
  func pad(_ image: Int, _ unit: Int, to place: Int) {
    let start = padded + place * geometry.paddedCount
    if geometry.isInterleaved { interleave(image, unit, to: start) } else { surround(image, unit, to: start) }
  }

  private func surround(_ image: Int, _ block: Int, to start: UnsafeMutablePointer<UInt16>) {
    let (rows, columns, pad) = (geometry.input[0], geometry.input[1] * TileGeometry.lanes, geometry.pad)
    let (line, side) = (Int(geometry.shape.width) * TileGeometry.lanes, pad[1] * TileGeometry.lanes)
    let from = source.assumingMemoryBound(to: UInt16.self) + (image * units + block) * geometry.inputBlockCount
    let to = start + block * geometry.paddedBlockCount
    to.update(repeating: 0, count: pad[0] * line)
    for row in 0..<rows {
      let start = to + (pad[0] + row) * line
      start.update(repeating: 0, count: side)
      (start + side).update(from: from + row * columns, count: columns)
      (start + side + columns).update(repeating: 0, count: side)
    }
    (to + (pad[0] + rows) * line).update(repeating: 0, count: pad[0] * line)
  }

  private func interleave(_ image: Int, _ row: Int, to start: UnsafeMutablePointer<UInt16>) {
    let (rows, columns, channels) = (geometry.input[0], geometry.input[1], Int(geometry.shape.inputs))
    let line = Int(geometry.shape.width) * channels
    let to = start + row * line
    if row == units - 1 { (to + line).update(repeating: 0, count: TileGeometry.lanes) }
    guard (geometry.pad[0]..<geometry.pad[0] + rows).contains(row) else { return to.update(repeating: 0, count: line) }
    let from = source.assumingMemoryBound(to: Float.self) + (image * channels * rows + row - geometry.pad[0]) * columns
    cktile_interleave(from, Int64(rows * columns), Int32(channels), Int32(columns), Int32(geometry.pad[1]), to)
  }
}
