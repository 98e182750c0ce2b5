import CaffeCore
import CaffeGraph

/// The window of `convolution_param`, its numbers one per spatial axis.
struct ConvolutionWindow {
  let kernel, stride, pad, dilation: [Int]

  /// - Parameter axes: the number of spatial axes.
  /// - Throws: `ShapeError` when the fields are meant for another number of them.
  init(_ parameters: ConvolutionParameters, axes: Int) throws(ShapeError) {
    if let height = parameters.kernelH, let width = parameters.kernelW {
      kernel = try ConvolutionWindow.only2D([height, width], axes)
    } else {
      kernel = try ConvolutionWindow.spread(parameters.kernelSize, "kernel_size", axes, default: 1)
    }
    if parameters.strideH != nil || parameters.strideW != nil {
      stride = try ConvolutionWindow.only2D([parameters.strideH ?? 1, parameters.strideW ?? 1], axes)
    } else {
      stride = try ConvolutionWindow.spread(parameters.stride, "stride", axes, default: 1)
    }
    if parameters.padH != 0 || parameters.padW != 0 {
      pad = try ConvolutionWindow.only2D([parameters.padH, parameters.padW], axes)
    } else {
      pad = try ConvolutionWindow.spread(parameters.pad, "pad", axes, default: 0)
    }
    if parameters.holeH != nil || parameters.holeW != nil {
      dilation = try ConvolutionWindow.only2D([parameters.holeH ?? 1, parameters.holeW ?? 1], axes)
    } else if let hole = parameters.hole {
      dilation = try ConvolutionWindow.spread([hole], "hole", axes, default: 1)
    } else {
      dilation = try ConvolutionWindow.spread(parameters.dilation, "dilation", axes, default: 1)
    }
  }

  private static func only2D(_ values: [Int], _ axes: Int) throws(ShapeError) -> [Int] {
    guard values.allSatisfy({ $0 <= Int(Int32.max) / 4 }) else { throw ShapeError("kernel, stride or pad is too large") }
    guard axes == 2 else { throw ShapeError("the _h and _w fields are for 2 spatial axes, here are \(axes)") }
    return values
  }

  private static func spread(_ values: [Int], _ name: String, _ axes: Int, default fallback: Int) throws(ShapeError) -> [Int] {
    guard values.allSatisfy({ $0 <= Int(Int32.max) / 4 }) else { throw ShapeError("\(name) is too large") }
    if values.isEmpty { return [Int](repeating: fallback, count: axes) }
    if values.count == 1 { return [Int](repeating: values[0], count: axes) }
    guard values.count == axes else {
      throw ShapeError("\(name) is given \(values.count) times for \(axes) spatial axes; give it once or once per axis")
    }
    return values
  }

  /// What the window covers along one axis, with the gaps of its dilation.
  func extent(_ place: Int) -> Int { dilation[place] * (kernel[place] - 1) + 1 }

  /// How often the window fits: ⌊(in + 2p − (d(k − 1) + 1)) / s⌋ + 1 along each axis.
  ///
  /// - Throws: `ShapeError` where it does not fit at all.
  func positions(over spatial: [Int]) throws(ShapeError) -> [Int] {
    var output: [Int] = []
    for place in spatial.indices {
      let padded = spatial[place] + 2 * pad[place]
      guard padded >= extent(place) else {
        throw ShapeError(
          "the kernel covers \(extent(place)) but the padded input only \(padded) along spatial axis \(place)")
      }
      output.append((padded - extent(place)) / stride[place] + 1)
    }
    return output
  }

  /// What so many positions of the window cover: s(in − 1) + d(k − 1) + 1 − 2p along each axis.
  ///
  /// - Throws: `ShapeError` where the padding takes all of it away.
  func coverage(of positions: [Int]) throws(ShapeError) -> [Int] {
    var output: [Int] = []
    for place in positions.indices {
      let whole = stride[place] * (positions[place] - 1) + extent(place)
      guard positions[place] > 0, whole > 2 * pad[place] else {
        throw ShapeError(
          "\(positions[place]) position(s) cover \(max(0, whole)), which a pad of \(pad[place]) leaves nothing of along spatial axis \(place)"
        )
      }
      output.append(whole - 2 * pad[place])
    }
    return output
  }

  /// Refuses fields that contradict each other.
  ///
  /// - Throws: `LayerError` naming the field.
  static func check(_ parameters: ConvolutionParameters) throws(LayerError) {
    let isKernel2D = parameters.kernelH != nil || parameters.kernelW != nil
    if isKernel2D, !parameters.kernelSize.isEmpty {
      throw LayerError("give kernel_size or kernel_h and kernel_w, not both", field: "kernel_size")
    }
    if isKernel2D, parameters.kernelH == nil || parameters.kernelW == nil {
      throw LayerError("kernel_h and kernel_w go together", field: parameters.kernelH == nil ? "kernel_w" : "kernel_h")
    }
    if !isKernel2D, parameters.kernelSize.isEmpty { throw LayerError("kernel_size is missing", field: "convolution_param") }
    for (name, values) in [
      ("kernel_size", parameters.kernelSize), ("stride", parameters.stride), ("dilation", parameters.dilation),
    ] {
      if values.contains(0) { throw LayerError("\(name) must be at least 1", field: name) }
    }
    if parameters.kernelH == 0 || parameters.kernelW == 0 {
      throw LayerError("kernel_h and kernel_w must be at least 1", field: "kernel_h")
    }
    if parameters.strideH == 0 || parameters.strideW == 0 {
      throw LayerError("stride_h and stride_w must be at least 1", field: "stride_h")
    }
    if parameters.padH != 0 || parameters.padW != 0, !parameters.pad.isEmpty {
      throw LayerError("give pad or pad_h and pad_w, not both", field: "pad")
    }
    if parameters.strideH != nil || parameters.strideW != nil, !parameters.stride.isEmpty {
      throw LayerError("give stride or stride_h and stride_w, not both", field: "stride")
    }
    try checkHoles(parameters)
  }

  private static func checkHoles(_ p: ConvolutionParameters) throws(LayerError) {
    for (name, value) in [("hole", p.hole), ("hole_h", p.holeH), ("hole_w", p.holeW)] where value != nil {
      guard value != 0 else { throw LayerError("\(name) must be at least 1", field: name) }
      guard p.dilation.isEmpty else { throw LayerError("\(name) is another word for dilation: give one of them", field: name) }
    }
    if p.hole != nil, p.holeH != nil || p.holeW != nil {
      throw LayerError("give hole or hole_h and hole_w, not both", field: "hole")
    }
  }
}
