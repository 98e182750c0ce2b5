import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `softmax_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct SoftmaxParameters: LayerParameters {
  public var engine = Engine.DEFAULT
  /// The axis of the classes: the exponentials along it add up to 1.
  public var axis = 1
  public init() {}
  public static let messageName = "SoftmaxParameter"
  public static let fields: [Field<SoftmaxParameters>] = [Field("engine", 1, \.engine), Field("axis", 2, \.axis)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("softmax_param", 125, v1: 39, schema)
}

/// y = e^(x − max x) / Σ e^(x − max x) along one axis.
///
/// ```prototxt
/// # score: 2x5
/// layer { name: "prob" type: "Softmax" bottom: "score" top: "prob" }
/// ```
public struct SoftmaxLayer: Layer {
  public static let type = "Softmax"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let axis: Int

  public init(_ parameters: SoftmaxParameters, in context: LayerContext) { axis = parameters.axis }

  /// Any shape with that axis; the top has it too.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let axis = try bottoms[0].canonical(axis: axis)
    return LayerSignature(
      tops: bottoms, backwardReads: [.top(0)], allowsInPlace: true, independence: axis > 0 ? .items : nil,
      primitive: .softmax(axis: axis))
  }

  public func forward(_ io: ForwardIO) {
    guard let lines = AxisLines(io.bottoms[0].shape, axis: axis) else { return }
    softmax(io.bottoms[0], into: io.tops[0], lines)
  }

  /// dx = (dy − Σ dy · y) · y
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0], let lines = AxisLines(dx.shape, axis: axis) else { return }
    let (y, dy) = (io.tops[0], io.topDiffs[0])
    lines.each { line in
      let dot = line.reduce(Float(0)) { $0 + dy[$1] * y[$1] }
      for i in line { dx[i] = (dy[i] - dot) * y[i] }
    }
  }
}

/// Writes the softmax of each line of `x` to `y`.
func softmax(_ x: TensorView, into y: TensorView, _ lines: AxisLines) {
  lines.each { line in
    let largest = line.reduce(-Float.infinity) { max($0, x[$1]) }
    var sum: Float = 0
    for i in line {
      y[i] = exponential(x[i] - largest)
      sum += y[i]
    }
    for i in line { y[i] /= sum }
  }
}

/// The lines of a blob along one axis: outer × inner of them, `extent` elements each.
struct AxisLines {
  let outer: Int
  let extent: Int
  let inner: Int

  init?(_ shape: Shape, axis: Int) {
    guard let axis = try? shape.canonical(axis: axis) else { return nil }
    self.init(shape, canonical: axis)
  }

  /// The lines along an axis that is known to be one of the shape's.
  init(_ shape: Shape, canonical axis: Int) {
    outer = shape.count(0..<axis)
    extent = shape[axis]
    inner = shape.count(from: axis + 1)
  }

  /// Calls `body` with the indices of each line.
  func each(_ body: (StrideTo<Int>) -> Void) {
    for block in 0..<outer {
      for offset in 0..<inner {
        let start = block * extent * inner + offset
        body(stride(from: start, to: start + extent * inner, by: inner))
      }
    }
  }
}
