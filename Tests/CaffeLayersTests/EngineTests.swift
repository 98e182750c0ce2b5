import CaffeCore
import CaffeTesting
import Testing

@Suite("Fields that only choose a kernel")
struct EngineTests {
  private static let layers = [
    "type: 'Convolution' convolution_param { num_output: 2 kernel_size: 1 engine: MKL2017 conv_algorithm: 'winograd' }",
    "type: 'Convolution' convolution_param { num_output: 2 kernel_size: 1 cudnn_convolution_algo_seeker: GET }",
    "type: 'Convolution' convolution_param { num_output: 2 kernel_size: 1 conv_algos_override: '7,5,7' }",
    "type: 'InnerProduct' inner_product_param { num_output: 2 engine: MKLDNN }",
    "type: 'Pooling' pooling_param { kernel_size: 1 engine: MKLDNN }", "type: 'LRN' lrn_param { engine: MKLDNN }",
    "type: 'ReLU' relu_param { engine: MKLDNN fuse: true }", "type: 'Concat' concat_param { engine: MKLDNN }",
    "type: 'BatchNorm' batch_norm_param { engine: MKL2017 }", "type: 'Split' split_param { engine: MKLDNN }",
    "type: 'Dropout' dropout_param { engine: CUDNN }", "type: 'BN' bn_param { engine: CUDNN }",
  ]

  @Test("are read and kept, and change nothing", arguments: layers)
  func fields(layer: String) throws {
    try LayerCheck.all(LayerCheck.net(layer, ["x": [2, 3, 4, 5]]), values: ["x": .distinct(spacing: 0.1)], kinks: [0])
  }

  @Test("are read and kept by layers of several bottoms")
  func several() throws {
    try LayerCheck.all(
      LayerCheck.net("type: 'Eltwise' eltwise_param { engine: MKLDNN }", ["x": [2, 3], "y": [2, 3]], tops: ["z"]))
  }
}
