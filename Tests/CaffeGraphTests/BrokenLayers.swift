extension BrokenNet {
  /// Mistakes that layers find in their parameters and the shapes of their bottoms.
  static let layers = [
    BrokenNet(
      "convolution of a vector",
      """
      \(data)
      layer {
        name: "c" type: "Convolution"
        bottom: "label" top: "c"
        convolution_param { num_output: 4 kernel_size: 1 }
      }

      """,
      expected: [
        "3:9: error: layer \"c\" (Convolution): axis 1 is out of range for a blob with 1 axes, shape 2 (bottoms: label 2)"
      ]),
    BrokenNet(
      "misspelt filler",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          num_output: 4 kernel_size: 3
          weight_filler { type: "xaver" }
        }
      }

      """,
      expected: [
        "9:27: error: layer \"conv1\" (Convolution), parameter 0: there is no filler \"xaver\", did you mean \"xavier\"?"
      ]),
    BrokenNet(
      "pad as large as the pooling window",
      """
      \(data)
      layer {
        name: "p" type: "Pooling"
        bottom: "data" top: "p"
        pooling_param { kernel_size: 2 pad: 2 }
      }

      """,
      expected: ["3:9: error: layer \"p\" (Pooling): pad 2 must be smaller than the kernel 2 (bottoms: data 2x3x8x8)"]),
    BrokenNet(
      "even LRN window",
      """
      \(data)
      layer {
        name: "n" type: "LRN"
        bottom: "data" top: "n"
        lrn_param { local_size: 4 }
      }

      """,
      expected: ["5:27: error: layer \"n\" (LRN): local_size must be odd, it is 4"]),
    BrokenNet(
      "dropout of everything",
      """
      \(data)
      layer {
        name: "d" type: "Dropout"
        bottom: "data" top: "d"
        dropout_param { dropout_ratio: 1 }
      }

      """,
      expected: ["5:34: error: layer \"d\" (Dropout): dropout_ratio must lie between 0 and 1, it is 1.0"]),
    BrokenNet(
      "slice points and tops",
      """
      \(data)
      layer {
        name: "s" type: "Slice"
        bottom: "data" top: "a" top: "b"
        slice_param { slice_point: 1 slice_point: 2 }
      }

      """,
      expected: ["5:45: error: layer \"s\" (Slice): 2 tops need 1 slice_point, 2 given"]),
    BrokenNet(
      "slice points fall",
      """
      \(data)
      layer {
        name: "s" type: "Slice"
        bottom: "data" top: "a" top: "b" top: "c"
        slice_param { slice_point: 2 slice_point: 1 }
      }

      """,
      expected: ["5:45: error: layer \"s\" (Slice): slice_point must increase"]),
    BrokenNet(
      "slice point outside",
      """
      \(data)
      layer {
        name: "s" type: "Slice"
        bottom: "data" top: "a" top: "b"
        slice_param { slice_point: 3 }
      }

      """,
      expected: ["3:9: error: layer \"s\" (Slice): slice_point must lie between 0 and the extent 3 (bottoms: data 2x3x8x8)"]),
    BrokenNet(
      "uneven slices",
      """
      \(data)
      layer {
        name: "s" type: "Slice"
        bottom: "data" top: "a" top: "b"
      }

      """,
      expected: [
        "3:9: error: layer \"s\" (Slice): an extent of 3 does not divide into 2 even slices; give "
          + "slice_point (bottoms: data 2x3x8x8)"
      ]),
    BrokenNet(
      "concat of different images",
      """
      \(data)
      layer {
        name: "p" type: "Pooling"
        bottom: "data" top: "p"
        pooling_param { kernel_size: 2 stride: 2 }
      }
      layer {
        name: "c" type: "Concat"
        bottom: "data" bottom: "p" top: "c"
      }

      """,
      expected: [
        "8:9: error: layer \"c\" (Concat): 2x3x8x8 and 2x3x4x4 differ in more than axis 1 (bottoms: data 2x3x8x8, p 2x3x4x4)"
      ]),
    BrokenNet(
      "eltwise coefficients",
      """
      \(data)
      layer {
        name: "e" type: "Eltwise"
        bottom: "data" bottom: "data" top: "e"
        eltwise_param { coeff: 1 }
      }

      """,
      expected: ["5:26: error: layer \"e\" (Eltwise): 2 bottoms need 2 coeff, 1 given"]),
    BrokenNet(
      "two free dims",
      """
      \(data)
      layer {
        name: "r" type: "Reshape"
        bottom: "data" top: "r"
        reshape_param { shape { dim: -1 dim: -1 } }
      }

      """,
      expected: ["5:19: error: layer \"r\" (Reshape): only one dim can be -1"]),
    BrokenNet(
      "dims that do not divide",
      """
      \(data)
      layer {
        name: "r" type: "Reshape"
        bottom: "data" top: "r"
        reshape_param { shape { dim: 7 dim: -1 } }
      }

      """,
      expected: ["3:9: error: layer \"r\" (Reshape): 384 elements do not divide by the other dims' 7 (bottoms: data 2x3x8x8)"]),
    BrokenNet(
      "loss weights and tops",
      """
      \(data)
      layer {
        name: "r" type: "ReLU"
        bottom: "data" top: "r" loss_weight: 1 loss_weight: 2
      }

      """,
      expected: ["4:55: error: layer \"r\" (ReLU) has 1 top(s) and 2 loss_weight(s); give none or one per top"]),
    BrokenNet(
      "propagate_down and bottoms",
      """
      \(data)
      layer {
        name: "r" type: "ReLU"
        bottom: "data" top: "r" propagate_down: true propagate_down: true
      }

      """,
      expected: ["4:64: error: layer \"r\" (ReLU) has 1 bottom(s) and 2 propagate_down; give none or one per bottom"]),
    BrokenNet(
      "more param than parameters",
      """
      \(data)
      layer {
        name: "ip" type: "InnerProduct"
        bottom: "data" top: "ip"
        inner_product_param { num_output: 2 }
        param { } param { } param { }
      }

      """,
      expected: ["6:23: error: layer \"ip\" (InnerProduct) has 2 parameter(s) but 3 param messages"]),
    BrokenNet(
      "statistic that learns",
      """
      \(data)
      layer {
        name: "bn" type: "BatchNorm"
        bottom: "data" top: "bn"
        param { lr_mult: 0 } param { lr_mult: 1 }
      }

      """,
      expected: ["5:24: error: layer \"bn\" (BatchNorm): parameter 1 is a statistic, its lr_mult must be 0"]),
    BrokenNet(
      "shared shapes differ",
      """
      \(data)
      layer {
        name: "a" type: "InnerProduct"
        bottom: "data" top: "a" param { name: "w" } inner_product_param { num_output: 2 }
      }
      layer {
        name: "b" type: "InnerProduct"
        bottom: "data" top: "b" param { name: "w" } inner_product_param { num_output: 3 }
      }

      """,
      expected: ["8:27: error: layer \"b\" (InnerProduct) shares \"w\" with layer \"a\", but needs 3x192 where that has 2x192"]),
    BrokenNet(
      "gradient into a label",
      """
      \(data)
      layer {
        name: "ip" type: "InnerProduct"
        bottom: "data" top: "ip"
        inner_product_param { num_output: 5 }
      }
      layer {
        name: "guess" type: "InnerProduct"
        bottom: "data" top: "guess"
        inner_product_param { num_output: 1 }
      }
      layer {
        name: "loss" type: "SoftmaxWithLoss"
        bottom: "ip" bottom: "guess" top: "loss"
      }

      """,
      expected: [
        "14:24: error: layer \"loss\" (SoftmaxWithLoss) cannot pass a gradient to bottom \"guess\", which "
          + "depends on learned parameters"
      ]),
    BrokenNet(
      "labels of another count",
      """
      \(data)
      layer {
        name: "ip" type: "InnerProduct"
        bottom: "data" top: "ip"
        inner_product_param { num_output: 5 axis: 2 }
      }
      layer {
        name: "loss" type: "SoftmaxWithLoss"
        bottom: "ip" bottom: "label" top: "loss"
      }

      """,
      expected: [
        "8:9: error: layer \"loss\" (SoftmaxWithLoss): 10 score vectors along axis 1 need 10 labels, "
          + "there are 2 (bottoms: ip 2x3x5, label 2)"
      ]),
    BrokenNet(
      "input without a shape",
      """
      layer {
        name: "data" type: "Input"
        top: "data"
      }

      """,
      expected: [
        "2:9: error: layer \"data\" (Input): the shape of top \"data\" is not known; give input_param { "
          + "shape }"
      ]),
    BrokenNet(
      "shapes and tops",
      """
      layer {
        name: "data" type: "Input"
        top: "a" top: "b" top: "c"
        input_param { shape { dim: 1 } shape { dim: 2 } }
      }

      """,
      expected: ["4:34: error: layer \"data\" (Input): 3 top(s) need one shape, or one each; 2 given"]),
    BrokenNet(
      "negative dim",
      """
      layer {
        name: "data" type: "Input"
        top: "data"
        input_param { shape { dim: [1, -3] } }
      }

      """,
      expected: ["2:9: error: layer \"data\" (Input): dimension -3 is negative in 1x-3"]),
    BrokenNet(
      "database left out",
      """
      layer {
        name: "data" type: "Data"
        top: "data"
        data_param { batch_size: 4 backend: LMDB }
      }

      """,
      expected: ["4:3: error: layer \"data\" (Data): source is missing: which database?"]),
    BrokenNet(
      "axis outside",
      """
      \(data)
      layer {
        name: "ip" type: "InnerProduct"
        bottom: "data" top: "ip"
        inner_product_param { num_output: 2 axis: 4 }
      }

      """,
      expected: [
        "3:9: error: layer \"ip\" (InnerProduct): axis 4 is out of range for a blob with 4 axes, shape "
          + "2x3x8x8 (bottoms: data 2x3x8x8)"
      ]),
  ]
}
