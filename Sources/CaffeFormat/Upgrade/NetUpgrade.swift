import CaffeCore

/// Brings nets and solvers of every age to today's form, with the outcome of Caffe 1.0's own upgrade tools.
public enum NetUpgrade {
  /// V0 → V1 → data transforms → today → Input layers → BatchNorm → Intel's fused ReLUs, in this order.
  ///
  /// - Throws: `Diagnostics` when an old layer has no counterpart.
  public static func upgrade(_ net: Message, schema: NetSchema) throws(Diagnostics) -> Message {
    var net = net
    if UpgradeV0.isNeeded(net) {
      var step = UpgradeV0(schema: schema)
      net = step.upgrade(net)
      try step.diagnostics.throwIfErrors()
    }
    moveDataTransforms(&net)
    var step = UpgradeV1(schema: schema)
    net = step.upgrade(net)
    try step.diagnostics.throwIfErrors()
    try replaceInputFields(&net, schema: schema)
    freezeBatchNorm(&net)
    splitFusedReLUs(&net)
    return net
  }

  /// `solver_type` (an enum) becomes `type` (a name).
  ///
  /// - Throws: `Diagnostics` when both are given.
  public static func upgradeSolver(_ solver: Message) throws(Diagnostics) -> Message {
    guard let old = solver.last("solver_type"), let number = old.value.enumeration else { return solver }
    if let type = solver.last("type") {
      throw Diagnostics([
        Diagnostic(
          "the solver gives both \"solver_type\" and \"type\"; keep \"type\"", at: old.nameLocation,
          hint: type.nameLocation.map { "\"type\" at \($0)" })
      ])
    }
    let names = ["SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam"]
    guard let index = Int(exactly: number), names.indices.contains(index) else {
      throw Diagnostics([Diagnostic("there is no solver_type \(number)", at: old.valueLocation)])
    }
    var result = solver
    result.remove("solver_type")
    result.append("type", .string(names[index]), from: old)
    return result
  }

  /// V1 data layers held their transform among their own parameters.
  private static func moveDataTransforms(_ net: inout Message) {
    let homes = ["DATA": "data_param", "IMAGE_DATA": "image_data_param", "WINDOW_DATA": "window_data_param"]
    for index in net.entries.indices where net.entries[index].field.name == "layers" {
      guard var layer = net.entries[index].value.message, let number = layer.last("type")?.value.enumeration,
        let home = V1LayerType.schema.name(of: number).flatMap({ homes[$0] }), layer.has(home)
      else { continue }
      for name in ["scale", "mean_file", "crop_size", "mirror"] {
        guard let entry = layer.last(home)?.value.message?.last(name) else { continue }
        layer.modify("transform_param") { $0.set(name, entry.value, from: entry) }
        layer.modify(home) { $0.remove(name) }
      }
      net.entries[index].value = .message(layer)
    }
  }

  /// `input:` with `input_shape` or `input_dim` becomes an Input layer in front; without either, one whose shapes the
  /// caller of the net has to give.
  private static func replaceInputFields(_ net: inout Message, schema: NetSchema) throws(Diagnostics) {
    let inputs = net.all("input")
    let shapes = net.all("input_shape")
    let dims = net.all("input_dim")
    guard let first = inputs.first else {
      if let field = shapes.first ?? dims.first {
        throw Diagnostics([Diagnostic("\"\(field.field.name)\" is given without \"input\"", at: field.nameLocation)])
      }
      return
    }
    guard let inputField = schema.layer.field(named: "input_param"), case .message(let parameter) = inputField.kind else {
      return
    }
    let hasShapes = !(shapes.isEmpty && dims.isEmpty)
    if hasShapes, shapes.isEmpty ? dims.count != 4 * inputs.count : shapes.count != inputs.count {
      throw Diagnostics([
        Diagnostic(
          "\(inputs.count) input(s) need \(inputs.count) input_shape or \(4 * inputs.count) input_dim, "
            + "found \(shapes.count) and \(dims.count)", at: first.nameLocation)
      ])
    }
    var input = Message(parameter)
    for shape in shapes { input.append("shape", shape.value, from: shape) }
    if shapes.isEmpty, hasShapes {
      for index in inputs.indices { input.append("shape", .message(shape(dims[index * 4..<index * 4 + 4]))) }
    }
    var layer = Message(schema.layer)
    layer.append("name", .string("input"), from: first)
    layer.append("type", .string("Input"), from: first)
    for entry in inputs { layer.append("top", entry.value, from: entry) }
    if hasShapes { layer.append("input_param", .message(input), from: first) }
    for name in ["input", "input_shape", "input_dim"] { net.remove(name) }
    guard let layerField = net.schema.field(named: "layer") else { return }
    let place = net.entries.firstIndex { $0.field.name == "layer" } ?? net.entries.endIndex
    net.entries.insert(.init(layerField, .message(layer), name: first.nameLocation), at: place)
  }

  private static func shape(_ dims: ArraySlice<Message.Entry>) -> Message {
    var message = Message(BlobShape.schema)
    for dim in dims { message.append("dim", dim.value, from: dim) }
    return message
  }

  /// Intel's fork writes a ReLU into the convolution before it; here it stands behind it, in place.
  private static func splitFusedReLUs(_ net: inout Message) {
    var entries: [Message.Entry] = []
    for entry in net.entries {
      guard var layer = entry.value.message, entry.field.name == "layer", let parameters = layer.last("convolution_param"),
        parameters.value.message?.last("relu")?.value.bool == true
      else {
        entries.append(entry)
        continue
      }
      let tops = layer.all("top")
      let relus = tops.enumerated().map { index, top in
        fusedReLU(of: layer, parameters, top, suffix: tops.count > 1 ? "_relu\(index)" : "_relu")
      }
      layer.modify("convolution_param") { for field in ["relu", "negative_slope"] { $0.remove(field) } }
      var convolution = entry
      convolution.value = .message(layer)
      entries.append(convolution)
      entries += relus.map { Message.Entry(entry.field, .message($0), name: entry.nameLocation) }
    }
    net.entries = entries
  }

  private static func fusedReLU(
    of layer: Message, _ parameters: Message.Entry, _ top: Message.Entry, suffix: String
  ) -> Message {
    var relu = Message(layer.schema)
    relu.append("name", .string((layer.string("name") ?? "") + suffix), from: layer.last("name"))
    relu.append("type", .string("ReLU"), from: layer.last("type"))
    for field in ["bottom", "top"] { relu.append(field, top.value, from: top) }
    for rule in ["phase", "include", "exclude"].flatMap({ layer.all($0) }) {
      relu.append(rule.field.name, rule.value, from: rule)
    }
    if let slope = parameters.value.message?.last("negative_slope") {
      relu.modify("relu_param") { $0.set("negative_slope", slope.value, from: slope) }
    }
    return relu
  }

  /// BatchNorm's three blobs are statistics; files that gave them learning rates of 1 meant nothing by it.
  private static func freezeBatchNorm(_ net: inout Message) {
    for index in net.entries.indices where net.entries[index].field.name == "layer" {
      guard var layer = net.entries[index].value.message, layer.string("type") == "BatchNorm", layer.all("param").count == 3
      else { continue }
      for place in layer.entries.indices where layer.entries[place].field.name == "param" {
        guard var spec = layer.entries[place].value.message else { continue }
        let origin = layer.entries[place]
        spec.set("lr_mult", .float(0), from: origin)
        spec.set("decay_mult", .float(0), from: origin)
        layer.entries[place].value = .message(spec)
      }
      net.entries[index].value = .message(layer)
    }
  }
}
