import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `proposal_param`, by their prototxt names; defaults are those of Faster R-CNN in testing.
public struct ProposalParameters: LayerParameters {
  /// Pixels of the net's input from one place of the bottoms to the next.
  public var featStride = 16
  /// The side of the square that the anchors are made from.
  public var baseSize = 16
  /// Boxes smaller than this in the picture, before it was scaled for the net, are left out.
  public var minSize = 16
  /// Heights over widths of the anchors; 0.5, 1 and 2 when there are none.
  public var ratio: [Float] = []
  /// Sizes of the anchors in squares; 8, 16 and 32 when there are none.
  public var scale: [Float] = []
  /// How many boxes with the best scores go into suppression; 0 for all.
  public var preNmsTopn = 6000
  /// How many boxes of an image come out at most.
  public var postNmsTopn = 300
  /// Of two boxes whose intersection over union is above this, the one with the lower score is left out.
  public var nmsThresh: Float = 0.7
  public init() {}
  public static let messageName = "ProposalParameter"
  public static let fields: [Field<ProposalParameters>] = [
    Field("feat_stride", 1, \.featStride, as: .uint32), Field("base_size", 2, \.baseSize, as: .uint32),
    Field("min_size", 3, \.minSize, as: .uint32), Field("ratio", 4, \.ratio), Field("scale", 5, \.scale),
    Field("pre_nms_topn", 6, \.preNmsTopn, as: .uint32), Field("post_nms_topn", 7, \.postNmsTopn, as: .uint32),
    Field("nms_thresh", 8, \.nmsThresh),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("proposal_param", 8_266_714, schema)
}

/// Regions that may hold an object: at each place the anchors are moved by what the net says, cut to the picture, and of those
/// that overlap the one with the best score is kept. Ren et al., NIPS 2015.
///
/// The bottoms are the probabilities, first A of no object, then A of an object, 4 numbers for each anchor, and (height, width,
/// scale) of the picture in the net's input, one row for all images or one each; a fourth number is a scale of its own for the
/// width. Of equal scores the first place and anchor counts as better. A score or a corner that is no number leaves its box
/// out. The bottoms get gradient 0.
///
/// ```prototxt
/// # prob: 1x18x4x5 in 0...1
/// # delta: 1x36x4x5 in 0...1
/// # im_info: 1x3 in 60...64
/// layer {
///   name: "proposal" type: "Proposal" bottom: "prob" bottom: "delta" bottom: "im_info" top: "rois" top: "scores"
///   proposal_param { post_nms_topn: 10 min_size: 0 }
/// }
/// ```
///
/// - Dialect: PVANet's and Intel's C++ form of the Python layer of py-faster-rcnn, which rounds halves of an anchor's side to
///   even where this one rounds up. Boxes that are too small are left out as in Python; PVANet gives them the score 0. In
///   happynear's fork scales are sizes in pixels, and Lenovo's layer has other fields: neither is meant here. `proposal_param`
///   has no settled number, 8266714 is this project's.
public struct ProposalLayer: Layer {
  public static let type = "Proposal"
  public static let bottoms = 3...3
  public static let tops = 1...2
  /// A bound for files that only want to fill the memory.
  private static let mostAnchors = 1 << 16
  private let parameters: ProposalParameters
  private let anchors: [PixelBox]
  private let topCount: Int

  public init(_ parameters: ProposalParameters, in context: LayerContext) throws(LayerError) {
    for (name, value) in [
      ("feat_stride", parameters.featStride), ("base_size", parameters.baseSize), ("post_nms_topn", parameters.postNmsTopn),
    ] where value < 1 { throw LayerError("\(name) must be at least 1", field: name) }
    for (name, values) in [("ratio", parameters.ratio), ("scale", parameters.scale)] {
      guard values.allSatisfy({ $0 > 0 && $0.isFinite }) else { throw LayerError("each \(name) must be above 0", field: name) }
    }
    self.parameters = parameters
    topCount = context.topCount
    let ratios = parameters.ratio.isEmpty ? [0.5, 1, 2] : parameters.ratio
    let scales = parameters.scale.isEmpty ? [8, 16, 32] : parameters.scale
    let (count, overflow) = ratios.count.multipliedReportingOverflow(by: scales.count)
    guard !overflow, count <= ProposalLayer.mostAnchors else {
      throw LayerError("more than \(ProposalLayer.mostAnchors) anchors at each place", field: "ratio")
    }
    anchors = AnchorBoxes(base: parameters.baseSize, ratios: ratios, scales: scales).boxes
  }

