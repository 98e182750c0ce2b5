/// Fields of forks that choose precision, kernels or machines: they are read, noted and not acted upon, since here the planner
/// chooses.
///
/// The forks gave them numbers that collide with each other's and Caffe's; in binary they have numbers of their own here.
enum ForkFields {
  private static let precision = "a precision of NVIDIA's fork; everything is computed in single precision"
  private static let kernels = "kernels of NVIDIA's fork; the planner chooses"
  private static let intelEngine = "an engine of Intel's fork; the planner chooses"
  private static let nodes = "Intel's way of training on several machines"

  /// NVIDIA's names of number formats.
  private static let numberType = EnumSchema("Type", [("DOUBLE", 0), ("FLOAT", 1), ("FLOAT16", 2), ("INT", 3), ("UINT", 4)])

  static let net: [FieldSchema] = [
    FieldSchema("default_forward_type", 1011, .enumeration(numberType), ignored: precision),
    FieldSchema("default_backward_type", 1012, .enumeration(numberType), ignored: precision),
    FieldSchema("default_forward_math", 1013, .enumeration(numberType), ignored: precision),
    FieldSchema("default_backward_math", 1014, .enumeration(numberType), ignored: precision),
    FieldSchema("global_grad_scale", 1015, .float, ignored: precision),
    FieldSchema("default_conv_algos_override", 1016, .string, ignored: kernels),
    FieldSchema("reduce_buckets", 1018, .int32, ignored: kernels),
    FieldSchema("default_cudnn_math_override", 1020, .int32, ignored: kernels),
    FieldSchema("engine", 1009, .string, ignored: intelEngine),
    FieldSchema("bn_stats_batch_size", 1021, .int32, ignored: intelEngine),
    FieldSchema("multinode", 1022, .message(multinodeNet), ignored: nodes),
  ]

  static let layer: [FieldSchema] = [
    FieldSchema("forward_type", 1149, .enumeration(numberType), ignored: precision),
    FieldSchema("backward_type", 1150, .enumeration(numberType), ignored: precision),
    FieldSchema("forward_math", 1151, .enumeration(numberType), ignored: precision),
    FieldSchema("backward_math", 1152, .enumeration(numberType), ignored: precision),
    FieldSchema("cudnn_math_override", 1154, .int32, ignored: kernels),
    FieldSchema("debug", 1153, .bool, ignored: "debugging output of NVIDIA's fork"),
    FieldSchema("engine", 1160, .string, ignored: intelEngine),
    FieldSchema("multinode", 1161, .message(multinodeLayer), ignored: nodes),
    FieldSchema(
      "quantization_param", 1158, .message(quantization), ignored: "reduced precision; everything is computed in single"),
    FieldSchema("detectnet_augmentation_param", 1159, .message(detectNetAugmentation), ignored: "pictures are not varied so"),
    FieldSchema("reshape_every_iter", 1157, .bool, ignored: "when FlowNet's fork works out shapes"),
  ]

  static let solver: [FieldSchema] = [
    FieldSchema("solver_data_type", 1142, .enumeration(numberType), ignored: precision),
    FieldSchema("store_blobs_in_old_format", 1143, .bool, ignored: "how NVIDIA's fork stores weights"),
    FieldSchema("global_grad_scale", 1144, .float, ignored: precision),
    FieldSchema("disabled_update", 1145, .string, repeated: true, ignored: nodes),
    FieldSchema("engine", 1146, .string, ignored: intelEngine),
  ]

  /// NVIDIA's, of its DetectNetTransformation layers.
  private static let detectNetAugmentation = MessageSchema(
    "DetectNetAugmentationParameter",
    [
      FieldSchema("crop_prob", 1, .float), FieldSchema("shift_x", 2, .uint32), FieldSchema("shift_y", 3, .uint32),
      FieldSchema("scale_prob", 4, .float), FieldSchema("scale_min", 5, .float), FieldSchema("scale_max", 6, .float),
      FieldSchema("flip_prob", 7, .float), FieldSchema("rotation_prob", 8, .float), FieldSchema("max_rotate_degree", 9, .float),
      FieldSchema("hue_rotation_prob", 10, .float), FieldSchema("hue_rotation", 11, .float),
      FieldSchema("desaturation_prob", 12, .float), FieldSchema("desaturation_max", 13, .float),
    ])

  private static let multinodeNet = MessageSchema(
    "MultinodeParameter",
    [FieldSchema("sync_batch_size", 1, .int32), FieldSchema("async_batch_size", 2, .int32)])

  private static let multinodeLayer = MessageSchema(
    "MultinodeLayerParameter",
    [FieldSchema("num_nodes", 1, .uint32), FieldSchema("model_parts", 2, .uint32, default: "1")])

  private static let quantization = MessageSchema(
    "QuantizationParameter",
    [
      FieldSchema("precision", 1, .enumeration(EnumSchema("Precision", [("DYNAMIC_FIXED_POINT", 0)]))),
      FieldSchema("rounding_scheme", 2, .enumeration(EnumSchema("Rounding", [("NEAREST", 0), ("STOCHASTIC", 1)]))),
      FieldSchema("bw_layer_in", 3, .uint32), FieldSchema("bw_layer_out", 4, .uint32), FieldSchema("bw_params", 5, .uint32),
      FieldSchema("fl_layer_in", 6, .int32, repeated: true), FieldSchema("fl_layer_out", 7, .int32, repeated: true),
      FieldSchema("fl_params", 8, .int32, repeated: true), FieldSchema("scale_in", 20, .float, repeated: true),
      FieldSchema("scale_out", 21, .float, repeated: true), FieldSchema("scale_params", 22, .float, repeated: true),
      FieldSchema("bw_add", 23, .uint32), FieldSchema("is_negative_input", 24, .bool), FieldSchema("force_u8_input", 25, .bool),
      FieldSchema("power2_range", 26, .bool), FieldSchema("is_negative", 27, .bool),
    ])
}
