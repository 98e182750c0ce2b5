import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `box_annotator_ohem_param`, by their prototxt names; defaults are those of R-FCN.
public struct BoxAnnotatorOHEMParameters: LayerParameters {
  /// How many regions of each image are learned from.
  public var roiPerImg = 0
  /// The label of all others.
  public var ignoreLabel = -1
  public init() {}
  public static let messageName = "BoxAnnotatorOHEMParameter"
  public static let fields: [Field<BoxAnnotatorOHEMParameters>] = [
    Field("roi_per_img", 1, \.roiPerImg, as: .uint32), Field("ignore_label", 2, \.ignoreLabel),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("box_annotator_ohem_param", 152, schema)
}

/// Online hard example mining: of each image's regions the `roi_per_img` with the largest losses keep their labels and their
/// weights, the others get `ignore_label` and weights of 0. Shrivastava et al., CVPR 2016.
///
/// The bottoms are the regions, the loss of each, their labels, and the weights of their box regression; of equal losses the
/// first count as larger. A region of no image ends the pass with an error. The bottoms get gradient 0.
///
/// ```prototxt
/// # rois: 6x5 labels 2
/// # loss: 6 in 0...1
/// # label: 6 labels 3
/// # weights: 6x8 in 0...1
/// layer {
///   name: "hard" type: "BoxAnnotatorOHEM" bottom: "rois" bottom: "loss" bottom: "label" bottom: "weights"
///   top: "hard_label" top: "hard_weights" box_annotator_ohem_param { roi_per_img: 2 }
/// }
/// ```
///
/// - Dialect: in R-FCN's fork (as field 10000) and in Intel's.
public struct BoxAnnotatorOHEMLayer: Layer {
  public static let type = "BoxAnnotatorOHEM"
  public static let bottoms = 4...4
  public static let tops = 2...2
  private let parameters: BoxAnnotatorOHEMParameters
  private let title: String

  public init(_ parameters: BoxAnnotatorOHEMParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.roiPerImg > 0 else { throw LayerError("roi_per_img must be at least 1", field: "roi_per_img") }
    self.parameters = parameters
    title = context.definition.title
  }

  /// Regions R×5×S…, R·ΠS losses and as many labels, weights R×C×S… → labels R×1×S… (R×1×1×1 without S) and weights R×C×S….
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let (regions, weights) = (bottoms[0], bottoms[3])
    guard regions.rank >= 2, regions[1] == 5 else { throw ShapeError("the regions need a shape Rx5, found \(regions)") }
    let items = regions[0] * regions.count(from: 2)
    for (name, shape) in [("losses", bottoms[1]), ("labels", bottoms[2])] where shape.count != items {
      throw ShapeError("\(items) regions need \(items) \(name), found \(shape)")
    }
    guard weights.rank >= 2, weights[0] == regions[0], weights.count(from: 2) == regions.count(from: 2) else {
      throw ShapeError("regions \(regions) need weights of as many items and places, found \(weights)")
    }
    let places = regions.rank == 2 ? [1, 1] : Array(regions.dims[2...])
    return LayerSignature(tops: [Shape([regions[0], 1] + places), weights])
  }

  public func forward(_ io: ForwardIO) {
    let (regions, losses, labels, weights) = (io.bottoms[0], io.bottoms[1], io.bottoms[2], io.bottoms[3])
    let (places, channels) = (regions.shape.count(from: 2), weights.shape[1])
    io.tops[0].fill(Float(parameters.ignoreLabel))
    io.tops[1].fill(0)
    for item in hardest(regions, losses, io.faults) {
      io.tops[0][item] = labels[item]
      let start = item / places * channels * places + item % places
      for i in stride(from: start, to: start + channels * places, by: places) { io.tops[1][i] = weights[i] }
    }
  }

  /// The regions to learn from, image by image.
  private func hardest(_ regions: TensorView, _ losses: TensorView, _ faults: FaultLog) -> [Int] {
    let places = regions.shape.count(from: 2)
    var order: [(image: Int, loss: Float, item: Int)] = []
    for item in 0..<losses.count {
      let value = regions[item / places * 5 * places + item % places]
      guard let image = wholeNumber(value, below: Int(Int32.max)) else {
        faults.report("\(title): region \(item) lies in image \(value), which cannot be")
        continue
      }
      order.append((image, losses[item].isNaN ? -.infinity : losses[item], item))
    }
    order.sort { a, b in a.image != b.image ? a.image < b.image : a.loss != b.loss ? a.loss > b.loss : a.item < b.item }
    var (kept, left, image) = ([Int](), 0, -1)
    for entry in order {
      if entry.image != image { (left, image) = (parameters.roiPerImg, entry.image) }
      if left > 0 { kept.append(entry.item) }
      left -= 1
    }
    return kept
  }

  /// No gradient flows through a choice: 0 for every bottom.
  public func backward(_ io: BackwardIO) { for gradient in io.bottomDiffs { gradient?.fill(0) } }
}
