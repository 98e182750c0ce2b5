import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeTesting
import Testing

@Suite("Proposal")
struct ProposalLayerTests {
  @Test("keeps the contract of layers, and lets no gradient through its choice")
  func contract() throws {
    let settings = "type: 'Proposal' proposal_param { ratio: 1 ratio: 2 scale: 1 min_size: 4 post_nms_topn: 5 feat_stride: 8 }"
    for images in [1, 2] {
      let net = LayerCheck.net(
        settings, ["p": [images, 4, 3, 4], "d": [images, 8, 3, 4], "i": [1, 3]], tops: ["rois", "scores"])
      let values: [String: SampleValues] = ["p": .uniform(0...1), "d": .uniform(-0.5...0.5), "i": .uniform(20...30)]
      try LayerCheck.all(net, values: values, unseeded: ["rois", "scores"])
    }
  }

  /// The regions with their scores as last number, and nothing but zeros behind them.
  private static func rows(_ parameters: String, prob: Tensor, delta: Tensor? = nil, info: [Float]) throws -> [[Float]] {
    let none = Tensor([prob.shape[0], prob.shape[1] * 2, prob.shape[2], prob.shape[3]])
    let columns = info.count % 4 == 0 ? 4 : 3
    let inputs: KeyValuePairs<String, Tensor> = [
      "p": prob, "d": delta ?? none, "i": .of([info.count / columns, columns], info),
    ]
    let layer = try OneLayer("type: 'Proposal' proposal_param { \(parameters) }", inputs, tops: ["rois", "scores"])
    let regions = try layer.forward("rois")
    let scores = layer.top("scores")?.values ?? []
    let count = try shape(parameters, inputs.map(\.value))[0]
    #expect(regions.dropFirst(count * 5).allSatisfy { $0 == 0 })
    #expect(scores.dropFirst(count).allSatisfy { $0 == 0 })
    return (0..<count).map { Array(regions[$0 * 5..<$0 * 5 + 5]) + [scores[$0]] }
  }

  /// The shape that forward says the regions have.
  private static func shape(_ parameters: String, _ inputs: [Tensor]) throws -> Shape {
    let text = "layer { name: 'l' type: 'Proposal' top: 'rois' proposal_param { \(parameters) } }"
    let definition = try NetDefinition(SourceFile(name: "net", text: text), schema: LayerRegistry.standard.schema).layers[0]
    let layer = try ProposalLayer(definition.parameters(ProposalParameters.self), in: .init(definition: definition, phase: .TEST))
    let top = try layer.signature(of: inputs.map(\.shape)).tops[0]
    var memory = inputs.map(\.values) + [[Float](repeating: .nan, count: top.count)]
    let shapes = TopShapes()
    let views = memory.indices.map { index in
      let copy = UnsafeMutablePointer<Float>.allocate(capacity: memory[index].count)
      copy.initialize(from: &memory[index], count: memory[index].count)
      return TensorView(index < inputs.count ? inputs[index].shape : top, copy)
    }
    defer { for view in views { view.pointer.deallocate() } }
    layer.forward(
      ForwardIO(
        bottoms: Array(views.dropLast()), tops: [views[inputs.count]], random: RandomStream(seed: 0, path: 0), topShapes: shapes))
    return try #require(shapes.shapes[0])
  }

  private static let known: [[Float]] = [
    [-84, -40, 99, 55], [-176, -88, 191, 103], [-360, -184, 375, 199], [-56, -56, 71, 71], [-120, -120, 135, 135],
    [-248, -248, 263, 263], [-36, -80, 51, 95], [-80, -168, 95, 183], [-168, -344, 183, 359],
  ]

  @Test("makes the anchors of py-faster-rcnn, ratio by ratio and scale by scale")
  func anchors() throws {
    // Only the place at row 1, column 1 has scores; its anchors lie 400 pixels to the right and down.
    var scores = [Float](repeating: 0, count: 72)
    for anchor in 0..<9 { scores[(9 + anchor) * 4 + 3] = 0.9 - 0.01 * Float(anchor) }
    let prob = Tensor.of([1, 18, 2, 2], scores)
    let rows = try Self.rows(
      "feat_stride: 400 pre_nms_topn: 9 post_nms_topn: 9 nms_thresh: 1", prob: prob, info: [2000, 2000, 1])
    // A box that is moved by zeros grows by a pixel, there as here.
    let expected = Self.known.map { [0, $0[0] + 400, $0[1] + 400, $0[2] + 401, $0[3] + 401] }
    #expect(rows.map { Array($0.prefix(5)) } == expected)
    #expect(isClose(rows.map { $0[5] }, (0..<9).map { 0.9 - 0.01 * Float($0) }))
  }

  /// Three boxes of 17x17 beside each other; neighbours overlap by 221 / 357, the outer two by 153 / 425.
  private static func three(_ parameters: String, scores: [Float] = [0.5, 0.9, 0.7], info: [Float] = [100, 100, 1]) throws
    -> [Float]
  {
    let prob = Tensor.of([1, 2, 1, 3], [0, 0, 0] + scores)
    return try rows("feat_stride: 4 ratio: 1 scale: 1 \(parameters)", prob: prob, info: info).map { $0[1] }
  }

