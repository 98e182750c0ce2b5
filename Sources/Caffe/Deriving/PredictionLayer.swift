import CaffeFormat
import CaffeGraph

/// The layer that computes what a loss computes of the scores before it compares them.
struct PredictionLayer {
  /// Types of layers by the losses they replace.
  static let types = [
    "SoftmaxWithLoss": "Softmax", "SoftmaxWithLossOHEM": "Softmax", "InfogainLoss": "Softmax",
    "SigmoidCrossEntropyLoss": "Sigmoid",
  ]

  let name: String
  private let type: String
  private let bottom: String
  /// The loss's own `softmax_param` or `sigmoid_param`.
  private let parameters: [Message.Entry]

  init(of loss: LayerDefinition, type: String, bottom: String, name: String) {
    self.type = type
    self.bottom = bottom
    self.name = name
    parameters = loss.message.all(type == "Softmax" ? "softmax_param" : "sigmoid_param")
  }

  /// The LayerParameter message.
  func message(_ schema: MessageSchema) -> Message {
    var message = Message(schema)
    for (field, text) in [("name", name), ("type", type), ("bottom", bottom), ("top", name)] {
      message.append(field, .string(text))
    }
    for entry in parameters { message.append(entry.field.name, entry.value) }
    return message
  }
}
