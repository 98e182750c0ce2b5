import CaffeCore
import CaffeFormat

/// A layer as the net's file describes it, with the places of what it says.
public struct LayerDefinition: Sendable {
  /// A blob's name where a layer mentions it.
  public struct BlobReference: Sendable {
    public let name: String
    public let location: SourceLocation?
  }

  public let name: String
  public let type: String
  public let bottoms: [BlobReference]
  public private(set) var tops: [BlobReference]
  /// None, or one per top.
  public let lossWeights: [Float]
  /// How the parameter blobs learn; may be shorter than the layer has blobs.
  public let params: [ParamSpec]
  public let include: [NetStateRule]
  public let exclude: [NetStateRule]
  public let phase: Phase?
  /// None, or one per bottom.
  public let propagateDown: [Bool]
  public let transform: TransformationParameter?
  public let loss: LossParameter
  /// The LayerParameter message.
  public let message: Message
  /// Where the layer begins.
  public let location: SourceLocation?

  init(_ message: Message, location: SourceLocation?) {
    self.message = message
    name = message.string("name") ?? ""
    type = message.string("type") ?? ""
    bottoms = LayerDefinition.references(message, "bottom")
    tops = LayerDefinition.references(message, "top")
    lossWeights = message.all("loss_weight").flatMap { $0.value.numbers?.floats ?? $0.value.float.map { [$0] } ?? [] }
    params = message.messages("param").map { ParamSpec($0) }
    include = message.messages("include").map { NetStateRule($0) }
    exclude = message.messages("exclude").map { NetStateRule($0) }
    phase = message.last("phase").flatMap { Phase($0.value, kind: Phase.fieldKind) }
    propagateDown = message.all("propagate_down").compactMap(\.value.bool)
    transform = message.last("transform_param")?.value.message.map { TransformationParameter($0) }
    loss = message.last("loss_param")?.value.message.map { LossParameter($0) } ?? LossParameter()
    self.location = message.last("name")?.valueLocation ?? location
  }

  private static func references(_ message: Message, _ field: String) -> [BlobReference] {
    message.all(field).map { BlobReference(name: $0.value.string ?? "", location: $0.valueLocation) }
  }

  /// Gives a loss without tops the one it needs to be computed.
  mutating func addAutomaticTop() { tops = [BlobReference(name: NetGraph.Value.automaticName, location: location)] }

  /// The layer's own parameters: its message, or the defaults when the file gives none.
  public func parameters<P: LayerParameters>(_ type: P.Type) -> P {
    guard let field = P.placement, let message = message.last(field.name)?.value.message else { return P() }
    return P(message)
  }

  /// Where a field stands, searched in the layer's own parameters first: its value, or for messages its name. Where it
  /// is missing, the parameters that it is missing from, or the layer's name.
  public func location(ofField name: String) -> SourceLocation? {
    for entry in message.entries where entry.field.name.hasSuffix("_param") {
      if let inner = entry.value.message?.last(name) { return LayerDefinition.place(of: inner) ?? location }
    }
    if let entry = message.last(name) { return LayerDefinition.place(of: entry) ?? location }
    let shared = ["transform_param", "loss_param"]
    let own = message.entries.last { $0.field.name.hasSuffix("_param") && !shared.contains($0.field.name) }
    return own?.nameLocation ?? location
  }

  /// Where the layer's `param` message of that index stands.
  func location(ofParam index: Int) -> SourceLocation? {
    let params = message.all("param")
    return params.indices.contains(index) ? params[index].nameLocation ?? location : location
  }

  /// Where the filler of the layer's parameter blob of that index stands.
  func location(ofFiller index: Int) -> SourceLocation? {
    let names = index == 0 ? ["weight_filler", "filler"] : ["bias_filler"]
    let fillers = message.entries.compactMap(\.value.message).flatMap { inner in names.compactMap { inner.last($0) } }
    return fillers.first.flatMap { $0.value.message?.last("type")?.valueLocation ?? $0.nameLocation } ?? location
  }

  private static func place(of entry: Message.Entry) -> SourceLocation? {
    entry.value.message == nil ? entry.valueLocation ?? entry.nameLocation : entry.nameLocation
  }

  /// `layer "ip2" (InnerProduct)`, as messages name it.
  public var title: String { "layer \"\(name)\" (\(type))" }

  /// Whether the layer takes part in a net of that state: any matching `include`, or no matching `exclude`.
  public func takesPart(in state: NetState) -> Bool {
    include.isEmpty ? !exclude.contains { $0.matches(state) } : include.contains { $0.matches(state) }
  }
}
