import CaffeCore
import CaffeGraph

/// The window of a pooling and where it stops over planes of some extents.
///
/// There are at least two spatial axes; a line is a plane of height 1.
struct PoolingWindow {
  let kernel, stride, pad, input, output: [Int]

  /// - Parameter input: the extents of the spatial axes.
  /// - Throws: `ShapeError` when the window does not fit.
  init(_ p: PoolingParameters, input: [Int]) throws(ShapeError) {
    let axes = input.count
    func each(_ size: Int?, _ height: Int?, _ width: Int?, _ otherwise: Int) throws(ShapeError) -> [Int] {
      if height != nil || width != nil {
        guard axes == 2 else {
          throw ShapeError("kernel_h, pad_h, stride_h and the like are for 2 spatial axes, this one has \(axes)")
        }
        return [height ?? otherwise, width ?? otherwise]
      }
      return [Int](repeating: size ?? otherwise, count: axes)
    }
    var kernel = p.globalPooling ? input : try each(p.kernelSize, p.kernelH, p.kernelW, 1)
    var pad = try each(p.pad, p.padH, p.padW, 0)
    var stride = try each(p.stride, p.strideH, p.strideW, 1)
    guard (kernel + pad + stride).allSatisfy({ $0 <= Int(Int32.max) / 4 }) else {
      throw ShapeError("kernel, stride or pad is too large")
    }
    var output: [Int] = []
    for axis in 0..<axes {
      output.append(
        try PoolingWindow.count(
          input[axis], kernel[axis], pad[axis], stride[axis], roundsUp: p.roundMode == .CEIL, dropsLast: pad.contains { $0 > 0 }))
    }
    var input = input
    if axes == 1 {
      (kernel, pad, stride) = ([1] + kernel, [0] + pad, [1] + stride)
      (input, output) = ([1] + input, [1] + output)
    }
    (self.kernel, self.stride, self.pad, self.input, self.output) = (kernel, stride, pad, input, output)
  }

  /// How often the window stops along an axis.
  private static func count(_ input: Int, _ kernel: Int, _ pad: Int, _ stride: Int, roundsUp: Bool, dropsLast: Bool)
    throws(ShapeError) -> Int
  {
    guard pad < kernel || pad == 0 else { throw ShapeError("pad \(pad) must be smaller than the kernel \(kernel)") }
    let room = input + 2 * pad - kernel
    guard room >= 0, input > 0 else {
      throw ShapeError("a kernel of \(kernel) does not fit the padded input of \(input + 2 * pad)")
    }
    let count = (roundsUp ? (room + stride - 1) / stride : room / stride) + 1
    return dropsLast && (count - 1) * stride >= input + pad ? count - 1 : count
  }

  /// The numbers a backend needs, for two spatial axes.
  func geometry(_ method: PoolingGeometry.Method, of bottom: Shape) -> PoolingGeometry {
    PoolingGeometry(
      method: method, kernel: kernel, stride: stride, pad: pad, input: input, output: output, batch: bottom[0],
      channels: bottom[1])
  }

  /// A window cut to the image, the output it makes, and the plane it lies in.
  struct Place {
    /// The index of the plane's first element.
    let plane: Int
    let output: Int
    /// Where the rows' last two axes begin, for each position along the axes before them.
    let layers: [Int]
    let rows, columns: Range<Int>
    let width: Int
    /// Elements of the window cut to the padded image.
    let divisor: Int

    /// Calls `body` with the index of each element within the plane, in order.
    @inline(__always)
    func eachElement(_ body: (Int) -> Void) {
      for layer in layers { for row in rows { for column in columns { body(layer + row * width + column) } } }
    }
  }

  /// Calls `body` for every stop of the window over every plane, in the order of the outputs.
  func each(planes: Int, _ body: (Place) -> Void) {
    let (last, plane) = (input.count - 1, input.reduce(1, *))
    let outer = OuterAxes(self)
    let stops = output[last - 1] * output[last]
    for index in 0..<planes * outer.count {
      let (number, position) = index.quotientAndRemainder(dividingBy: outer.count)
      let (layers, depth) = outer.layers(position)
      for row in 0..<output[last - 1] {
        let (rows, height) = extent(row, last - 1)
        for column in 0..<output[last] {
          let (columns, width) = extent(column, last)
          body(
            Place(
              plane: number * plane, output: index * stops + row * output[last] + column, layers: layers, rows: rows,
              columns: columns, width: input[last], divisor: depth * height * width))
        }
      }
    }
  }

  /// The elements along an axis at one stop, and how many there are with padding.
  fileprivate func extent(_ place: Int, _ axis: Int) -> (Range<Int>, Int) {
    let start = place * stride[axis] - pad[axis]
    let end = min(start + kernel[axis], input[axis] + pad[axis])
    let first = max(0, start)
    return (first..<max(first, min(end, input[axis])), end - start)
  }
}

/// The axes before the last two: none for images, one for volumes.
private struct OuterAxes {
  private let window: PoolingWindow
  private let axes: Range<Int>
  /// Stops along all of them.
  let count: Int

  init(_ window: PoolingWindow) {
    self.window = window
    axes = 0..<window.input.count - 2
    count = window.output[axes].reduce(1, *)
  }

  /// Where the layers under a stop begin within the plane, and how many there are with padding.
  func layers(_ position: Int) -> ([Int], Int) {
    var (rest, layers, depth) = (position, [0], 1)
    var size = window.input[axes.upperBound] * window.input[axes.upperBound + 1]
    for axis in axes.reversed() {
      let (elements, extent) = window.extent(rest % window.output[axis], axis)
      layers = elements.flatMap { element in layers.map { element * size + $0 } }
      depth *= extent
      size *= window.input[axis]
      rest /= window.output[axis]
    }
    return (layers, depth)
  }
}
