extension BrokenNet {
  /// Mistakes that the text alone shows.
  static let texts = [
    BrokenNet(
      "quote left open",
      """
      name: "net
      layer { name: "a" type: "Input" top: "a" }

      """,
      expected: ["1:7: error: this string has no closing quote on its line"]),
    BrokenNet(
      "stray character",
      """
      name: "net"
      @ layer { name: "a" type: "Input" top: "a"
      input_param { shape { dim: 1 } } }

      """,
      expected: ["2:1: error: expected a field name: unexpected character"]),
    BrokenNet(
      "unknown escape",
      """
      name: "C:\\dir"

      """,
      expected: ["1:10: error: unknown escape \\d in a string"]),
    BrokenNet(
      "colon left out",
      """
      name "net"

      """,
      expected: ["1:4: error: a \":\" is missing after \"name\""]),
    BrokenNet(
      "brace left out",
      """
      layer {
        name: "a"
        type: "Input"
        top: "a"

      layer {
        name: "b"
        type: "ReLU"
        bottom: "a"
        top: "b"
      }

      """,
      expected: [
        "6:1: error: LayerParameter has no field \"layer\"",
        "11:1: error: the file ends inside LayerParameter; a \"}\" is missing",
      ]),
    BrokenNet(
      "brace too many",
      """
      name: "net"
      }

      """,
      expected: ["2:1: error: expected a field name, found \"}\""]),
    BrokenNet(
      "message without braces",
      """
      layer { name: "a" type: "Convolution" convolution_param: 5 }

      """,
      expected: ["1:58: error: \"convolution_param\" is a message (ConvolutionParameter): its fields go in { }"]),
    BrokenNet(
      "misspelt field",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          num_ouput: 4 kernel_size: 3
        }
      }

      """,
      expected: ["8:5: error: ConvolutionParameter has no field \"num_ouput\""]),
    BrokenNet(
      "field of another message",
      """
      layer { name: "a" type: "Input" top: "a" kernel_size: 3 }

      """,
      expected: ["1:42: error: LayerParameter has no field \"kernel_size\""]),
    BrokenNet(
      "field given twice",
      """
      name: "a"
      name: "b"

      """,
      expected: ["2:1: error: field \"name\" is given twice in NetParameter"]),
    BrokenNet(
      "word for a number",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          num_output: four kernel_size: 3
        }
      }

      """,
      expected: ["8:17: error: \"num_output\": \"four\" is not a whole number"]),
    BrokenNet(
      "negative for unsigned",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          num_output: 4 kernel_size: -3
        }
      }

      """,
      expected: ["8:32: error: \"kernel_size\": -3 is out of range for uint32 (0 to 4294967295)"]),
    BrokenNet(
      "text without quotes",
      """
      layer { name: conv1 type: "ReLU" }

      """,
      expected: ["1:15: error: \"name\" is text: put it in quotes"]),
    BrokenNet(
      "misspelt enum",
      """
      \(data)
      layer {
        name: "p" type: "Pooling"
        bottom: "data" top: "p"
        pooling_param { pool: MAXX kernel_size: 2 }
      }

      """,
      expected: ["5:25: error: \"pool\": PoolMethod has no value \"MAXX\""]),
    BrokenNet(
      "misspelt truth",
      """
      \(data)
      layer {
        name: "conv1"
        type: "Convolution"
        bottom: "data"
        top: "conv1"
        convolution_param {
          num_output: 4 kernel_size: 3 bias_term: no
        }
      }

      """,
      expected: ["8:45: error: \"bias_term\": \"no\" is not true or false"]),
  ]
}
