extension BrokenNet {
  /// Mistakes in how layers are joined, and in the parameters of convolutions.
  static let graphs = [
    BrokenNet(
      "unknown bottom",
      """
      \(data)
      layer {
        name: "ip1" type: "InnerProduct"
        bottom: "dta" top: "ip1"
        inner_product_param { num_output: 2 }
      }

      """,
      expected: ["4:11: error: layer \"ip1\" (InnerProduct): bottom \"dta\" is not produced by an earlier layer"]),
    BrokenNet(
      "bottom made later",
      """
      \(data)
      layer {
        name: "r" type: "ReLU"
        bottom: "late" top: "r"
      }
      layer {
        name: "l" type: "ReLU"
        bottom: "data" top: "late"
      }

      """,
      expected: ["4:11: error: layer \"r\" (ReLU): bottom \"late\" is not produced by an earlier layer"]),
    BrokenNet(
      "top made twice",
      """
      \(data)
      layer {
        name: "a" type: "ReLU"
        bottom: "data" top: "x"
      }
      layer {
        name: "b" type: "ReLU"
        bottom: "data" top: "x"
      }

      """,
      expected: ["8:23: error: layer \"b\" (ReLU): top \"x\" is already made by layer \"a\" (ReLU)"]),
    BrokenNet(
      "top twice in one layer",
      """
      layer {
        name: "a" type: "Input"
        top: "x" top: "x"
        input_param { shape { dim: 1 } }
      }

      """,
      expected: ["3:17: error: layer \"a\" (Input): top \"x\" is already made by layer \"a\" (Input)"]),
    BrokenNet(
      "no type",
      """
      layer {
        name: "mystery"
        top: "x"
      }

      """,
      expected: ["2:9: error: layer \"mystery\" has no type"]),
    BrokenNet(
      "include and exclude",
      """
      \(data)
      layer {
        name: "r" type: "ReLU"
        bottom: "data" top: "r"
        include { phase: TRAIN }
        exclude { stage: "x" }
      }

      """,
      expected: ["6:3: error: layer \"r\" (ReLU) has both include and exclude rules; use one kind"]),
    BrokenNet(
      "layer and layers",
      """
      layer { name: "a" type: "Input" top: "a" }
      layers { name: "b" type: RELU bottom: "a" top: "b" }

      """,
      expected: ["2:1: error: \"layer\" and \"layers\" stand in one net; use one of them"]),
    BrokenNet(
      "input without its dims",
      """
      input: "data"
      input_dim: 1
      input_dim: 3

      """,
      expected: ["1:1: error: 1 input(s) need 1 input_shape or 4 input_dim, found 0 and 2"]),
    BrokenNet(
      "V1 type in a modern layer",
      """
      layer { name: "a" type: RELU bottom: "x" top: "x" }

      """,
      expected: ["1:25: error: \"type\" is text: put it in quotes"]),
    BrokenNet(
      "unknown V1 type",
      """
      layers { name: "a" type: RELUU bottom: "x" top: "x" }

      """,
      expected: ["1:26: error: \"type\": LayerType has no value \"RELUU\""]),
    BrokenNet(
      "unknown type",
      """
      \(data)
      layer {
        name: "conv1" type: "Convolutoin"
        bottom: "data" top: "conv1"
      }

      """,
      expected: ["3:23: error: layer \"conv1\": there is no layer type \"Convolutoin\""]),
    BrokenNet(
      "type nobody knows",
      """
      \(data)
      layer {
        name: "t" type: "Transformer"
        bottom: "data" top: "t"
      }

      """,
      expected: ["3:19: error: layer \"t\": there is no layer type \"Transformer\""]),
    BrokenNet(
      "bottom too many",
      """
      \(data)
      layer {
        name: "r" type: "ReLU"
        bottom: "data" bottom: "label" top: "r"
      }

      """,
      expected: ["4:26: error: layer \"r\" (ReLU) takes 1 bottom(s), 2 given"]),
    BrokenNet(
      "bottom left out",
      """
      \(data)
      layer {
        name: "r" type: "ReLU"
        top: "r"
      }

      """,
      expected: ["3:9: error: layer \"r\" (ReLU) takes 1 bottom(s), 0 given"]),
    BrokenNet(
      "top too many",
      """
      \(data)
      layer {
        name: "r" type: "ReLU"
        bottom: "data" top: "a" top: "b"
      }

      """,
      expected: ["4:32: error: layer \"r\" (ReLU) takes 1 top(s), 2 given"]),
    BrokenNet(
      "num_output left out",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          kernel_size: 3
        }
      }

      """,
      expected: ["7:3: error: layer \"conv1\" (Convolution): num_output must be at least 1"]),
    BrokenNet(
      "num_output zero",
      """
      \(data)
      layer {
        name: "ip" type: "InnerProduct"
        bottom: "data" top: "ip"
        inner_product_param { num_output: 0 }
      }

      """,
      expected: ["5:37: error: layer \"ip\" (InnerProduct): num_output must be at least 1"]),
    BrokenNet(
      "kernel left out",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          num_output: 4
        }
      }

      """,
      expected: ["7:3: error: layer \"conv1\" (Convolution): kernel_size is missing"]),
    BrokenNet(
      "kernel twice",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          num_output: 4 kernel_size: 3 kernel_h: 3 kernel_w: 3
        }
      }

      """,
      expected: ["8:32: error: layer \"conv1\" (Convolution): give kernel_size or kernel_h and kernel_w, not both"]),
    BrokenNet(
      "stride zero",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          num_output: 4 kernel_size: 3 stride: 0
        }
      }

      """,
      expected: ["8:42: error: layer \"conv1\" (Convolution): stride must be at least 1"]),
    BrokenNet(
      "kernel larger than the image",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          num_output: 4 kernel_size: 9
        }
      }

      """,
      expected: [
        "3:9: error: layer \"conv1\" (Convolution): the kernel covers 9 but the padded input only 8 along "
          + "spatial axis 0 (bottoms: data 2x3x8x8)"
      ]),
    BrokenNet(
      "outputs do not split into groups",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          num_output: 4 kernel_size: 3 group: 3
        }
      }

      """,
      expected: ["8:41: error: layer \"conv1\" (Convolution): num_output 4 is no multiple of group 3"]),
    BrokenNet(
      "inputs do not split into groups",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          num_output: 4 kernel_size: 3 group: 2
        }
      }

      """,
      expected: [
        "3:9: error: layer \"conv1\" (Convolution): 3 input channels do not split into 2 group(s) (bottoms: data 2x3x8x8)"
      ]),
  ]
}
