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
  /// What is taken of a window: its largest value, its mean, or one drawn from it.
  public var pool = PoolMethod.MAX
  /// Padding on each side of every spatial axis, in pixels; smaller than the window. 0 when absent.
  public var pad: Int?
  /// Padding above and below, where there are 2 spatial axes; in place of `pad`.
  public var padH: Int?
  /// Padding to the left and right, where there are 2 spatial axes; in place of `pad`.
  public var padW: Int?
  /// Extent of the window along every spatial axis, in pixels.
  public var kernelSize: Int?
  /// Height of the window, where there are 2 spatial axes; goes with `kernel_w`, in place of `kernel_size`.
  public var kernelH: Int?
  /// Width of the window, where there are 2 spatial axes; goes with `kernel_h`, in place of `kernel_size`.
  public var kernelW: Int?
  /// Steps of the window along every spatial axis, in pixels; 1 when absent.
  public var stride: Int?
  /// Step downwards, where there are 2 spatial axes; in place of `stride`.
  public var strideH: Int?
  /// Step to the right, where there are 2 spatial axes; in place of `stride`.
  public var strideW: Int?
  public var engine = Engine.DEFAULT
  /// Makes the window as large as the image; sizes, padding and stride are then left out.
  public var globalPooling = false
  /// How a fraction of a step at the end counts: CEIL makes one more window of it, FLOOR none.
  public var roundMode = RoundMode.CEIL
  /// The spelling of several forks: false is `round_mode: FLOOR`. They gave it number 13, which Caffe 1.0 gave to `round_mode`
  /// with the opposite meaning of 1, so in binary it has a number of its own here.
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

/// The largest or the mean value under a window that moves over each channel, or one drawn from it.
///
/// Caffe's own rules: output sizes round up unless `round_mode: FLOOR` (`ceil_mode: false` in forks); the mean divides by the
/// window cut to the padded image, so padding counts and overhang does not; of equal maxima the first wins. STOCHASTIC (Zeiler
/// and Fergus, ICLR 2013) draws an element with a probability in proportion to its value in training, and takes Σx²/Σx, its
/// expectation, in testing; values are expected not to be negative.
///
/// ```prototxt
/// # x: 2x3x8x8
/// layer {
///   name: "pool" type: "Pooling" bottom: "x" top: "y" top: "place"
///   pooling_param { pool: MAX kernel_size: 3 stride: 2 }
/// }
/// ```
///
/// - Difference: bottoms may have any number of spatial axes; `kernel_size`, `stride` and `pad` then hold for each of them.
/// - Difference: STOCHASTIC runs without a GPU, and in testing it has a gradient.
/// - Dialect: `ceil_mode` is how several forks write `round_mode`; both mean the same here.
public struct PoolingLayer: Layer {
  public static let type = "Pooling"
  public static let bottoms = 1...1
  public static let tops = 1...2
  private let parameters: PoolingParameters
  private let hasMaskTop: Bool
  private let isDrawn: Bool

  public init(_ parameters: PoolingParameters, in context: LayerContext) throws(LayerError) {
    try PoolingLayer.checkWindow(parameters)
    if parameters.pool == .STOCHASTIC, (parameters.pad ?? 0, parameters.padH ?? 0, parameters.padW ?? 0) != (0, 0, 0) {
      throw LayerError("pad goes with pool: MAX and AVE only", field: "pad")
    }
    guard context.topCount == 1 || parameters.pool == .MAX else {
      throw LayerError("only pool: MAX has a second top (the place of each maximum)", field: "top")
    }
    self.parameters = try PoolingLayer.rounding(parameters)
    hasMaskTop = context.topCount == 2
    isDrawn = parameters.pool == .STOCHASTIC && context.phase == .TRAIN
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

  /// N×C×H×W → N×C×H'×W' with H' = ⌈(H + 2p − k) / s⌉ + 1, one less when the last window would begin beyond H + p; the same along
  /// any other spatial axis. Saved for MAX and drawn elements: their place within the plane. A second top holds the same.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let window = try window(of: bottoms[0])
    let top = try Shape(validating: bottoms[0].dims[..<2] + window.output.suffix(bottoms[0].rank - 2))
    let keepsPlaces = parameters.pool == .MAX || isDrawn
    let isPrimitive = !hasMaskTop && parameters.pool != .STOCHASTIC && bottoms[0].rank == 4
    return LayerSignature(
      tops: hasMaskTop ? [top, top] : [top], saved: keepsPlaces ? [top] : [],
      backwardReads: keepsPlaces || parameters.pool == .AVE ? [] : [.bottom(0), .top(0)], independence: .planes,
      primitive: isPrimitive ? .pooling(window.geometry(parameters.pool == .MAX ? .max : .average, of: bottoms[0])) : nil)
  }

