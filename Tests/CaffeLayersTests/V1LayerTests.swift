import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import Testing

@Suite("Layers in files from before 2015")
struct V1LayerTests {
  private static let types = [
    ("ABSVAL", "AbsVal"), ("ARGMAX", "ArgMax"), ("BNLL", "BNLL"), ("CONTRASTIVE_LOSS", "ContrastiveLoss"),
    ("DECONVOLUTION", "Deconvolution"), ("EXP", "Exp"), ("HINGE_LOSS", "HingeLoss"), ("IM2COL", "Im2col"),
    ("INFOGAIN_LOSS", "InfogainLoss"), ("MULTINOMIAL_LOGISTIC_LOSS", "MultinomialLogisticLoss"), ("MVN", "MVN"),
    ("POWER", "Power"), ("SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss"), ("THRESHOLD", "Threshold"),
  ]

  private static func layer(_ text: String) throws -> LayerDefinition? {
    let source = SourceFile(name: "net.prototxt", text: "layers { name: 'l' bottom: 'x' top: 'y' \(text) }")
    return try NetDefinition(source, schema: LayerRegistry.standard.schema).layers.first
  }

  @Test("get the names of today, and are known by them", arguments: types)
  func type(old: String, today: String) throws {
    #expect(try Self.layer("type: \(old)")?.type == today)
    #expect(LayerRegistry.standard[today]?.type == today)
  }

  @Test("keep their parameters")
  func parameters() throws {
    let power = try Self.layer("type: POWER power_param { power: 2 }")?.parameters(PowerParameters.self)
    #expect(power?.power == 2)
    let hinge = try Self.layer("type: HINGE_LOSS hinge_loss_param { norm: L2 }")?.parameters(HingeLossParameters.self)
    #expect(hinge?.norm == .L2)
    let deconvolution = try Self.layer("type: DECONVOLUTION convolution_param { num_output: 3 }")
    #expect(deconvolution?.parameters(ConvolutionParameters.self).numOutput == 3)
  }

  private static let fields = [
    ("argmax_param", 103, 23), ("contrastive_loss_param", 105, 40), ("exp_param", 111, 41), ("hinge_loss_param", 114, 29),
    ("infogain_loss_param", 116, 16), ("mvn_param", 120, 34), ("power_param", 122, 21), ("threshold_param", 128, 25),
  ]

  @Test("have the numbers of both formats in binary files", arguments: fields)
  func numbers(field: String, today: Int, old: Int) {
    #expect(LayerRegistry.standard.schema.layer.field(named: field)?.number == today)
    #expect(LayerRegistry.standard.schema.v1Layer.field(named: field)?.number == old)
  }

  private static let young = [
    "bias_param": 141, "clip_param": 148, "crop_param": 144, "elu_param": 140, "embed_param": 137, "log_param": 134,
    "parameter_param": 145, "recurrent_param": 146, "reduction_param": 136, "spp_param": 132, "swish_param": 147,
    "tile_param": 138,
  ]

  @Test("did not know the parameters of younger layers")
  func youngFields() {
    for (field, number) in Self.young {
      #expect(LayerRegistry.standard.schema.layer.field(named: field)?.number == number, "\(field)")
      #expect(LayerRegistry.standard.schema.v1Layer.field(named: field) == nil, "\(field)")
    }
  }
}
