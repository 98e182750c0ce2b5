import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `tile_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct TileParameters: LayerParameters {
  /// The axis along which the blob is repeated.
  public var axis = 1
  /// How often it is there afterwards; at least 1.
  public var tiles = 0
  public init() {}
  public static let messageName = "TileParameter"
  public static let fields: [Field<TileParameters>] = [Field("axis", 1, \.axis), Field("tiles", 2, \.tiles)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("tile_param", 138, schema)
}

/// Repeats a blob along one axis.
///
/// ```prototxt
/// # x: 2x3x4
/// layer { name: "tile" type: "Tile" bottom: "x" top: "y" tile_param { axis: 1 tiles: 2 } }
/// ```
public struct TileLayer: Layer {
  public static let type = "Tile"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: TileParameters

  public init(_ parameters: TileParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.tiles > 0 else { throw LayerError("tiles must be at least 1", field: "tiles") }
    self.parameters = parameters
  }

  /// …×A×… → …×(A·tiles)×…
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let axis = try bottoms[0].canonical(axis: parameters.axis)
    let extent = bottoms[0][axis] * parameters.tiles
    return LayerSignature(
      tops: [try Shape(validating: bottoms[0].replacing(axis: axis, with: extent).dims)],
      independence: axis > 0 ? .items : nil)
  }

  public func forward(_ io: ForwardIO) {
    eachBlock(io.bottoms[0].shape) { bottom, top, count in
      (io.tops[0].pointer + top).update(from: io.bottoms[0].pointer + bottom, count: count)
    }
  }

  /// dx = Σ dy over the repetitions.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let dy = io.topDiffs[0]
    dx.fill(0)
    eachBlock(dx.shape) { bottom, top, count in for i in 0..<count { dx[bottom + i] += dy[top + i] } }
  }

  private func eachBlock(_ bottom: Shape, _ body: (_ bottom: Int, _ top: Int, _ count: Int) -> Void) {
    guard let axis = try? bottom.canonical(axis: parameters.axis) else { return }
    let count = bottom.count(from: axis)
    for outer in 0..<bottom.count(0..<axis) {
      for tile in 0..<parameters.tiles { body(outer * count, (outer * parameters.tiles + tile) * count, count) }
    }
  }
}
