/// The layer types of V1LayerParameter, with the names they have had since: as an enum, as V0 spelled them, and today's.
enum V1LayerType {
  private struct Row {
    let number: Int32
    let v1: String
    let v0: String?
    let today: String
  }

  private static let rows: [Row] = [
    Row(number: 0, v1: "NONE", v0: nil, today: ""), Row(number: 35, v1: "ABSVAL", v0: nil, today: "AbsVal"),
    Row(number: 1, v1: "ACCURACY", v0: "accuracy", today: "Accuracy"), Row(number: 30, v1: "ARGMAX", v0: nil, today: "ArgMax"),
    Row(number: 2, v1: "BNLL", v0: "bnll", today: "BNLL"), Row(number: 3, v1: "CONCAT", v0: "concat", today: "Concat"),
    Row(number: 37, v1: "CONTRASTIVE_LOSS", v0: nil, today: "ContrastiveLoss"),
    Row(number: 4, v1: "CONVOLUTION", v0: "conv", today: "Convolution"), Row(number: 5, v1: "DATA", v0: "data", today: "Data"),
    Row(number: 39, v1: "DECONVOLUTION", v0: nil, today: "Deconvolution"),
    Row(number: 6, v1: "DROPOUT", v0: "dropout", today: "Dropout"),
    Row(number: 32, v1: "DUMMY_DATA", v0: nil, today: "DummyData"),
    Row(number: 7, v1: "EUCLIDEAN_LOSS", v0: "euclidean_loss", today: "EuclideanLoss"),
    Row(number: 25, v1: "ELTWISE", v0: nil, today: "Eltwise"), Row(number: 38, v1: "EXP", v0: nil, today: "Exp"),
    Row(number: 8, v1: "FLATTEN", v0: "flatten", today: "Flatten"),
    Row(number: 9, v1: "HDF5_DATA", v0: "hdf5_data", today: "HDF5Data"),
    Row(number: 10, v1: "HDF5_OUTPUT", v0: "hdf5_output", today: "HDF5Output"),
    Row(number: 28, v1: "HINGE_LOSS", v0: nil, today: "HingeLoss"), Row(number: 11, v1: "IM2COL", v0: "im2col", today: "Im2col"),
    Row(number: 12, v1: "IMAGE_DATA", v0: "images", today: "ImageData"),
    Row(number: 13, v1: "INFOGAIN_LOSS", v0: "infogain_loss", today: "InfogainLoss"),
    Row(number: 14, v1: "INNER_PRODUCT", v0: "innerproduct", today: "InnerProduct"),
    Row(number: 15, v1: "LRN", v0: "lrn", today: "LRN"), Row(number: 29, v1: "MEMORY_DATA", v0: nil, today: "MemoryData"),
    Row(number: 16, v1: "MULTINOMIAL_LOGISTIC_LOSS", v0: "multinomial_logistic_loss", today: "MultinomialLogisticLoss"),
    Row(number: 34, v1: "MVN", v0: nil, today: "MVN"), Row(number: 17, v1: "POOLING", v0: "pool", today: "Pooling"),
    Row(number: 26, v1: "POWER", v0: nil, today: "Power"), Row(number: 18, v1: "RELU", v0: "relu", today: "ReLU"),
    Row(number: 19, v1: "SIGMOID", v0: "sigmoid", today: "Sigmoid"),
    Row(number: 27, v1: "SIGMOID_CROSS_ENTROPY_LOSS", v0: nil, today: "SigmoidCrossEntropyLoss"),
    Row(number: 36, v1: "SILENCE", v0: nil, today: "Silence"), Row(number: 20, v1: "SOFTMAX", v0: "softmax", today: "Softmax"),
    Row(number: 21, v1: "SOFTMAX_LOSS", v0: "softmax_loss", today: "SoftmaxWithLoss"),
    Row(number: 22, v1: "SPLIT", v0: "split", today: "Split"), Row(number: 33, v1: "SLICE", v0: nil, today: "Slice"),
    Row(number: 23, v1: "TANH", v0: "tanh", today: "TanH"),
    Row(number: 24, v1: "WINDOW_DATA", v0: "window_data", today: "WindowData"),
    Row(number: 31, v1: "THRESHOLD", v0: nil, today: "Threshold"),
  ]

  static let schema = EnumSchema("LayerType", rows.map { (name: $0.v1, number: $0.number) })

  /// The V1 number of a V0 type name.
  static func number(v0 name: String) -> Int32? { rows.first { $0.v0 == name }?.number }

  /// Today's type string.
  static func type(_ number: Int32) -> String? { rows.first { $0.number == number }?.today }
}
