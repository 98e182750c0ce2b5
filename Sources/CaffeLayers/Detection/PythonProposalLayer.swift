import CaffeCore
import CaffeGraph

/// Proposal in the place of py-faster-rcnn's Python layer `rpn.proposal_layer.ProposalLayer`, which published Faster R-CNN nets use.
///
/// `param_str` gives `feat_stride`, and `scales` where there are other anchors; the rest are that program's settings: 6,000 boxes
/// into suppression and 300 out of it in testing, 12,000 and 2,000 in training.
struct PythonProposalLayer: Layer {
  static let type = "Python"
  static let bottoms = ProposalLayer.bottoms
  static let tops = ProposalLayer.tops
  static let module = "rpn.proposal_layer"
  static let layer = "ProposalLayer"
  private let proposal: ProposalLayer

  init(_ parameters: NoParameters, in context: LayerContext) throws(LayerError) {
    let text = context.definition.parameters(PythonParameters.self).paramStr
    var settings = ProposalParameters()
    guard let stride = PythonProposalLayer.numbers("feat_stride", in: text).first else {
      throw LayerError("param_str gives no feat_stride", field: "param_str")
    }
    guard stride >= 1, stride <= 4096 else { throw LayerError("a feat_stride of \(stride) makes no sense", field: "param_str") }
    settings.featStride = Int(stride)
    settings.scale = PythonProposalLayer.numbers("scales", in: text)
    if context.phase == .TRAIN { (settings.preNmsTopn, settings.postNmsTopn) = (12000, 2000) }
    proposal = try ProposalLayer(settings, in: context)
  }

  /// The numbers behind a key of a Python or YAML mapping: `'feat_stride': 16`, `'scales': [8, 16]`.
  private static func numbers(_ key: String, in text: String) -> [Float] {
    guard let key = text.firstRange(of: key) else { return [] }
    let rest = text[key.upperBound...].drop { "'\": ".contains($0) }
    let list =
      rest.first == "[" || rest.first == "("
      ? rest.dropFirst().prefix { $0 != "]" && $0 != ")" } : rest.prefix { $0 != "," && $0 != "}" }
    return list.split { ", ".contains($0) }.compactMap { Float($0) }
  }

  /// As Proposal's.
  func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature { try proposal.signature(of: bottoms) }
  func forward(_ io: ForwardIO) { proposal.forward(io) }
  func backward(_ io: BackwardIO) { proposal.backward(io) }
}
