import CaffeCore
import CaffeFormat

/// A net as its file describes it: the first stage of the pipeline.
public struct NetDefinition: Sendable {
  public let name: String
  public let layers: [LayerDefinition]
  /// Asks for the gradient of every blob that can have one.
  public let forceBackward: Bool
  public let debugInfo: Bool
  /// The state the file asks for.
  public let state: NetState
  /// The upgraded NetParameter message.
  public let message: Message
  /// What of the file was passed over, or is read and not acted upon.
  public let warnings: Diagnostics

  /// Reads a net from a decoded NetParameter of any age.
  ///
  /// - Throws: `Diagnostics` when an old net cannot be upgraded.
  public init(_ message: Message, schema: NetSchema) throws(Diagnostics) {
    try self.init(message, schema: schema, warnings: Diagnostics())
  }

  private init(_ message: Message, schema: NetSchema, warnings: Diagnostics) throws(Diagnostics) {
    let upgraded = try NetUpgrade.upgrade(message, schema: schema)
    self.message = upgraded
    self.warnings = Diagnostics(warnings.items + upgraded.notesOnIgnoredFields.items)
    name = upgraded.string("name") ?? ""
    forceBackward = upgraded.last("force_backward")?.value.bool ?? false
    debugInfo = upgraded.last("debug_info")?.value.bool ?? false
    state = upgraded.last("state")?.value.message.map { NetState($0) } ?? NetState()
    layers = upgraded.all("layer").compactMap { entry in
      entry.value.message.map { LayerDefinition($0, location: entry.nameLocation) }
    }
  }

  /// Parses a prototxt; where the schema allows unknown fields, each is a warning.
  ///
  /// - Throws: `Diagnostics` with every mistake at its line and column.
  public init(_ file: SourceFile, schema: NetSchema) throws(Diagnostics) {
    let (message, warnings) = try TextParser.read(file, as: schema.net, allowsUnknown: schema.allowsUnknown)
    try self.init(message, schema: schema, warnings: warnings)
  }
}
