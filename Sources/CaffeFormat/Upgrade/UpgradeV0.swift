import CaffeCore

/// V0 to V1: the flat message is spread over the parameter messages of its layer's kind, and `padding` layers move
/// into the pad of the layer behind them.
struct UpgradeV0 {
  let schema: NetSchema
  private(set) var diagnostics = Diagnostics()

  init(schema: NetSchema) { self.schema = schema }

  static func isNeeded(_ net: Message) -> Bool { net.messages("layers").contains { $0.has("layer") } }

  mutating func upgrade(_ net: Message) -> Message {
    var result = net
    result.remove("layers")
    for layer in foldPadding(net) { result.append("layers", .message(upgradeLayer(layer))) }
    return result
  }

  // MARK: Padding layers

  private mutating func foldPadding(_ net: Message) -> [Message] {
    var producer: [String: Message] = [:]
    var kept: [Message] = []
    for layer in net.messages("layers") {
      let folded = foldPadding(layer, producer)
      if V0Layer.type(layer) != "padding" { kept.append(folded) }
      for top in layer.strings("top") { producer[top] = layer }
    }
    return kept
  }

  private mutating func foldPadding(_ layer: Message, _ producer: [String: Message]) -> Message {
    let sources = layer.strings("bottom").map { producer[$0] }
    guard let padding = sources.first(where: { $0.map(V0Layer.type) == "padding" }) ?? nil else { return layer }
    guard ["conv", "pool"].contains(V0Layer.type(layer)), sources.count == 1, let bottom = padding.strings("bottom").first else {
      diagnostics.append(
        Diagnostic("a padding layer can only feed one convolution or pooling layer", at: layer.all("bottom").first?.valueLocation)
      )
      return layer
    }
    var folded = layer
    folded.set("bottom", .string(bottom), from: padding.all("bottom").first)
    let pad = padding.last("layer")?.value.message?.last("pad")
    folded.modify("layer") { $0.set("pad", pad?.value ?? .unsigned(0), from: pad) }
    return folded
  }

  // MARK: One layer

  private mutating func upgradeLayer(_ layer: Message) -> Message {
    var result = Message(schema.v1Layer)
    for entry in layer.entries where entry.field.name != "layer" { result.entries.append(entry) }
    guard let flat = layer.last("layer")?.value.message else { return result }
    let type = flat.string("type") ?? ""
    for entry in flat.entries {
      switch entry.field.name {
      case "type":
        guard let number = V1LayerType.number(v0: type) else {
          diagnostics.append(Diagnostic("unknown V0 layer type \"\(type)\"", at: entry.valueLocation))
          continue
        }
        result.append("type", .enumeration(number), from: entry)
      case "name", "blobs", "blobs_lr", "weight_decay": result.append(entry.field.name, entry.value, from: entry)
      default: move(entry, type: type, into: &result)
      }
    }
    return result
  }

  private mutating func move(_ entry: Message.Entry, type: String, into layer: inout Message) {
    guard let target = UpgradeV0.target(of: entry.field.name, type: type) else {
      diagnostics.append(
        Diagnostic("V0 field \"\(entry.field.name)\" has no meaning in a layer of type \"\(type)\"", at: entry.nameLocation))
      return
    }
    guard let field = layer.schema.field(named: target.message), case .message(let inner) = field.kind,
      inner.field(named: target.field) != nil
    else {
      diagnostics.append(Diagnostic("layers of type \"\(type)\" cannot be built here yet", at: entry.nameLocation))
      return
    }
    layer.modify(target.message) { $0.append(target.field, entry.value, from: entry) }
  }

  private static let dataMessages = [
    "data": "data_param", "hdf5_data": "hdf5_data_param", "images": "image_data_param", "window_data": "window_data_param",
    "infogain_loss": "infogain_loss_param",
  ]

  /// Where a V0 field lives in V1, by the kind of layer it stands in.
  private static func target(of field: String, type: String) -> (message: String, field: String)? {
    switch (field, type) {
    case ("num_output", "conv"), ("weight_filler", "conv"), ("bias_filler", "conv"), ("pad", "conv"), ("group", "conv"),
      ("stride", "conv"):
      ("convolution_param", field)
    case ("num_output", "innerproduct"), ("weight_filler", "innerproduct"), ("bias_filler", "innerproduct"):
      ("inner_product_param", field)
    case ("biasterm", "conv"): ("convolution_param", "bias_term")
    case ("biasterm", "innerproduct"): ("inner_product_param", "bias_term")
    case ("kernelsize", "conv"): ("convolution_param", "kernel_size")
    case ("kernelsize", "pool"): ("pooling_param", "kernel_size")
    case ("pad", "pool"), ("stride", "pool"), ("pool", "pool"): ("pooling_param", field)
    case ("dropout_ratio", "dropout"): ("dropout_param", field)
    case ("local_size", "lrn"), ("alpha", "lrn"), ("beta", "lrn"), ("k", "lrn"): ("lrn_param", field)
    case ("concat_dim", "concat"): ("concat_param", field)
    case ("scale", _): ("transform_param", "scale")
    case ("meanfile", _): ("transform_param", "mean_file")
    case ("cropsize", _): ("transform_param", "crop_size")
    case ("mirror", _): ("transform_param", "mirror")
    case ("source", _): dataMessages[type].map { ($0, "source") }
    case ("batchsize", _): dataMessages[type].map { ($0, "batch_size") }
    case ("rand_skip", _): dataMessages[type].map { ($0, "rand_skip") }
    case ("shuffle_images", "images"): ("image_data_param", "shuffle")
    case ("new_height", "images"), ("new_width", "images"): ("image_data_param", field)
    case (_, "window_data") where field.hasPrefix("det_"): ("window_data_param", String(field.dropFirst(4)))
    default: nil
    }
  }
}

extension V0Layer {
  /// The type word of a V0 layer wrapped in its V1 message.
  static func type(_ layer: Message) -> String { layer.last("layer")?.value.message?.string("type") ?? "" }
}
