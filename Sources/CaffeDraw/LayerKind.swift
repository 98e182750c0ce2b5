import CaffeGraph

/// What kind of work a layer does, which decides its colour.
enum LayerKind {
  case data, convolution, product, pooling, activation, normalisation, join, output, other

  init(type: String) {
    self = LayerKind.kinds[type] ?? (type.hasSuffix("Loss") ? .output : type.hasSuffix("Data") ? .data : .other)
  }

  private static let kinds: [String: LayerKind] = [
    "Input": .data, "DummyData": .data, "Data": .data,
    "Convolution": .convolution, "Deconvolution": .convolution, "Im2col": .convolution,
    "InnerProduct": .product, "Embed": .product,
    "Pooling": .pooling, "SPP": .pooling,
    "ReLU": .activation, "PReLU": .activation, "ELU": .activation, "Sigmoid": .activation, "TanH": .activation,
    "AbsVal": .activation, "BNLL": .activation, "Power": .activation, "Exp": .activation, "Log": .activation,
    "Threshold": .activation, "Dropout": .activation, "Swish": .activation, "Clip": .activation,
    "LRN": .normalisation, "BatchNorm": .normalisation, "MVN": .normalisation, "Scale": .normalisation, "Bias": .normalisation,
    "Normalize": .normalisation,
    "Concat": .join, "Eltwise": .join, "Slice": .join, "Split": .join, "Flatten": .join, "Reshape": .join, "Crop": .join,
    "Permute": .join, "Tile": .join, "BatchReindex": .join, "Filter": .join, "Reduction": .join,
    "Softmax": .output, "Accuracy": .output, "ArgMax": .output, "Silence": .output, "SoftmaxWithLoss": .output,
    "DetectionOutput": .output, "DetectionEvaluate": .output,
  ]

  /// The box's ground; text on it is dark, with a contrast of at least 7 to 1.
  var fill: String {
    switch self {
    case .data: "#d5f0d8"
    case .convolution: "#cfe3fb"
    case .product: "#e2d9fa"
    case .pooling: "#fde3c4"
    case .activation: "#fbd9e0"
    case .normalisation: "#cdeeee"
    case .join: "#e6e8ec"
    case .output: "#fbe9a8"
    case .other: "#f4f5f7"
    }
  }

  /// The box's edge.
  var line: String {
    switch self {
    case .data: "#4f9a5b"
    case .convolution: "#3f7ec6"
    case .product: "#7a5fc0"
    case .pooling: "#c9822b"
    case .activation: "#c4566f"
    case .normalisation: "#2f9292"
    case .join: "#7b8494"
    case .output: "#b3901c"
    case .other: "#98a0ac"
    }
  }
}
