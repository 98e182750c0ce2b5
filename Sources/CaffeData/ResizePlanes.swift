import CaffeCore

extension Tensor {
  /// Planes of floats at another size: (…, H, W) to (…, `height`, `width`), bilinear without smoothing, pixel
  /// centres aligned as in OpenCV's `INTER_LINEAR`.
  ///
  /// - Throws: `ShapeError` when there are fewer than two axes, a plane is empty, or the result is too large.
  public func resizingPlanes(height: Int, width: Int) throws(ShapeError) -> Tensor {
    guard shape.rank >= 2, shape[shape.rank - 2] > 0, shape[shape.rank - 1] > 0, height > 0, width > 0 else {
      throw ShapeError("cannot resize \(shape) to \(height)x\(width): both need a positive height and width")
    }
    let source = (height: shape[shape.rank - 2], width: shape[shape.rank - 1])
    guard source.height != height || source.width != width else { return self }
    let result = try Shape(validating: shape.dims.dropLast(2) + [height, width])
    let lines = Resampling(from: source.height, to: height)
    let columns = Resampling(from: source.width, to: width)
    return Tensor(result) { output in
      values.withUnsafeBufferPointer { input in
        for plane in 0..<shape.count / (source.height * source.width) {
          let from = UnsafeBufferPointer(rebasing: input.dropFirst(plane * source.height * source.width))
          let to = UnsafeMutableBufferPointer(rebasing: output.dropFirst(plane * height * width))
          resizePlane(from, sourceWidth: source.width, lines, columns, into: to)
        }
      }
    }
  }
}

/// One plane; rows are `sourceWidth` and `columns.first.count` apart.
private func resizePlane(
  _ input: UnsafeBufferPointer<Float>, sourceWidth: Int, _ lines: Resampling, _ columns: Resampling,
  into output: UnsafeMutableBufferPointer<Float>
) {
  let width = columns.first.count
  for y in lines.first.indices {
    let upper = lines.first[y] * sourceWidth
    let lower = lines.second[y] * sourceWidth
    for x in 0..<width {
      let first = columns.first[x]
      let second = columns.second[x]
      let right = columns.fraction[x]
      let top = input[upper + first] * (1 - right) + input[upper + second] * right
      let bottom = input[lower + first] * (1 - right) + input[lower + second] * right
      output[y * width + x] = top * (1 - lines.fraction[y]) + bottom * lines.fraction[y]
    }
  }
}
