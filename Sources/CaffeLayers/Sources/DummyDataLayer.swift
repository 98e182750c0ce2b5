import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `dummy_data_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct DummyDataParameters: LayerParameters {
  /// Values: constant 0 when absent, one filler for all tops or one each.
  public var dataFiller: [FillerParameter] = []
  /// The tops' shapes: one for all or one each.
  public var shape: [BlobShape] = []
  /// The extent of axis 0, before `shape` existed: one for all tops or one each.
  public var num: [Int] = []
  /// The extent of axis 1, before `shape` existed.
  public var channels: [Int] = []
  /// The extent of axis 2, before `shape` existed.
  public var height: [Int] = []
  /// The extent of axis 3, before `shape` existed.
  public var width: [Int] = []
  public init() {}
  public static let messageName = "DummyDataParameter"
  public static let fields: [Field<DummyDataParameters>] = [
    Field("data_filler", 1, \.dataFiller), Field("shape", 6, \.shape), Field("num", 2, \.num, as: .uint32),
    Field("channels", 3, \.channels, as: .uint32), Field("height", 4, \.height, as: .uint32),
    Field("width", 5, \.width, as: .uint32),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("dummy_data_param", 109, v1: 26, schema)
}

/// Blobs filled by fillers, anew in every pass: for tests and timings.
///
/// ```prototxt
/// layer {
///   name: "noise" type: "DummyData" top: "data" top: "zero"
///   dummy_data_param { shape { dim: 2 dim: 3 } data_filler { type: "gaussian" std: 0.1 } data_filler { value: 0 } }
/// }
/// ```
///
/// - Difference: draws depend on the seed, the layer, the iteration and the element's place; in Caffe 1.0 on the order of all
///   draws.
public struct DummyDataLayer: Layer {
  public static let type = "DummyData"
  public static let bottoms = 0...0
  public static let tops = 1...Int.max
  private let fillers: [FillerParameter]
  private let dims: [[Int]]

  public init(_ parameters: DummyDataParameters, in context: LayerContext) throws(LayerError) {
    let count = context.topCount
    guard [0, 1, count].contains(parameters.dataFiller.count) else {
      throw LayerError(
        "\(count) top(s) need no data_filler, one, or one each; \(parameters.dataFiller.count) given", field: "data_filler")
    }
    let given = parameters.dataFiller.isEmpty ? [FillerParameter()] : parameters.dataFiller
    fillers = given.count == count ? given : [FillerParameter](repeating: given[0], count: count)
    dims = try DummyDataLayer.dims(parameters, count)
  }

  private static func dims(_ parameters: DummyDataParameters, _ count: Int) throws(LayerError) -> [[Int]] {
    let legacy = [parameters.num, parameters.channels, parameters.height, parameters.width]
    if parameters.shape.isEmpty {
      for (name, values) in zip(["num", "channels", "height", "width"], legacy) where values.count != 1 && values.count != count {
        throw LayerError(
          "\(count) top(s) need \(name) once, or once each; \(values.count) given",
          field: values.isEmpty ? "dummy_data_param" : name)
      }
      return (0..<count).map { top in legacy.map { $0[$0.count == 1 ? 0 : top] } }
    }
    guard legacy.allSatisfy(\.isEmpty) else {
      throw LayerError("give shape or num, channels, height and width, not both", field: "shape")
    }
    guard parameters.shape.count == 1 || parameters.shape.count == count else {
      throw LayerError("\(count) top(s) need one shape, or one each; \(parameters.shape.count) given", field: "shape")
    }
    return (0..<count).map { parameters.shape[parameters.shape.count == 1 ? 0 : $0].dim }
  }

  /// The shapes the file gives.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    var tops: [Shape] = []
    for (index, dim) in dims.enumerated() {
      let shape = try Shape(validating: dim)
      if let problem = Filler.problem(fillers[index], for: shape) { throw ShapeError("data_filler: \(problem)") }
      tops.append(shape)
    }
    return LayerSignature(tops: tops)
  }

  public func forward(_ io: ForwardIO) {
    for (index, top) in io.tops.enumerated() {
      let values = UnsafeMutableBufferPointer(start: top.pointer, count: top.count)
      Filler.fill(values, shape: top.shape, with: fillers[index], random: io.random.appending(UInt64(index)))
    }
  }
}
