import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `spp_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct SPPParameters: LayerParameters {
  /// Levels of the pyramid, 1 to 16: 1×1 bins, 2×2, 4×4 and so on.
  public var pyramidHeight = 0
  /// What is taken of each bin: MAX or AVE.
  public var pool = PoolingParameters.PoolMethod.MAX
  public var engine = Engine.DEFAULT
  public init() {}
  public static let messageName = "SPPParameter"
  public static let fields: [Field<SPPParameters>] = [
    Field("pyramid_height", 1, \.pyramidHeight, as: .uint32), Field("pool", 2, \.pool), Field("engine", 6, \.engine),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("spp_param", 132, schema)
}

/// Spatial pyramid pooling: level l pools each channel into 2^l × 2^l bins, and the bins of all levels stand side by side. He et
/// al., ECCV 2014.
///
/// ```prototxt
/// # x: 2x3x8x8
/// layer { name: "pyramid" type: "SPP" bottom: "x" top: "y" spp_param { pyramid_height: 3 pool: AVE } }
/// ```
///
/// - Difference: `pool: STOCHASTIC`, which Caffe 1.0 runs on a GPU, is an error.
public struct SPPLayer: Layer {
  public static let type = "SPP"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: SPPParameters
  private let context: LayerContext
  /// 2^16 × 2^16 bins are more than a blob may have elements.
  private static let largestHeight = 16

  public init(_ parameters: SPPParameters, in context: LayerContext) throws(LayerError) {
    guard (1...SPPLayer.largestHeight).contains(parameters.pyramidHeight) else {
      throw LayerError("pyramid_height must be 1 to \(SPPLayer.largestHeight)", field: "pyramid_height")
    }
    guard parameters.pool != .STOCHASTIC else { throw LayerError("pool: STOCHASTIC cannot be computed here yet", field: "pool") }
    self.parameters = parameters
    self.context = context
  }

  /// N×C×H×W → N×(C·Σ 4^l); with one level alone N×C×1×1, as in Caffe. Saved: the levels' own. Scratch: each level's bins,
  /// and one more gradient of the bottom.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank == 4 else { throw ShapeError("needs a bottom with 4 axes (N, C, H, W)") }
    let levels = try levels(of: bottoms[0])
    let bins = levels.map(\.top)
    let flat = Shape([bottoms[0][0], bins.reduce(0) { $0 + $1.count(from: 1) }])
    return LayerSignature(
      tops: [bins.count == 1 ? bins[0] : flat], saved: levels.flatMap(\.saved), scratch: bins + [bottoms[0]])
  }

  private struct Level {
    let pooling: PoolingLayer
    let top: Shape
    let saved: [Shape]
  }

  private func levels(of bottom: Shape) throws(ShapeError) -> [Level] {
    var levels: [Level] = []
    for level in 0..<parameters.pyramidHeight {
      do {
        let pooling = try PoolingLayer(window(bins: 1 << level, bottom), in: context)
        let signature = try pooling.signature(of: [bottom])
        levels.append(Level(pooling: pooling, top: signature.tops[0], saved: signature.saved))
      } catch { throw ShapeError("\(1 << level)x\(1 << level) bins: \(error)") }
    }
    return levels
  }

  /// The smallest window that covers the image in that many bins, with the rest as padding on both sides.
  private func window(bins: Int, _ bottom: Shape) -> PoolingParameters {
    let (height, width) = ((bottom[2] + bins - 1) / bins, (bottom[3] + bins - 1) / bins)
    var window = PoolingParameters()
    window.pool = parameters.pool
    (window.kernelH, window.kernelW) = (height, width)
    (window.strideH, window.strideW) = (height, width)
    (window.padH, window.padW) = ((height * bins - bottom[2] + 1) / 2, (width * bins - bottom[3] + 1) / 2)
    return window
  }

  public func forward(_ io: ForwardIO) {
    eachLevel(io.bottoms[0].shape, io.saved) { level, index, saved, offset in
      let bins = io.scratch[index]
      level.pooling.forward(
        ForwardIO(bottoms: io.bottoms, tops: [bins], saved: saved, random: io.random, faults: io.faults))
      eachItem(bins, io.tops[0], offset) { top, bottom, count in
        (io.tops[0].pointer + top).update(from: bins.pointer + bottom, count: count)
      }
    }
  }

  /// dx = Σ of what the levels send back.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0], let part = io.scratch.last else { return }
    dx.fill(0)
    eachLevel(dx.shape, io.saved) { level, index, saved, offset in
      let bins = io.scratch[index]
      eachItem(bins, io.topDiffs[0], offset) { top, bottom, count in
        (bins.pointer + bottom).update(from: io.topDiffs[0].pointer + top, count: count)
      }
      level.pooling.backward(
        BackwardIO(bottoms: io.bottoms, tops: [bins], topDiffs: [bins], bottomDiffs: [part], saved: saved))
      for i in 0..<dx.count { dx[i] += part[i] }
    }
  }

  private func eachLevel(
    _ bottom: Shape, _ saved: [TensorView], _ body: (_ level: Level, _ index: Int, _ saved: [TensorView], _ offset: Int) -> Void
  ) {
    guard let levels = try? levels(of: bottom) else { return }
    var (used, offset) = (0, 0)
    for (index, level) in levels.enumerated() {
      body(level, index, Array(saved[used..<used + level.saved.count]), offset)
      used += level.saved.count
      offset += level.top.count(from: 1)
    }
  }

  /// Calls `body` with where each item's bins stand in the top and among the level's own.
  private func eachItem(
    _ bins: TensorView, _ top: TensorView, _ offset: Int, _ body: (_ top: Int, _ bottom: Int, _ count: Int) -> Void
  ) {
    let count = bins.shape.count(from: 1)
    for item in 0..<bins.shape[0] { body(item * top.shape.count(from: 1) + offset, item * count, count) }
  }
}
