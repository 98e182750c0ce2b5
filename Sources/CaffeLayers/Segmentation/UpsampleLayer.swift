import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `upsample_param`, by their prototxt names; defaults are those of SegNet.
public struct UpsampleParameters: LayerParameters {
  /// How many times larger the top is, 2 by default; with `stride` a factor of the values instead, 1 by default.
  public var scale: Int?
  public var scaleH: Int?
  public var scaleW: Int?
  /// One row less, for a pooled map with an odd number of rows.
  public var padOutH = false
  /// One column less, for a pooled map with an odd number of columns.
  public var padOutW = false
  /// Rows of the top, instead of a scale.
  public var upsampleH: Int?
  /// Columns of the top, instead of a scale.
  public var upsampleW: Int?
  /// How many times larger the top is, in ports of YOLO that copy Darknet's fields.
  public var stride: Int?
  public init() {}
  public static let messageName = "UpsampleParameter"
  public static let fields: [Field<UpsampleParameters>] = [
    Field("scale", 1, \.scale, as: .uint32), Field("scale_h", 2, \.scaleH, as: .uint32),
    Field("scale_w", 3, \.scaleW, as: .uint32),
    Field("pad_out_h", 4, \.padOutH), Field("pad_out_w", 5, \.padOutW), Field("upsample_h", 6, \.upsampleH, as: .uint32),
    Field("upsample_w", 7, \.upsampleW, as: .uint32), Field("stride", 1008, \.stride, as: .uint32),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("upsample_param", 160, schema)
}

/// Enlarges each channel. With a second bottom, the places of the maxima that a Pooling layer gives as its second top, each
/// element goes to its place and the rest is 0 (SegNet: Badrinarayanan et al., PAMI 2017); without one each element is repeated
/// `scale` times along both axes (YOLOv3: Redmon and Farhadi, 2018).
///
/// Of two elements that go to the same place the later one stays; both get its gradient. A place outside of the plane ends the
/// pass with an error. The places get gradient 0.
///
/// ```prototxt
/// # x: 2x3x4x5
/// # mask: 2x3x4x5 labels 80
/// layer { name: "up" type: "Upsample" bottom: "x" bottom: "mask" top: "y" upsample_param { scale: 2 } }
/// ```
///
/// - Dialect: SegNet's layer and that of the ports of YOLO; the number of bottoms says which one is meant. `stride` has number
///   1008 here.
public struct UpsampleLayer: Layer {
  public static let type = "Upsample"
  public static let bottoms = 1...2
  public static let tops = 1...1
  private let parameters: UpsampleParameters
  private let scale: (height: Int, width: Int)
  private let factor: Float
  private let title: String

  public init(_ parameters: UpsampleParameters, in context: LayerContext) throws(LayerError) {
    scale = try UpsampleLayer.scale(parameters)
    for (name, value, scale) in [("pad_out_h", parameters.padOutH, scale.height), ("pad_out_w", parameters.padOutW, scale.width)]
    where value && scale != 2 { throw LayerError("\(name) goes with a scale of 2 only", field: name) }
    guard (parameters.upsampleH == nil) == (parameters.upsampleW == nil) else {
      throw LayerError(
        "upsample_h and upsample_w go together", field: parameters.upsampleH == nil ? "upsample_w" : "upsample_h")
    }
    for (name, value) in [("upsample_h", parameters.upsampleH), ("upsample_w", parameters.upsampleW)] {
      if let value, value < 1 { throw LayerError("\(name) must be at least 1", field: name) }
      if value != nil, context.bottomCount == 1 {
        throw LayerError("without the places of maxima as second bottom only a scale can be given, not \(name)", field: name)
      }
    }
    self.parameters = parameters
    factor = parameters.stride == nil ? 1 : Float(parameters.scale ?? 1)
    title = context.definition.title
  }

  private static func scale(_ p: UpsampleParameters) throws(LayerError) -> (height: Int, width: Int) {
    guard (p.scaleH == nil) == (p.scaleW == nil) else {
      throw LayerError("scale_h and scale_w go together", field: p.scaleH == nil ? "scale_w" : "scale_h")
    }
    let scale = (height: p.stride ?? p.scaleH ?? p.scale ?? 2, width: p.stride ?? p.scaleW ?? p.scale ?? 2)
    guard scale.height > 0, scale.width > 0 else {
      throw LayerError("the scale must be at least 1", field: p.stride != nil ? "stride" : p.scaleH != nil ? "scale_h" : "scale")
    }
    return scale
  }

  /// N×C×H×W, with or without places of the same shape → N×C×(scale · H)×(scale · W), or ×upsample_h×upsample_w.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank == 4 else { throw ShapeError("needs a bottom with 4 axes (N, C, H, W), found \(bottoms[0])") }
    if bottoms.count > 1, bottoms[1] != bottoms[0] {
      throw ShapeError("the places of the maxima need the shape \(bottoms[0]), found \(bottoms[1])")
    }
    let p = parameters
    let height = p.upsampleH ?? bottoms[0][2] * scale.height - (p.padOutH ? 1 : 0)
    let width = p.upsampleW ?? bottoms[0][3] * scale.width - (p.padOutW ? 1 : 0)
    let top = try Shape(validating: [bottoms[0][0], bottoms[0][1], height, width])
    return LayerSignature(
      tops: [top], backwardReads: bottoms.count > 1 ? [.bottom(1)] : [], independence: bottoms.count == 1 ? .items : nil)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    guard io.bottoms.count > 1 else {
      return eachCopy(x.shape, y.shape) { source, target in y[target] = factor * x[source] }
    }
    let (mask, plane) = (io.bottoms[1], y.shape.count(from: 2))
    y.fill(0)
    eachPlace(mask, plane) { index, place, start in
      guard let place else {
        let value = mask[index]
        return io.faults.report(
          "\(title): element \(index) goes to place \(value), outside of the \(plane) places of its plane; "
            + "does the size match what was pooled?")
      }
      y[start + place] = factor * x[index]
    }
  }

  /// dx = dy at the element's place; without places dx = Σ dy over its copies.
  public func backward(_ io: BackwardIO) {
    if io.bottomDiffs.count > 1 { io.bottomDiffs[1]?.fill(0) }
    guard let dx = io.bottomDiffs[0] else { return }
    let dy = io.topDiffs[0]
    dx.fill(0)
    guard io.bottoms.count > 1 else {
      return eachCopy(dx.shape, dy.shape) { source, target in dx[source] += factor * dy[target] }
    }
    eachPlace(io.bottoms[1], dy.shape.count(from: 2)) { index, place, start in
      if let place { dx[index] = factor * dy[start + place] }
    }
  }

  /// Calls `body` with each element of the mask, the place it names, and where its plane begins in the top.
  private func eachPlace(_ mask: TensorView, _ plane: Int, _ body: (_ index: Int, _ place: Int?, _ start: Int) -> Void) {
    let inner = max(1, mask.shape.count(from: 2))
    for index in 0..<mask.count { body(index, wholeNumber(mask[index], below: plane), index / inner * plane) }
  }

  /// Calls `body` with each element of the top and the one of the bottom that it repeats.
  private func eachCopy(_ bottom: Shape, _ top: Shape, _ body: (_ source: Int, _ target: Int) -> Void) {
    for row in 0..<top.count(0..<3) {
      let (plane, line) = (row / top[2], row % top[2] / scale.height)
      let source = (plane * bottom[2] + line) * bottom[3]
      for column in 0..<top[3] { body(source + column / scale.width, row * top[3] + column) }
    }
  }
}
