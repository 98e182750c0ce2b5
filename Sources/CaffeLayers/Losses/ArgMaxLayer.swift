import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `argmax_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ArgMaxParameters: LayerParameters {
  /// Whether to give the values: with `axis` in place of the places, else behind them.
  public var outMaxVal = false
  /// How many of the largest are given.
  public var topK = 1
  /// The axis to look along; when absent each item is one flat vector.
  public var axis: Int?
  public init() {}
  public static let messageName = "ArgMaxParameter"
  public static let fields: [Field<ArgMaxParameters>] = [
    Field("out_max_val", 1, \.outMaxVal), Field("top_k", 2, \.topK, as: .uint32), Field("axis", 3, \.axis),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("argmax_param", 103, v1: 23, schema)
}

/// The places of the `top_k` largest values of each item, or of each line along `axis`, the largest first.
///
/// Of equal values the one further back comes first, as in Caffe. There is no gradient, and none may be asked for.
///
/// ```prototxt
/// # x: 2x5x3
/// layer { name: "best" type: "ArgMax" bottom: "x" top: "y" argmax_param { axis: 1 top_k: 2 } }
/// ```
///
/// - Difference: NaN ranks below every number; in Caffe 1.0 the order is undefined where there is NaN.
/// - Difference: asking for a gradient through it is an error before anything is computed; in Caffe 1.0 backward then ends the
///   process.
public struct ArgMaxLayer: Layer {
  public static let type = "ArgMax"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: ArgMaxParameters

  public init(_ parameters: ArgMaxParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.topK > 0 else { throw LayerError("top_k must be at least 1", field: "top_k") }
    self.parameters = parameters
  }

  /// With an axis …×A×… → …×k×…, holding places, or values with `out_max_val`. Without N×… → N×1×k, or N×2×k holding places,
  /// then values; bottoms of more axes give tops of as many.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let lines = try lines(of: bottoms[0])
    guard parameters.topK <= lines.extent else {
      throw ShapeError("top_k \(parameters.topK) is more than the \(lines.extent) values to choose from")
    }
    if let axis = parameters.axis {
      return LayerSignature(tops: [bottoms[0].replacing(axis: try bottoms[0].canonical(axis: axis), with: parameters.topK)])
    }
    var dims = [Int](repeating: 1, count: max(3, bottoms[0].rank))
    (dims[0], dims[1], dims[2]) = (bottoms[0][0], parameters.outMaxVal ? 2 : 1, parameters.topK)
    return LayerSignature(tops: [Shape(dims)])
  }

  /// The lines to choose from: along the axis, or the items.
  private func lines(of bottom: Shape) throws(ShapeError) -> AxisLines {
    guard bottom.rank > 0 else { throw ShapeError("needs a bottom with at least 1 axis") }
    if let axis = parameters.axis { return AxisLines(bottom, canonical: try bottom.canonical(axis: axis)) }
    return AxisLines(Shape([bottom[0], bottom.count(from: 1)]), canonical: 1)
  }

  public func allowsGradient(toBottom index: Int) -> Bool { false }

  public func forward(_ io: ForwardIO) {
    let (x, y, count) = (io.bottoms[0], io.tops[0], parameters.topK)
    guard let lines = try? lines(of: x.shape) else { return }
    var number = 0
    lines.each { line in
      let start = number / lines.inner * lines.inner
      let offset = number - start
      for (rank, place) in best(count, of: line.map { x[$0] }).enumerated() {
        let value = x[start * lines.extent + offset + place * lines.inner]
        if parameters.axis != nil {
          y[start * count + offset + rank * lines.inner] = parameters.outMaxVal ? value : Float(place)
        } else {
          y[number * count * (parameters.outMaxVal ? 2 : 1) + rank] = Float(place)
          if parameters.outMaxVal { y[(number * 2 + 1) * count + rank] = value }
        }
      }
      number += 1
    }
  }

  private func best(_ count: Int, of values: [Float]) -> ArraySlice<Int> {
    func isBetter(_ a: Int, _ b: Int) -> Bool {
      if values[a].isNaN || values[b].isNaN { return values[a].isNaN == values[b].isNaN ? a > b : values[b].isNaN }
      return values[a] != values[b] ? values[a] > values[b] : a > b
    }
    guard count > 1 else { return values.indices.max { isBetter($1, $0) }.map { [$0] } ?? [] }
    return values.indices.sorted(by: isBetter).prefix(count)
  }
}
