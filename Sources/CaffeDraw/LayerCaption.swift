import CaffeCore
import CaffeFormat
import CaffeGraph

/// The parameters of a layer that a drawing shows, in words: `96 maps, 11×11, stride 4`.
enum LayerCaption {
  static func text(_ layer: LayerDefinition) -> String {
    func parameters(_ name: String) -> Message? { layer.message.last(name)?.value.message }
    switch layer.type {
    case "Convolution", "Deconvolution": return parameters("convolution_param").map(convolution) ?? ""
    case "Pooling": return pooling(parameters("pooling_param"))
    case "InnerProduct": return outputs(parameters("inner_product_param"))
    case "Embed": return outputs(parameters("embed_param"))
    case "LRN": return lrn(parameters("lrn_param"))
    case "Dropout": return "ratio \(number(parameters("dropout_param")?.last("dropout_ratio")) ?? "0.5")"
    case "Eltwise": return word(parameters("eltwise_param"), "operation") ?? "sum"
    case "Concat": return axis(parameters("concat_param"))
    case "Slice": return axis(parameters("slice_param"))
    default: return ""
    }
  }

  private static func convolution(_ message: Message) -> String {
    let outputs = integer(message, "num_output").map { "\($0) map\($0 == 1 ? "" : "s")" }
    let groups = integer(message, "group").flatMap { $0 > 1 ? "\($0) groups" : nil }
    let dilation = message.all("dilation").compactMap(\.value.integer).map(String.init)
    let spread = dilation.allSatisfy { $0 == "1" } ? nil : "dilation " + dilation.joined(separator: "×")
    return [outputs, window(message), step(message), pad(message), spread, groups].compactMap { $0 }.joined(separator: ", ")
  }

  private static func pooling(_ message: Message?) -> String {
    let method = word(message, "pool") ?? "max"
    guard let message else { return method }
    let isGlobal = message.last("global_pooling")?.value.bool == true
    let method_ = method == "ave" ? "mean" : method
    return
      ([isGlobal ? "\(method_) of the whole map" : [method_, window(message)].compactMap { $0 }.joined(separator: " ")]
      + [step(message), pad(message)].compactMap { $0 }).joined(separator: ", ")
  }

  private static func outputs(_ message: Message?) -> String {
    message.flatMap { integer($0, "num_output") }.map { "\($0) output\($0 == 1 ? "" : "s")" } ?? ""
  }

  private static func lrn(_ message: Message?) -> String {
    let isWithin = word(message, "norm_region") == "within_channel"
    return "\(message.flatMap { integer($0, "local_size") } ?? 5) \(isWithin ? "pixels" : "maps")"
  }

  private static func axis(_ message: Message?) -> String {
    message.flatMap { integer($0, "axis") }.map { $0 == 1 ? "" : "axis \($0)" } ?? ""
  }

  private static func window(_ message: Message) -> String? {
    sides(message, "kernel_size", "kernel_h", "kernel_w").map { $0.joined(separator: "×") }
  }

  private static func step(_ message: Message) -> String? {
    unlessEqual(sides(message, "stride", "stride_h", "stride_w"), "1", "stride")
  }

  private static func pad(_ message: Message) -> String? { unlessEqual(sides(message, "pad", "pad_h", "pad_w"), "0", "pad") }

  private static func unlessEqual(_ sides: [String]?, _ usual: String, _ word: String) -> String? {
    guard let sides, !sides.allSatisfy({ $0 == usual }) else { return nil }
    return "\(word) " + (Set(sides).count == 1 ? sides[0] : sides.joined(separator: "×"))
  }

  /// Height and width (or more axes), a single number standing for both; nil when the file gives none.
  private static func sides(_ message: Message, _ both: String, _ height: String, _ width: String) -> [String]? {
    let given = message.all(both).compactMap(\.value.integer).map(String.init)
    if given.count == 1 { return [given[0], given[0]] }
    if given.count > 1 { return given }
    guard message.has(height) || message.has(width) else { return nil }
    return [height, width].map { integer(message, $0).map(String.init) ?? "0" }
  }

  private static func integer(_ message: Message, _ name: String) -> Int64? { message.last(name)?.value.integer }

  private static func number(_ entry: Message.Entry?) -> String? { entry?.value.float.map { NumberText.general($0) } }

  /// An enum's name in lower case.
  private static func word(_ message: Message?, _ name: String) -> String? {
    guard let entry = message?.last(name), let number = entry.value.enumeration, case .enumeration(let schema) = entry.field.kind
    else { return nil }
    return schema.name(of: number)?.lowercased()
  }
}
