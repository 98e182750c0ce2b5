import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `hinge_loss_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct HingeLossParameters: LayerParameters {
  public enum Norm: Int32, ProtoEnum {
    case L1 = 1
    case L2 = 2
    public static let schema = makeSchema("Norm")
  }
  /// L1 adds up the terms, L2 their squares.
  public var norm = Norm.L1
  public init() {}
  public static let messageName = "HingeLossParameter"
  public static let fields: [Field<HingeLossParameters>] = [Field("norm", 1, \.norm)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("hinge_loss_param", 114, v1: 29, schema)
}

/// The one-against-all hinge loss Σ max(0, 1 ∓ score) / N, minus for the labelled class; with norm L2 each term squared.
///
/// ```prototxt
/// # score: 4x5
/// # label: 4 labels 5
/// layer {
///   name: "loss" type: "HingeLoss" bottom: "score" bottom: "label" top: "loss"
///   hinge_loss_param { norm: L2 }
/// }
/// ```
///
/// - Difference: a label that names no class ends the pass with an error; Caffe 1.0 reads foreign memory.
public struct HingeLossLayer: Layer {
  public static let type = "HingeLoss"
  public static let bottoms = 2...2
  public static let tops = 0...1
  public static let role = LayerRole.loss
  private let norm: HingeLossParameters.Norm
  private let title: String
  private let topCount: Int

  public init(_ parameters: HingeLossParameters, in context: LayerContext) {
    norm = parameters.norm
    title = context.definition.title
    topCount = context.topCount
  }

  /// Scores N×C (further axes count as classes), N labels. Top: loss (). Saved: the terms before they are squared.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    _ = try labelledItems(bottoms)
    return LayerSignature(tops: Array([[]].prefix(topCount)), saved: [bottoms[0]], backwardReads: [.bottom(1)])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index == 0 }

  public func forward(_ io: ForwardIO) {
    let (scores, labels, terms) = (io.bottoms[0], io.bottoms[1], io.saved[0])
    let classes = scores.shape.count(from: 1)
    var sum: Float = 0
    for item in 0..<labels.count {
      let own = ownClass(labels[item], classes, title, io.faults)
      for c in 0..<classes {
        let place = item * classes + c
        let term = max(0, 1 + (c == own ? -scores[place] : scores[place]))
        terms[place] = term
        sum += norm == .L1 ? term : term * term
      }
    }
    io.tops.first?[0] = sum / Float(max(1, labels.count))
  }

  /// dscore = ∓ dloss / N where the term is above 0, minus for the labelled class; times 2 · term for L2.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (labels, terms) = (io.bottoms[1], io.saved[0])
    let classes = dx.shape.count(from: 1)
    let factor = (io.topDiffs.first?[0] ?? 0) / Float(max(1, labels.count))
    for item in 0..<labels.count {
      let own = wholeNumber(labels[item], below: classes)
      for c in 0..<classes {
        let term = terms[item * classes + c]
        let slope = norm == .L1 ? sign(term) : 2 * term
        dx[item * classes + c] = (c == own ? -slope : slope) * factor
      }
    }
  }
}
