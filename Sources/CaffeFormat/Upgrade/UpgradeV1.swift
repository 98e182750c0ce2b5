import CaffeCore

/// V1 to today's format: enum types become names, and the parallel lists of learning rates, decays and share names
/// become `param` messages.
struct UpgradeV1 {
  let schema: NetSchema
  private(set) var diagnostics = Diagnostics()

  init(schema: NetSchema) { self.schema = schema }

  mutating func upgrade(_ net: Message) -> Message {
    let old = net.all("layers")
    guard let first = old.first else { return net }
    if let modern = net.all("layer").first {
      diagnostics.append(
        Diagnostic(
          "\"layer\" and \"layers\" stand in one net; use one of them", at: first.nameLocation ?? modern.nameLocation,
          hint: modern.nameLocation.map { "\"layer\" at \($0)" }))
      return net
    }
    var result = net
    result.remove("layers")
    for entry in old {
      guard let layer = entry.value.message else { continue }
      result.append("layer", .message(upgradeLayer(layer)), from: entry)
    }
    return result
  }

  private mutating func upgradeLayer(_ layer: Message) -> Message {
    var result = Message(schema.layer)
    var specs = ParamSpecs()
    for entry in layer.entries {
      switch entry.field.name {
      case "type": result.append("type", .string(V1LayerType.type(entry.value.enumeration ?? 0) ?? ""), from: entry)
      case "param": specs.append("name", entry.value)
      case "blob_share_mode": specs.append("share_mode", entry.value)
      case "blobs_lr": for float in floats(entry.value) { specs.append("lr_mult", .float(float)) }
      case "weight_decay": for float in floats(entry.value) { specs.append("decay_mult", .float(float)) }
      case "loss_weight": for float in floats(entry.value) { result.append("loss_weight", .float(float), from: entry) }
      case "layer": break  // handled by UpgradeV0 before
      default: result.append(entry.field.name, entry.value, from: entry)
      }
    }
    for spec in specs.messages { result.append("param", .message(spec)) }
    return result
  }

  private func floats(_ value: FieldValue) -> [Float] { value.numbers?.floats ?? value.float.map { [$0] } ?? [] }
}

/// The `param` messages that parallel lists amount to: element i of each list goes to message i.
private struct ParamSpecs {
  private var columns: [String: [FieldValue]] = [:]

  mutating func append(_ field: String, _ value: FieldValue) { columns[field, default: []].append(value) }

  var messages: [Message] {
    let count = columns.values.map(\.count).max() ?? 0
    return (0..<count).map { index in
      var message = Message(ParamSpec.schema)
      for field in ParamSpec.schema.fields {
        if let column = columns[field.name], index < column.count { message.append(field.name, column[index]) }
      }
      return message
    }
  }
}
