/// A layer's own parameter message within LayerParameter.
public struct LayerField: Sendable {
  /// The field's name, `convolution_param`.
  public let name: String
  /// Its number in LayerParameter.
  public let number: Int
  /// Its number in V1LayerParameter, for messages that are that old.
  public let v1Number: Int?
  public let schema: MessageSchema

  public init(_ name: String, _ number: Int, v1: Int? = nil, _ schema: MessageSchema) {
    self.name = name
    self.number = number
    v1Number = v1
    self.schema = schema
  }
}

/// The schema of nets and solvers over a set of layers: what a registry of layers makes of NetParameter.
public final class NetSchema: Sendable {
  /// NetParameter.
  public let net: MessageSchema
  /// LayerParameter.
  public let layer: MessageSchema
  /// V1LayerParameter, before 2015.
  public let v1Layer: MessageSchema
  /// SolverParameter with its inline nets.
  public let solver: MessageSchema
  /// The parameter messages of all layers, by number.
  public let layerFields: [LayerField]
  /// Whether fields and enum values that nobody here knows are passed over with a warning instead of an error.
  public let allowsUnknown: Bool

  public init(layerFields: [LayerField], allowsUnknown: Bool = false) {
    self.allowsUnknown = allowsUnknown
    var seen = Set<Int>()
    self.layerFields = layerFields.filter { seen.insert($0.number).inserted }.sorted { $0.number < $1.number }
    layer = MessageSchema(
      "LayerParameter", NetSchema.layerBase + self.layerFields.map { FieldSchema($0.name, $0.number, .message($0.schema)) })
    v1Layer = MessageSchema(
      "V1LayerParameter",
      NetSchema.v1Base
        + self.layerFields.compactMap { field in field.v1Number.map { FieldSchema(field.name, $0, .message(field.schema)) } })
    net = NetSchema.makeNet(layer: layer, v1Layer: v1Layer)
    solver = MessageSchema(
      SolverParameter.messageName,
      SolverParameter.fields.map(\.schema) + ForkFields.solver + [
        FieldSchema("net_param", 25, .message(net)), FieldSchema("train_net_param", 21, .message(net)),
        FieldSchema("test_net_param", 22, .message(net), repeated: true),
      ])
  }

  private static func makeNet(layer: MessageSchema, v1Layer: MessageSchema) -> MessageSchema {
    MessageSchema(
      "NetParameter",
      [
        FieldSchema("name", 1, .string, default: "\"\""), FieldSchema("layers", 2, .message(v1Layer), repeated: true),
        FieldSchema("input", 3, .string, repeated: true), FieldSchema("input_dim", 4, .int32, repeated: true),
        FieldSchema("force_backward", 5, .bool, default: "false"), FieldSchema("state", 6, .message(NetState.schema)),
        FieldSchema("debug_info", 7, .bool, default: "false"),
        FieldSchema("input_shape", 8, .message(BlobShape.schema), repeated: true),
        FieldSchema("layer", 100, .message(layer), repeated: true),
      ] + ForkFields.net)
  }

  private static let layerBase: [FieldSchema] =
    [
      FieldSchema("name", 1, .string), FieldSchema("type", 2, .string), FieldSchema("bottom", 3, .string, repeated: true),
      FieldSchema("top", 4, .string, repeated: true), FieldSchema("loss_weight", 5, .float, repeated: true),
      FieldSchema("param", 6, .message(ParamSpec.schema), repeated: true),
      FieldSchema("blobs", 7, .message(BlobRecord.schema), repeated: true),
      FieldSchema("include", 8, .message(NetStateRule.schema), repeated: true),
      FieldSchema("exclude", 9, .message(NetStateRule.schema), repeated: true),
      FieldSchema("phase", 10, Phase.fieldKind), FieldSchema("propagate_down", 11, .bool, repeated: true),
      FieldSchema("transform_param", 100, .message(TransformationParameter.schema)),
      FieldSchema("loss_param", 101, .message(LossParameter.schema)),
    ] + ForkFields.layer

  private static let v1Base: [FieldSchema] = [
    FieldSchema("layer", 1, .message(V0Layer.schema)), FieldSchema("bottom", 2, .string, repeated: true),
    FieldSchema("top", 3, .string, repeated: true), FieldSchema("name", 4, .string),
    FieldSchema("type", 5, .enumeration(V1LayerType.schema)),
    FieldSchema("blobs", 6, .message(BlobRecord.schema), repeated: true), FieldSchema("blobs_lr", 7, .float, repeated: true),
    FieldSchema("weight_decay", 8, .float, repeated: true),
    FieldSchema("include", 32, .message(NetStateRule.schema), repeated: true),
    FieldSchema("exclude", 33, .message(NetStateRule.schema), repeated: true),
    FieldSchema("loss_weight", 35, .float, repeated: true),
    FieldSchema("transform_param", 36, .message(TransformationParameter.schema)),
    FieldSchema("loss_param", 42, .message(LossParameter.schema)), FieldSchema("param", 1001, .string, repeated: true),
    FieldSchema("blob_share_mode", 1002, ParamSpec.DimCheckMode.fieldKind, repeated: true),
  ]
}