  /// Probabilities N×2A×H×W, numbers N×4A×H×W, picture sizes (1 or N)×(3 or more) → regions R×5 (image, x1, y1, x2, y2) and their
  /// scores (R), with R at most N · post_nms_topn.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let (prob, delta, sizes) = (bottoms[0], bottoms[1], bottoms[2])
    let count = anchors.count
    guard prob.rank == 4, prob[1] == 2 * count else {
      throw ShapeError("\(count) anchors need probabilities Nx\(2 * count)xHxW, found \(prob)")
    }
    guard delta == Shape([prob[0], 4 * count, prob[2], prob[3]]) else {
      throw ShapeError("\(count) anchors need numbers \(prob[0])x\(4 * count)x\(prob[2])x\(prob[3]), found \(delta)")
    }
    guard sizes.rank >= 2, sizes[0] == 1 || sizes[0] == prob[0], sizes.count(from: 1) >= 3 else {
      throw ShapeError("the picture's size needs a shape 1x3 or \(prob[0])x3 (height, width, scale), found \(sizes)")
    }
    let (rows, overflow) = prob[0].multipliedReportingOverflow(by: parameters.postNmsTopn)
    guard !overflow else { throw ShapeError("post_nms_topn is too large") }
    let regions = try Shape(validating: [rows, 5])
    return LayerSignature(tops: Array([regions, [rows]].prefix(topCount)), varyingTops: Set(0..<topCount))
  }

  private struct Candidate {
    let box: PixelBox
    let score: Float
    let index: Int
  }

  public func forward(_ io: ForwardIO) {
    for top in io.tops { top.fill(0) }
    var row = 0
    for image in 0..<io.bottoms[0].shape[0] {
      let best = candidates(image, io.bottoms)
      let boxes = best.map(\.box)
      for index in PixelBox.survivors(of: boxes, threshold: parameters.nmsThresh, limit: parameters.postNmsTopn) {
        let box = boxes[index]
        for (column, value) in [Float(image), box.x1, box.y1, box.x2, box.y2].enumerated() {
          io.tops[0][row * 5 + column] = value
        }
        if io.tops.count > 1 { io.tops[1][row] = best[index].score }
        row += 1
      }
    }
    io.setShape([row, 5], ofTop: 0)
    if io.tops.count > 1 { io.setShape([row], ofTop: 1) }
  }

  /// The boxes of an image that go into suppression, the best first.
  private func candidates(_ image: Int, _ bottoms: [TensorView]) -> [Candidate] {
    var found: [Candidate] = []
    let (shape, size) = (bottoms[0].shape, pictureSize(image, bottoms[2]))
    for place in 0..<shape[2] * shape[3] {
      for anchor in anchors.indices {
        let score = bottoms[0][(image * shape[1] + anchors.count + anchor) * shape[2] * shape[3] + place]
        let moved = box(anchor, place, image, bottoms[1])
        let box = moved.clipped(width: size.width, height: size.height)
        guard !moved.area.isNaN, !score.isNaN else { continue }
        guard box.width >= size.smallestWidth, box.height >= size.smallestHeight else { continue }
        found.append(Candidate(box: box, score: score, index: found.count))
      }
    }
    found.sort { $0.score != $1.score ? $0.score > $1.score : $0.index < $1.index }
    return parameters.preNmsTopn > 0 ? Array(found.prefix(parameters.preNmsTopn)) : found
  }

  private func box(_ anchor: Int, _ place: Int, _ image: Int, _ deltas: TensorView) -> PixelBox {
    let (width, plane) = (deltas.shape[3], deltas.shape.count(from: 2))
    let stride = Float(parameters.featStride)
    func number(_ index: Int) -> Float { deltas[(image * deltas.shape[1] + anchor * 4 + index) * plane + place] }
    return anchors[anchor].shifted(x: Float(place % width) * stride, y: Float(place / width) * stride)
      .moved(dx: number(0), dy: number(1), dw: number(2), dh: number(3))
  }

  private func pictureSize(_ image: Int, _ sizes: TensorView)
    -> (height: Float, width: Float, smallestHeight: Float, smallestWidth: Float)
  {
    let columns = sizes.shape.count(from: 1)
    let row = sizes.pointer + (sizes.shape[0] == 1 ? 0 : image) * columns
    let smallest = Float(parameters.minSize)
    return (row[0], row[1], smallest * row[2], smallest * (columns > 3 ? row[3] : row[2]))
  }

  /// No gradient flows through the choice of boxes: 0 for every bottom.
  public func backward(_ io: BackwardIO) { for gradient in io.bottomDiffs { gradient?.fill(0) } }
}
