import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `infogain_loss_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct InfogainLossParameters: LayerParameters {
  /// A file with the matrix H (BlobProto), for layers without a third bottom.
  public var source: String?
  /// The axis of the classes.
  public var axis = 1
  public init() {}
  public static let messageName = "InfogainLossParameter"
  public static let fields: [Field<InfogainLossParameters>] = [Field("source", 1, \.source), Field("axis", 2, \.axis)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("infogain_loss_param", 116, v1: 16, schema)
}

/// The loss −Σ_k H[label, k] · log p[k] of the softmax p of the scores, divided as `loss_param` says: with the identity for H
/// that of SoftmaxWithLoss.
///
/// H is the third bottom or a file. Probabilities below 10⁻²⁰ count as that.
///
/// ```prototxt
/// # score: 4x3
/// # label: 4 labels 3
/// # gain: 3x3 in 0...1
/// layer { name: "loss" type: "InfogainLoss" bottom: "score" bottom: "label" bottom: "gain" top: "loss" }
/// ```
///
/// - Difference: a label that names no class ends the pass with an error; Caffe 1.0 reads foreign memory.
public struct InfogainLossLayer: Layer {
  public static let type = "InfogainLoss"
  public static let bottoms = 2...3
  public static let tops = 0...2
  public static let role = LayerRole.loss
  private let axis: Int
  private let loss: LossParameter
  /// H where a file gives it, row after row.
  private let matrix: [Float]?
  private let title: String
  private let topCount: Int

  public init(_ parameters: InfogainLossParameters, in context: LayerContext) throws(LayerError) {
    axis = parameters.axis
    loss = context.definition.loss
    guard loss.normalize == nil else {
      throw LayerError("normalize is not for this layer; say normalization", field: "loss_param")
    }
    matrix = context.bottomCount > 2 ? nil : try InfogainLossLayer.matrix(parameters, context.definition)
    title = context.definition.title
    topCount = context.topCount
  }

  private static func matrix(_ parameters: InfogainLossParameters, _ definition: LayerDefinition) throws(LayerError) -> [Float] {
    guard let source = parameters.source, !source.isEmpty else {
      throw LayerError("source is missing: which file holds the matrix? Or give it as third bottom", field: "infogain_loss_param")
    }
    do {
      return try BlobRecord.read(path: FilePlace(of: definition.location?.file.name).find(source)).tensor.values
    } catch { throw LayerError("source: \(error)", field: "source") }
  }

  /// Scores …×C×…, labels: as many as there are score lines, H: C·C values. Tops: loss (), optionally the probabilities.
  /// Saved: the probabilities.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let axis = try bottoms[0].canonical(axis: axis)
    let lines = AxisLines(bottoms[0], canonical: axis)
    guard lines.outer * lines.inner == bottoms[1].count else {
      let count = lines.outer * lines.inner
      throw ShapeError("\(count) score vectors along axis \(axis) need \(count) labels, there are \(bottoms[1].count)")
    }
    let entries = matrix?.count ?? bottoms[2].count
    guard entries == lines.extent * lines.extent else {
      throw ShapeError("\(lines.extent) classes need a matrix of \(lines.extent)x\(lines.extent), H has \(entries) values")
    }
    let tops: [Shape] = [[], bottoms[0]]
    return LayerSignature(
      tops: Array(tops.prefix(topCount)), saved: [bottoms[0]],
      backwardReads: bottoms.count > 2 ? [.bottom(1), .bottom(2)] : [.bottom(1)])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index == 0 }

  public func forward(_ io: ForwardIO) {
    let (scores, labels, prob) = (io.bottoms[0], io.bottoms[1], io.saved[0])
    guard let lines = AxisLines(scores.shape, axis: axis) else { return }
    softmax(scores, into: prob, lines)
    var sum: Float = 0
    let valid = eachItem(labels, lines) { value, start in
      guard let own = ownClass(value, lines.extent, title, io.faults) else { return }
      for c in 0..<lines.extent {
        sum -= gain(own, c, lines, io.bottoms) * logarithm(max(prob[start + c * lines.inner], smallestProbability))
      }
    }
    io.tops.first?[0] = sum / divisor(valid, lines)
    if io.tops.count > 1 { io.tops[1].copy(from: prob) }
  }

  /// dx[k] = (p[k] · Σ_j H[label, j] − H[label, k]) · dloss / divisor; 0 where the label is ignored.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0], let lines = AxisLines(dx.shape, axis: axis) else { return }
    let prob = io.saved[0]
    dx.fill(0)
    let valid = eachItem(io.bottoms[1], lines) { value, start in
      guard let own = wholeNumber(value, below: lines.extent) else { return }
      let whole = (0..<lines.extent).reduce(Float(0)) { $0 + gain(own, $1, lines, io.bottoms) }
      for c in 0..<lines.extent {
        let place = start + c * lines.inner
        dx[place] = prob[place] * whole - gain(own, c, lines, io.bottoms)
      }
    }
    let factor = (io.topDiffs.first?[0] ?? 0) / divisor(valid, lines)
    for i in 0..<dx.count { dx[i] *= factor }
  }

  private func divisor(_ valid: Int, _ lines: AxisLines) -> Float {
    loss.mode().divisor(valid: valid, outer: lines.outer, inner: lines.inner, preFixed: loss.preFixedNormalizer)
  }

  private func gain(_ row: Int, _ column: Int, _ lines: AxisLines, _ bottoms: [TensorView]) -> Float {
    matrix?[row * lines.extent + column] ?? bottoms[2][row * lines.extent + column]
  }

  /// Calls `body` with each label that is not ignored and the start of its line.
  ///
  /// - Returns: how many there are.
  private func eachItem(_ labels: TensorView, _ lines: AxisLines, _ body: (_ value: Float, _ start: Int) -> Void) -> Int {
    var valid = 0
    for index in 0..<labels.count {
      if let ignored = loss.ignoreLabel, label(labels[index]) == ignored { continue }
      valid += 1
      body(labels[index], index / lines.inner * lines.extent * lines.inner + index % lines.inner)
    }
    return valid
  }
}
