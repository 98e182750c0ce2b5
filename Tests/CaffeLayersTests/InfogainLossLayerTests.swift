import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffePlan
import CaffeTesting
import Testing

@Suite("InfogainLoss")
struct InfogainLossLayerTests {
  private static let variants = [
    "", "loss_param { normalization: FULL }", "loss_param { normalization: BATCH_SIZE }", "loss_param { normalization: NONE }",
    "loss_param { ignore_label: 1 }", "loss_weight: 0.3",
    "loss_param { normalization: PRE_FIXED pre_fixed_normalizer: 3 }",
  ]

  @Test("keeps the contract of layers", arguments: variants)
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'InfogainLoss' \(parameters)", ["x": [4, 3, 2], "l": [4, 2], "H": [1, 1, 3, 3]])
    try LayerCheck.all(net, values: ["l": .labels(below: 3)])
  }

  @Test("keeps the contract of layers along another axis and with the probabilities as second top")
  func others() throws {
    let axis = "type: 'InfogainLoss' infogain_loss_param { axis: 2 }"
    try LayerCheck.all(LayerCheck.net(axis, ["x": [2, 3, 4], "l": [2, 3], "H": [16]]), values: ["l": .labels(below: 4)])
    let prob = LayerCheck.net(
      "type: 'InfogainLoss' loss_weight: 2 loss_weight: 0", ["x": [3, 4], "l": [3], "H": [4, 4]], tops: ["y", "prob"])
    try LayerCheck.all(prob, values: ["l": .labels(below: 4)])
  }

  @Test("weighs the logarithms with the label's row")
  func values() throws {
    let layer = try OneLayer(
      "type: 'InfogainLoss'", ["x": .of([1, 2], [0, 0]), "l": .of([1], [1]), "H": .of([2, 2], [1, 2, 3, 4])])
    #expect(isClose(try layer.forward(), [4.85203]))
    #expect(isClose(try layer.backward(), [0.5, -0.5]))
  }

  private static func fromFile(_ matrix: Tensor, label: Float = 1) throws -> OneLayer {
    let folder = try TemporaryFolder()
    try BlobRecord(matrix).writeMean(path: folder.file("H"))
    return try OneLayer(
      "type: 'InfogainLoss' infogain_loss_param { source: '\(folder.file("H"))' }",
      ["x": .of([1, 2], [0, 0]), "l": .of([1], [label])])
  }

  @Test("reads the matrix from a file")
  func file() throws {
    let layer = try Self.fromFile(.of([2, 2], [1, 2, 3, 4]))
    #expect(isClose(try layer.forward(), [4.85203]))
    #expect(isClose(try layer.backward(), [0.5, -0.5]))
  }

  @Test("looks for the file beside the net as well")
  func beside() throws {
    let folder = try TemporaryFolder()
    try BlobRecord(Tensor.of([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])).writeMean(path: folder.file("beside-the-net"))
    let text = LayerCheck.net(
      "type: 'InfogainLoss' infogain_loss_param { source: 'beside-the-net' }", ["x": [2, 3], "l": [2]])
    let definition = try NetDefinition(
      SourceFile(name: folder.file("net.prototxt"), text: text), schema: LayerRegistry.standard.schema)
    let graph = try NetGraph(definition, state: NetState(phase: .TRAIN), registry: .standard)
    #expect(throws: Never.self) { try ShapedGraph(graph, registry: .standard) }
  }

  @Test("ends with an error that names a label out of range", arguments: [(Float(2), "2"), (-1, "-1"), (.nan, "nan")])
  func labels(label: Float, name: String) throws {
    let layer = try Self.fromFile(.of([2, 2], [1, 0, 0, 1]), label: label)
    let error = #expect(throws: RunError.self) { try layer.forward() }
    #expect(error?.description == "layer \"layer\" (InfogainLoss): label \(name) names none of the 2 classes (0 to 1)")
  }

  @Test("refuses a matrix that is missing or does not fit")
  func mistakes() {
    func mistake(_ parameters: String) -> String {
      OneLayer.mistake("type: 'InfogainLoss' \(parameters)", ["x": [2, 3], "l": [2]]) ?? "none"
    }
    #expect(mistake("").contains("source is missing: which file holds the matrix? Or give it as third bottom"))
    #expect(mistake("infogain_loss_param { source: '/nowhere/H' }").contains("/nowhere/H"))
    #expect(mistake("loss_param { normalize: true }").contains("normalize is not for this layer; say normalization"))
    let size = OneLayer.mistake("type: 'InfogainLoss'", ["x": [2, 3], "l": [2], "H": [2, 2]])
    #expect(size?.contains("3 classes need a matrix of 3x3, H has 4 values") == true)
    let labels = OneLayer.mistake("type: 'InfogainLoss'", ["x": [2, 3], "l": [3], "H": [3, 3]])
    #expect(labels?.contains("2 score vectors along axis 1 need 2 labels, there are 3") == true)
  }
}
