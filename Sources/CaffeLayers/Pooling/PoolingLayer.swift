import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `pooling_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct PoolingParameters: LayerParameters {
  public enum PoolMethod: Int32, ProtoEnum {
    case MAX = 0
    case AVE = 1
    case STOCHASTIC = 2
    public static let schema = makeSchema("PoolMethod")
  }
  public enum RoundMode: Int32, ProtoEnum {
    case CEIL = 0
    case FLOOR = 1
    public static let schema = makeSchema("RoundMode")
  }
  public var pool = PoolMethod.MAX
  public var pad: Int?
  public var padH: Int?
  public var padW: Int?
  public var kernelSize: Int?
  public var kernelH: Int?
  public var kernelW: Int?
  public var stride: Int?
  public var strideH: Int?
  public var strideW: Int?
  public var engine = Engine.DEFAULT
  public var globalPooling = false
  public var roundMode = RoundMode.CEIL
  /// The spelling of several forks: false is `round_mode: FLOOR`. They gave it number 13, which Caffe 1.0 gave to `round_mode` with
  /// the opposite meaning of 1, so in binary it has a number of its own here.
  public var ceilMode: Bool?
  public init() {}
  public static let messageName = "PoolingParameter"
  public static let fields: [Field<PoolingParameters>] = [
    Field("pool", 1, \.pool), Field("pad", 4, \.pad, as: .uint32), Field("pad_h", 9, \.padH, as: .uint32),
    Field("pad_w", 10, \.padW, as: .uint32), Field("kernel_size", 2, \.kernelSize, as: .uint32),
    Field("kernel_h", 5, \.kernelH, as: .uint32), Field("kernel_w", 6, \.kernelW, as: .uint32),
    Field("stride", 3, \.stride, as: .uint32), Field("stride_h", 7, \.strideH, as: .uint32),
    Field("stride_w", 8, \.strideW, as: .uint32), Field("engine", 11, \.engine), Field("global_pooling", 12, \.globalPooling),
    Field("round_mode", 13, \.roundMode), Field("ceil_mode", 1013, \.ceilMode),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("pooling_param", 121, v1: 19, schema)
}

/// The largest or the mean value under a window that moves over each channel.
///
/// Caffe's own rules: output sizes round up unless `round_mode: FLOOR` (`ceil_mode: false` in forks); the mean divides by the window cut to the
/// padded image, so padding counts and overhang does not; of equal maxima the first wins.
public struct PoolingLayer: Layer {
  public static let type = "Pooling"
  public static let bottoms = 1...1
  public static let tops = 1...2
  private let parameters: PoolingParameters
  private let hasMaskTop: Bool

  public init(_ parameters: PoolingParameters, in context: LayerContext) throws(LayerError) {
    try PoolingLayer.checkWindow(parameters)
    guard parameters.pool != .STOCHASTIC else { throw LayerError("pool: STOCHASTIC cannot be computed here yet", field: "pool") }
    guard context.topCount == 1 || parameters.pool == .MAX else {
      throw LayerError("only pool: MAX has a second top (the place of each maximum)", field: "top")
    }
    self.parameters = try PoolingLayer.rounding(parameters)
    hasMaskTop = context.topCount == 2
  }

  /// The parameters with `ceil_mode` taken into `round_mode`.
  private static func rounding(_ p: PoolingParameters) throws(LayerError) -> PoolingParameters {
    guard let ceilMode = p.ceilMode else { return p }
    guard !ceilMode || p.roundMode == .CEIL else {
      throw LayerError("ceil_mode: true and round_mode: FLOOR contradict each other", field: "ceil_mode")
    }
    var result = p
    result.roundMode = ceilMode ? .CEIL : .FLOOR
    return result
  }

  private static func checkWindow(_ p: PoolingParameters) throws(LayerError) {
    if p.globalPooling {
      if p.kernelSize != nil || p.kernelH != nil || p.kernelW != nil {
        throw LayerError("with global_pooling the kernel is the image; leave kernel sizes out", field: "global_pooling")
      }
      if (p.pad ?? 0, p.padH ?? 0, p.padW ?? 0) != (0, 0, 0) || (p.stride ?? 1, p.strideH ?? 1, p.strideW ?? 1) != (1, 1, 1) {
        throw LayerError("global_pooling goes with pad 0 and stride 1 only", field: "global_pooling")
      }
    } else if (p.kernelSize != nil) == (p.kernelH != nil || p.kernelW != nil) {
      throw LayerError("give kernel_size, or kernel_h and kernel_w", field: "pooling_param")
    } else if p.kernelSize == nil, p.kernelH == nil || p.kernelW == nil {
      throw LayerError("kernel_h and kernel_w go together", field: p.kernelH == nil ? "kernel_w" : "kernel_h")
    }
    if p.kernelSize == 0 || p.kernelH == 0 || p.kernelW == 0 {
      throw LayerError("the kernel must be at least 1", field: "kernel_size")
    }
    if p.stride == 0 || p.strideH == 0 || p.strideW == 0 { throw LayerError("the stride must be at least 1", field: "stride") }
    if p.pad != nil, p.padH != nil || p.padW != nil { throw LayerError("give pad or pad_h and pad_w, not both", field: "pad") }
    if p.stride != nil, p.strideH != nil || p.strideW != nil {
      throw LayerError("give stride or stride_h and stride_w, not both", field: "stride")
    }
  }

  /// N×C×H×W → N×C×H'×W' with H' = ⌈(H + 2p − k) / s⌉ + 1, one less when the last window would begin beyond H + p.
  /// Saved for MAX: the place of each maximum within its plane. A second top holds the same.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank == 4 else { throw ShapeError("needs a bottom with 4 axes (N, C, H, W)") }
    let geometry = try geometry(of: bottoms[0])
    let top = Shape([bottoms[0][0], bottoms[0][1]] + geometry.output)
    let isMax = geometry.method == .max
    return LayerSignature(
      tops: hasMaskTop ? [top, top] : [top], saved: isMax ? [top] : [], primitive: hasMaskTop ? nil : .pooling(geometry))
  }

  private func geometry(of shape: Shape) throws(ShapeError) -> PoolingGeometry {
    let p = parameters
    let input = [shape[2], shape[3]]
    let kernel = p.globalPooling ? input : [p.kernelSize ?? p.kernelH ?? 1, p.kernelSize ?? p.kernelW ?? 1]
    let pad = [p.pad ?? p.padH ?? 0, p.pad ?? p.padW ?? 0]
    let stride = [p.stride ?? p.strideH ?? 1, p.stride ?? p.strideW ?? 1]
    guard (kernel + pad + stride).allSatisfy({ $0 <= Int(Int32.max) / 4 }) else {
      throw ShapeError("kernel, stride or pad is too large")
    }
    var output: [Int] = []
    for axis in 0..<2 {
      guard pad[axis] < kernel[axis] || pad[axis] == 0 else {
        throw ShapeError("pad \(pad[axis]) must be smaller than the kernel \(kernel[axis])")
      }
      let room = input[axis] + 2 * pad[axis] - kernel[axis]
      guard room >= 0, input[axis] > 0 else {
        throw ShapeError("a kernel of \(kernel[axis]) does not fit the padded input of \(input[axis] + 2 * pad[axis])")
      }
      var count = (p.roundMode == .CEIL ? (room + stride[axis] - 1) / stride[axis] : room / stride[axis]) + 1
      if pad != [0, 0], (count - 1) * stride[axis] >= input[axis] + pad[axis] { count -= 1 }
      output.append(count)
    }
    return PoolingGeometry(
      method: p.pool == .MAX ? .max : .average, kernel: kernel, stride: stride, pad: pad, input: input, output: output,
      batch: shape[0], channels: shape[1])
  }

  public func forward(_ io: ForwardIO) {
    guard let g = try? geometry(of: io.bottoms[0].shape) else { return }
    let (x, y) = (io.bottoms[0], io.tops[0])
    eachWindow(g) { window in
      if g.method == .average {
        var sum: Float = 0
        window.eachElement { sum += x[window.plane + $0] }
        y[window.output] = sum / Float(window.divisor)
      } else {
        var best = -Float.greatestFiniteMagnitude
        var place = -1
        window.eachElement { if x[window.plane + $0] > best { (best, place) = (x[window.plane + $0], $0) } }
        y[window.output] = best
        io.saved[0][window.output] = Float(place)
        if hasMaskTop { io.tops[1][window.output] = Float(place) }
      }
    }
  }

  /// MAX sends each gradient to its maximum, AVE spreads it over the window.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0], let g = try? geometry(of: dx.shape) else { return }
    let dy = io.topDiffs[0]
    dx.fill(0)
    eachWindow(g) { window in
      if g.method == .average {
        let share = dy[window.output] / Float(window.divisor)
        window.eachElement { dx[window.plane + $0] += share }
      } else {
        let place = Int(io.saved[0][window.output])
        if place >= 0 { dx[window.plane + place] += dy[window.output] }
      }
    }
  }

  /// A window cut to the image, the output it makes, and the plane it lies in.
  private struct Window {
    let plane: Int
    let output: Int
    let rows: Range<Int>
    let columns: Range<Int>
    let width: Int
    /// Elements of the window cut to the padded image.
    let divisor: Int

    @inline(__always)
    func eachElement(_ body: (Int) -> Void) {
      for row in rows { for column in columns { body(row * width + column) } }
    }
  }

  private func eachWindow(_ g: PoolingGeometry, _ body: (Window) -> Void) {
    for plane in 0..<g.batch * g.channels {
      for row in 0..<g.output[0] {
        for column in 0..<g.output[1] {
          let (rows, height) = extent(row, g, 0)
          let (columns, width) = extent(column, g, 1)
          body(
            Window(
              plane: plane * g.input[0] * g.input[1], output: (plane * g.output[0] + row) * g.output[1] + column, rows: rows,
              columns: columns, width: g.input[1], divisor: height * width))
        }
      }
    }
  }

  private func extent(_ place: Int, _ g: PoolingGeometry, _ axis: Int) -> (Range<Int>, Int) {
    let start = place * g.stride[axis] - g.pad[axis]
    let end = min(start + g.kernel[axis], g.input[axis] + g.pad[axis])
    let first = max(0, start)
    return (first..<max(first, min(end, g.input[axis])), end - start)
  }
}
