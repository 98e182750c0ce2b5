import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `lrn_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct LRNParameters: LayerParameters {
  public enum NormRegion: Int32, ProtoEnum {
    case ACROSS_CHANNELS = 0
    case WITHIN_CHANNEL = 1
    public static let schema = makeSchema("NormRegion")
  }
  /// n, the size of the neighbourhood: in channels, or in pixels along both axes; odd.
  public var localSize = 5
  /// α: how much the sum of squares counts.
  public var alpha: Float = 1
  /// β: the exponent.
  public var beta: Float = 0.75
  /// Whether the neighbours are other channels, or other pixels of the channel.
  public var normRegion = NormRegion.ACROSS_CHANNELS
  /// k: what s is without any neighbours; looked at across channels only.
  public var k: Float = 1
  public var engine = Engine.DEFAULT
  public init() {}
  public static let messageName = "LRNParameter"
  public static let fields: [Field<LRNParameters>] = [
    Field("local_size", 1, \.localSize, as: .uint32), Field("alpha", 2, \.alpha), Field("beta", 3, \.beta),
    Field("norm_region", 4, \.normRegion), Field("k", 5, \.k), Field("engine", 6, \.engine),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("lrn_param", 118, v1: 18, schema)
}

/// Local response normalisation: y = x · s^−β. Krizhevsky et al., NIPS 2012.
///
/// Across channels s = k + α/n · Σ x² over n neighbouring channels; within a channel s = 1 + α/n² · Σ x² over an n×n
/// neighbourhood, where Caffe does not look at k.
///
/// ```prototxt
/// # x: 2x6x4x4
/// layer { name: "norm" type: "LRN" bottom: "x" top: "y" lrn_param { local_size: 5 alpha: 0.0001 beta: 0.75 } }
/// ```
public struct LRNLayer: Layer {
  public static let type = "LRN"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: LRNParameters
  private var isAcross: Bool { parameters.normRegion == .ACROSS_CHANNELS }

  public init(_ parameters: LRNParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.localSize % 2 == 1 else {
      throw LayerError("local_size must be odd, it is \(parameters.localSize)", field: "local_size")
    }
    guard parameters.localSize < 1 << 20 else { throw LayerError("local_size is too large", field: "local_size") }
    self.parameters = parameters
  }

  /// N×C×H×W; the top has the same shape. Saved: s.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank == 4 else { throw ShapeError("needs a bottom with 4 axes (N, C, H, W)") }
    let p = parameters
    return LayerSignature(
      tops: bottoms, saved: bottoms, scratch: bottoms, backwardReads: [.bottom(0), .top(0)],
      independence: isAcross ? .items : .planes,
      primitive: isAcross ? .lrn(size: p.localSize, alpha: p.alpha, beta: p.beta, k: p.k) : nil)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y, s, squares) = (io.bottoms[0], io.tops[0], io.saved[0], io.scratch[0])
    for i in 0..<x.count { squares[i] = x[i] * x[i] }
    sumNeighbourhoods(of: squares, into: s)
    let (shift, scale) = (isAcross ? parameters.k : 1, rate)
    for i in 0..<x.count {
      s[i] = shift + scale * s[i]
      y[i] = x[i] * power(s[i], -parameters.beta)
    }
  }

  /// dx = dy · s^−β − 2β·rate · x · Σ dy · y / s over the neighbourhood, which is its own mirror image.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, y, dy, s, ratios) = (io.bottoms[0], io.tops[0], io.topDiffs[0], io.saved[0], io.scratch[0])
    for i in 0..<x.count { ratios[i] = dy[i] * y[i] / s[i] }
    sumNeighbourhoods(of: ratios, into: dx)
    let factor = 2 * parameters.beta * rate
    for i in 0..<x.count { dx[i] = dy[i] * power(s[i], -parameters.beta) - factor * x[i] * dx[i] }
  }

  /// α over the size of the neighbourhood.
  private var rate: Float {
    let n = Float(parameters.localSize)
    return parameters.alpha / (isAcross ? n : n * n)
  }

  private func sumNeighbourhoods(of values: TensorView, into sums: TensorView) {
    let (channels, height, width) = (values.shape[1], values.shape[2], values.shape[3])
    let reach = parameters.localSize / 2
    sums.fill(0)
    for image in 0..<values.shape[0] {
      for channel in 0..<channels {
        let target = sums.pointer + (image * channels + channel) * height * width
        if isAcross {
          for other in max(0, channel - reach)...min(channels - 1, channel + reach) {
            let source = values.pointer + (image * channels + other) * height * width
            for i in 0..<height * width { target[i] += source[i] }
          }
        } else {
          sumPlane(values.pointer + (image * channels + channel) * height * width, into: target, height, width, reach)
        }
      }
    }
  }

  private func sumPlane(
    _ source: UnsafeMutablePointer<Float>, into target: UnsafeMutablePointer<Float>, _ height: Int, _ width: Int, _ reach: Int
  ) {
    for row in 0..<height {
      for column in 0..<width {
        for r in max(0, row - reach)...min(height - 1, row + reach) {
          for c in max(0, column - reach)...min(width - 1, column + reach) {
            target[row * width + column] += source[r * width + c]
          }
        }
      }
    }
  }
}