  private func window(of bottom: Shape) throws(ShapeError) -> PoolingWindow {
    guard bottom.rank >= 3 else { throw ShapeError("needs a bottom with at least 3 axes (N, C and a spatial one)") }
    return try PoolingWindow(parameters, input: Array(bottom.dims.dropFirst(2)))
  }

  public func forward(_ io: ForwardIO) {
    guard let window = try? window(of: io.bottoms[0].shape) else { return }
    switch parameters.pool {
    case .MAX: takeLargest(io, window)
    case .AVE: takeMeans(io, window)
    case .STOCHASTIC: isDrawn ? draw(io, window) : takeExpectation(io, window)
    }
  }

  private func takeLargest(_ io: ForwardIO, _ window: PoolingWindow) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    window.each(planes: planes(x.shape)) { place in
      var best = -Float.greatestFiniteMagnitude
      var winner = -1
      place.eachElement {
        let value = x[place.plane + $0]
        if value > best || value.isNaN { (best, winner) = (value, $0) }
      }
      y[place.output] = best
      io.saved[0][place.output] = Float(winner)
      if hasMaskTop { io.tops[1][place.output] = Float(winner) }
    }
  }

  private func takeMeans(_ io: ForwardIO, _ window: PoolingWindow) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    window.each(planes: planes(x.shape)) { place in
      var sum: Float = 0
      place.eachElement { sum += x[place.plane + $0] }
      y[place.output] = sum / Float(place.divisor)
    }
  }

  private func draw(_ io: ForwardIO, _ window: PoolingWindow) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    window.each(planes: planes(x.shape)) { place in
      var sum: Float = 0
      place.eachElement { sum += x[place.plane + $0] }
      let threshold = io.random.uniform(io.firstElement + place.output) * sum
      var (passed, chosen): (Float, Int) = (0, -1)
      place.eachElement { element in
        guard chosen < 0 else { return }
        passed += x[place.plane + element]
        if passed >= threshold { chosen = element }
      }
      y[place.output] = chosen < 0 ? 0 : x[place.plane + chosen]
      io.saved[0][place.output] = Float(chosen)
    }
  }

  private func takeExpectation(_ io: ForwardIO, _ window: PoolingWindow) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    window.each(planes: planes(x.shape)) { place in
      var (sum, squares): (Float, Float) = (0, 0)
      place.eachElement { element in
        sum += x[place.plane + element]
        squares += x[place.plane + element] * x[place.plane + element]
      }
      y[place.output] = sum == 0 ? 0 : squares / sum
    }
  }

  private func planes(_ shape: Shape) -> Int { shape[0] * shape[1] }

  /// MAX and a drawn element send each gradient to the place kept, AVE spreads it over the window; the expectation's is
  /// (2x − y) / Σx · dy.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0], let window = try? window(of: dx.shape) else { return }
    let dy = io.topDiffs[0]
    dx.fill(0)
    window.each(planes: planes(dx.shape)) { place in
      if let saved = io.saved.first {
        let winner = Int(saved[place.output])
        if winner >= 0 { dx[place.plane + winner] += dy[place.output] }
      } else if parameters.pool == .AVE {
        let share = dy[place.output] / Float(place.divisor)
        place.eachElement { dx[place.plane + $0] += share }
      } else {
        let (x, y) = (io.bottoms[0], io.tops[0])
        var sum: Float = 0
        place.eachElement { sum += x[place.plane + $0] }
        guard sum != 0 else { return }
        let factor = dy[place.output] / sum
        place.eachElement { dx[place.plane + $0] += factor * (2 * x[place.plane + $0] - y[place.output]) }
      }
    }
  }
}
