import CaffeCore
import CaffeGraph

/// top = scale · x + y, with one scale per channel of each item. Hu et al., Squeeze-and-Excitation Networks, CVPR 2018.
///
/// ```prototxt
/// # scale: 2x3x1x1
/// # x: 2x3x4x5
/// # y: 2x3x4x5
/// layer { name: "axpy" type: "Axpy" bottom: "scale" bottom: "x" bottom: "y" top: "z" }
/// ```
///
/// - Dialect: SENet's fork and those after it.
public struct AxpyLayer: Layer {
  public static let type = "Axpy"
  public static let bottoms = 3...3
  public static let tops = 1...1

  public init(_ parameters: NoParameters, in context: LayerContext) {}

  /// Scales N×C, or N×C×1×1, and two blobs N×C×…; the top has their shape.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let (scale, x) = (bottoms[0], bottoms[1])
    guard x == bottoms[2] else {
      throw ShapeError("what is scaled and what is added must have the same shape, found \(x) and \(bottoms[2])")
    }
    guard x.rank >= 2, scale.rank >= 2, scale[0] == x[0], scale[1] == x[1], scale.count(from: 2) == 1 else {
      throw ShapeError("\(x) needs one scale for each of its items and channels, found \(scale)")
    }
    return LayerSignature(tops: [x], backwardReads: [.bottom(0), .bottom(1)], independence: .items)
  }

  public func forward(_ io: ForwardIO) {
    let (scale, x, y, top) = (io.bottoms[0], io.bottoms[1], io.bottoms[2], io.tops[0])
    eachPlane(scale, x) { plane, range in for i in range { top[i] = scale[plane] * x[i] + y[i] } }
  }

  /// dscale = Σ dtop · x over each plane, dx = scale · dtop, dy = dtop
  public func backward(_ io: BackwardIO) {
    let (scale, x, dtop) = (io.bottoms[0], io.bottoms[1], io.topDiffs[0])
    eachPlane(scale, x) { plane, range in
      io.bottomDiffs[0]?[plane] = range.reduce(Float(0)) { $0 + dtop[$1] * x[$1] }
      if let dx = io.bottomDiffs[1] { for i in range { dx[i] = scale[plane] * dtop[i] } }
    }
    io.bottomDiffs[2]?.copy(from: dtop)
  }

  private func eachPlane(_ scale: TensorView, _ x: TensorView, _ body: (_ plane: Int, _ range: Range<Int>) -> Void) {
    let count = x.shape.count(from: 2)
    for plane in 0..<scale.count { body(plane, plane * count..<(plane + 1) * count) }
  }
}