  @Test("keeps of boxes that overlap the one with the better score, of equal ones the first")
  func suppression() throws {
    #expect(try Self.three("nms_thresh: 0.5") == [4])
    #expect(try Self.three("nms_thresh: 0.62") == [4, 8, 0])
    #expect(try Self.three("nms_thresh: 0.5", scores: [0.9, 0.8, 0.7]) == [0, 8])
    #expect(try Self.three("nms_thresh: 0.5", scores: [0.7, 0.7, 0.7]) == [0, 8])
    #expect(try Self.three("nms_thresh: 0.5", scores: [0.7, .nan, 0.9]) == [8, 0])
  }

  @Test("looks at the best only, and gives no more than asked for")
  func limits() throws {
    #expect(try Self.three("nms_thresh: 1 post_nms_topn: 2") == [4, 8])
    #expect(try Self.three("nms_thresh: 1 pre_nms_topn: 1") == [4])
    #expect(try Self.three("nms_thresh: 1 pre_nms_topn: 0") == [4, 8, 0])
  }

  @Test("leaves out boxes that are too small in the picture as it was, and may find none")
  func sizes() throws {
    #expect(try Self.three("nms_thresh: 1 min_size: 17") == [4, 8, 0])
    #expect(try Self.three("nms_thresh: 1 min_size: 16", info: [100, 100, 1.1]) == [])
    #expect(try Self.three("nms_thresh: 1 min_size: 16", info: [100, 100, 1, 1.1]) == [])
    // The last box is cut to 14 columns.
    #expect(try Self.three("nms_thresh: 1 min_size: 15", info: [100, 22, 1]) == [4, 0])
  }

  @Test("moves centres by shares of the size, and sizes by powers of e")
  func deltas() throws {
    let prob = Tensor.of([1, 2, 1, 1], [0.4, 0.6])
    func box(_ delta: [Float]) throws -> [[Float]] {
      try Self.rows("ratio: 1 scale: 1 min_size: 0", prob: prob, delta: .of([1, 4, 1, 1], delta), info: [100, 200, 1])
    }
    // 16 wide around 8, moved by 16 and 32; then e^log 2 times as wide.
    #expect(try box([1, 2, 0, 0]) == [[0, 16, 32, 32, 48, 0.6]])
    let wide = try box([1, 2, 0.6931472, 0])
    #expect(wide.count == 1 && isClose(wide[0], [0, 8, 32, 40, 48, 0.6], within: 1e-4))
    #expect(try box([0, 0, 200, 200]) == [[0, 0, 0, 199, 99, 0.6]])
    #expect(try box([.nan, 0, 0, 0]).isEmpty)
  }

  @Test("counts the images, with one picture size for all or one each")
  func images() throws {
    let prob = Tensor.of([2, 2, 1, 1], [0.4, 0.6, 0.3, 0.7])
    let one = try Self.rows("ratio: 1 scale: 1 min_size: 0", prob: prob, info: [100, 100, 1])
    #expect(one == [[0, 0, 0, 16, 16, 0.6], [1, 0, 0, 16, 16, 0.7]])
    let each = try Self.rows("ratio: 1 scale: 1 min_size: 0", prob: prob, info: [100, 100, 1, 10, 8, 1])
    #expect(each == [[0, 0, 0, 16, 16, 0.6], [1, 0, 0, 7, 9, 0.7]])
  }

  @Test("refuses shapes that do not fit its anchors")
  func mistakes() {
    func mistake(_ parameters: String, _ prob: Shape, _ delta: Shape, _ info: Shape = [1, 3]) -> String {
      OneLayer.mistake("type: 'Proposal' proposal_param { \(parameters) }", ["p": prob, "d": delta, "i": info]) ?? "none"
    }
    #expect(mistake("", [1, 12, 3, 4], [1, 24, 3, 4]).contains("9 anchors need probabilities Nx18xHxW, found 1x12x3x4"))
    #expect(mistake("", [1, 18, 3, 4], [1, 24, 3, 4]).contains("9 anchors need numbers 1x36x3x4, found 1x24x3x4"))
    #expect(
      mistake("", [2, 18, 3, 4], [2, 36, 3, 4], [3, 3]).contains("needs a shape 1x3 or 2x3 (height, width, scale), found 3x3"))
    #expect(mistake("scale: 0", [1, 18, 3, 4], [1, 36, 3, 4]).contains("each scale must be above 0"))
    #expect(mistake("post_nms_topn: 0", [1, 18, 3, 4], [1, 36, 3, 4]).contains("post_nms_topn must be at least 1"))
    #expect(mistake("post_nms_topn: 4000000000", [1, 18, 3, 4], [1, 36, 3, 4]).contains("elements"))
  }

  @Test("takes the place of py-faster-rcnn's Python layer, with the settings of its param_str")
  func python() throws {
    let inputs: KeyValuePairs<String, Shape> = ["p": [1, 18, 4, 5], "d": [1, 36, 4, 5], "i": [1, 3]]
    func text(_ settings: String) -> String {
      "type: 'Python' python_param { module: 'rpn.proposal_layer' layer: 'ProposalLayer' param_str: \"\(settings)\" }"
    }
    #expect(OneLayer.mistake(text("'feat_stride': 16"), inputs, tops: ["rois"]) == nil)
    #expect(OneLayer.mistake(text("{'feat_stride': 16, 'scales': [8, 16, 32]}"), inputs, tops: ["rois"]) == nil)
    let other = OneLayer.mistake(text("{'feat_stride': 8, 'scales': (4, 8)}"), inputs, tops: ["rois"]) ?? "none"
    #expect(other.contains("6 anchors need probabilities Nx12xHxW, found 1x18x4x5"), "\(other)")
    #expect(OneLayer.mistake(text(""), inputs, tops: ["rois"])?.contains("param_str gives no feat_stride") == true)
  }
}
