import CaffeCore
import CaffeFormat

/// Gives a parameter its first values: Caffe 1.0's fillers.
public enum Filler {
  /// The names that `filler { type: … }` may have.
  public static let names = ["bilinear", "constant", "gaussian", "msra", "positive_unitball", "uniform", "xavier"]

  /// What is wrong with a filler for a blob of that shape; nil when it can be used.
  public static func problem(_ filler: FillerParameter, for shape: Shape) -> String? {
    guard names.contains(filler.type) else {
      let hint =
        nearest(to: filler.type, among: names).map { ", did you mean \"\($0)\"?" } ?? ", one of \(names.joined(separator: ", "))"
      return "there is no filler \"\(filler.type)\"\(hint)"
    }
    if filler.sparse != -1, filler.type != "gaussian" { return "\"sparse\" goes with the gaussian filler only" }
    if filler.type == "bilinear", shape.rank != 4 || shape[2] != shape[3] {
      return "the bilinear filler needs a blob of four axes with square filters, this one is \(shape)"
    }
    return nil
  }

  /// Writes a blob's first values, which depend on the stream and the shape only.
  ///
  /// - Precondition: `problem(_:for:)` is nil.
  public static func fill(
    _ values: UnsafeMutableBufferPointer<Float>, shape: Shape, with filler: FillerParameter, random: RandomStream
  ) {
    fill(values, from: 0, shape: shape, with: filler, random: random)
  }

  /// Whether each value can be made without the others.
  public static func fillsInRuns(_ filler: FillerParameter) -> Bool { filler.type != "positive_unitball" }

  /// Writes some of a blob's first values, as many as there is room for from one on.
  ///
  /// - Precondition: `problem(_:for:)` is nil, there are so many values, and it is all of them or `fillsInRuns` is true.
  public static func fill(
    _ values: UnsafeMutableBufferPointer<Float>, from start: Int, shape: Shape, with filler: FillerParameter,
    random: RandomStream
  ) {
    switch filler.type {
    case "gaussian": gaussian(values, start, shape, filler, random)
    case "uniform": uniform(values, start, random, filler.min, filler.max)
    case "xavier":
      let bound = (3 / fan(shape, filler)).squareRoot()
      uniform(values, start, random, -bound, bound)
    case "msra":
      let std = (2 / fan(shape, filler)).squareRoot()
      for index in values.indices { values[index] = std * random.normal(start + index) }
    case "positive_unitball": positiveUnitBall(values, shape, random)
    case "bilinear": bilinear(values, start, shape)
    default: values.update(repeating: filler.value)
    }
  }

  /// Caffe's fan: fan_in = count / shape[0], fan_out = count / shape[1].
  private static func fan(_ shape: Shape, _ filler: FillerParameter) -> Float {
    let fanIn = Float(shape.count) / Float(shape.rank > 0 ? shape[0] : 1)
    let fanOut = Float(shape.count) / Float(shape.rank > 1 ? shape[1] : 1)
    switch filler.varianceNorm {
    case .FAN_IN: return fanIn
    case .FAN_OUT: return fanOut
    case .AVERAGE: return (fanIn + fanOut) / 2
    }
  }

  private static func uniform(
    _ values: UnsafeMutableBufferPointer<Float>, _ start: Int, _ random: RandomStream, _ low: Float, _ high: Float
  ) {
    for index in values.indices { values[index] = low + (high - low) * random.uniform(start + index) }
  }

  /// With `sparse` s, each value stays with probability s / num_outputs.
  private static func gaussian(
    _ values: UnsafeMutableBufferPointer<Float>, _ start: Int, _ shape: Shape, _ filler: FillerParameter, _ random: RandomStream
  ) {
    for index in values.indices { values[index] = filler.mean + filler.std * random.normal(start + index) }
    guard filler.sparse >= 0 else { return }
    let keep = Float(filler.sparse) / Float(shape.rank > 0 ? shape[0] : 1)
    let mask = random.appending(1)
    for index in values.indices where mask.uniform(start + index) >= keep { values[index] = 0 }
  }

  /// Uniform in [0, 1), then every row of the first axis is divided by its sum.
  private static func positiveUnitBall(_ values: UnsafeMutableBufferPointer<Float>, _ shape: Shape, _ random: RandomStream) {
    let rows = shape.rank > 0 ? shape[0] : 1
    let width = rows > 0 ? shape.count / rows : 0
    uniform(values, 0, random, 0, 1)
    for row in 0..<rows {
      let range = row * width..<(row + 1) * width
      let sum = range.reduce(Float(0)) { $0 + values[$1] }
      for index in range { values[index] /= sum }
    }
  }

  /// The kernel of bilinear upsampling: (1 − |x/f − c|)(1 − |y/f − c|) with f = ⌈w/2⌉, c = (w − 1)/(2f).
  private static func bilinear(_ values: UnsafeMutableBufferPointer<Float>, _ start: Int, _ shape: Shape) {
    let width = shape[3]
    let f = Float((width + 1) / 2)
    let centre = Float(width - 1) / (2 * f)
    for index in values.indices {
      let x = Float((start + index) % width)
      let y = Float((start + index) / width % shape[2])
      values[index] = (1 - abs(x / f - centre)) * (1 - abs(y / f - centre))
    }
  }
}
