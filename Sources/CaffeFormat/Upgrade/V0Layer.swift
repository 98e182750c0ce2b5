/// V0LayerParameter: one flat message for every kind of layer, Caffe's format of 2013.
enum V0Layer {
  /// `pool` had an enum of its own, with the numbers of today's.
  private static let poolMethod = EnumSchema("PoolMethod", [("MAX", 0), ("AVE", 1), ("STOCHASTIC", 2)])

  static let schema = MessageSchema(
    "V0LayerParameter",
    [
      FieldSchema("name", 1, .string), FieldSchema("type", 2, .string), FieldSchema("num_output", 3, .uint32),
      FieldSchema("biasterm", 4, .bool, default: "true"), FieldSchema("weight_filler", 5, .message(FillerParameter.schema)),
      FieldSchema("bias_filler", 6, .message(FillerParameter.schema)), FieldSchema("pad", 7, .uint32, default: "0"),
      FieldSchema("kernelsize", 8, .uint32), FieldSchema("group", 9, .uint32, default: "1"),
      FieldSchema("stride", 10, .uint32, default: "1"), FieldSchema("pool", 11, .enumeration(poolMethod), default: "MAX"),
      FieldSchema("dropout_ratio", 12, .float, default: "0.5"), FieldSchema("local_size", 13, .uint32, default: "5"),
      FieldSchema("alpha", 14, .float, default: "1"), FieldSchema("beta", 15, .float, default: "0.75"),
      FieldSchema("source", 16, .string), FieldSchema("scale", 17, .float, default: "1"), FieldSchema("meanfile", 18, .string),
      FieldSchema("batchsize", 19, .uint32), FieldSchema("cropsize", 20, .uint32, default: "0"),
      FieldSchema("mirror", 21, .bool, default: "false"), FieldSchema("k", 22, .float, default: "1"),
      FieldSchema("blobs", 50, .message(BlobRecord.schema), repeated: true), FieldSchema("blobs_lr", 51, .float, repeated: true),
      FieldSchema("weight_decay", 52, .float, repeated: true), FieldSchema("rand_skip", 53, .uint32, default: "0"),
      FieldSchema("det_fg_threshold", 54, .float, default: "0.5"), FieldSchema("det_bg_threshold", 55, .float, default: "0.5"),
      FieldSchema("det_fg_fraction", 56, .float, default: "0.25"), FieldSchema("det_context_pad", 58, .uint32, default: "0"),
      FieldSchema("det_crop_mode", 59, .string, default: "\"warp\""), FieldSchema("new_num", 60, .int32, default: "0"),
      FieldSchema("new_channels", 61, .int32, default: "0"), FieldSchema("new_height", 62, .int32, default: "0"),
      FieldSchema("new_width", 63, .int32, default: "0"), FieldSchema("shuffle_images", 64, .bool, default: "false"),
      FieldSchema("concat_dim", 65, .uint32, default: "1"),
    ])
}
