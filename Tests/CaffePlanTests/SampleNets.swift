import CaffeCore
import CaffeTesting
import Foundation

/// Nets that several tests plan.
enum SampleNets {
  static let models = ["bvlc_alexnet", "bvlc_googlenet", "bvlc_reference_caffenet", "bvlc_reference_rcnn_ilsvrc13"]

  static func text(_ model: String) throws -> String {
    try String(contentsOfFile: "\(Checkout().path)/models/\(model)/deploy.prototxt", encoding: .utf8)
  }

  /// A bundled model for one image.
  static func deploy(_ model: String) throws -> SampleNet {
    let net = try SampleNet(text(model))
    let shapes = net.graph.inputs.map { (net.graph.graph.values[$0].name, net.graph.shapes[$0].replacing(axis: 0, with: 1)) }
    return try SampleNet(text(model), shapes: Dictionary(uniqueKeysWithValues: shapes))
  }

  /// LeNet with a loss, for a small batch.
  static func lenetWithLoss() throws -> SampleNet {
    let loss =
      "layer { name: 'in' type: 'Input' top: 'label' input_param { shape { dim: 6 } } }\n"
      + "layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'ip2' bottom: 'label' top: 'loss' }\n"
    return try SampleNet(text("lenet") + loss, phase: .TRAIN, shapes: ["data": [6, 1, 28, 28]])
  }

  /// A max pooling that reads a ReLU, between convolutions; many windows have nothing above 0.
  static func pooled(slope: Float) -> String {
    """
    layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 4 dim: 3 dim: 16 dim: 17 } } }
    layer { name: 'a' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { num_output: 32 kernel_size: 3 } }
    layer { name: 'relu' type: 'ReLU' bottom: 'a' top: 'a' relu_param { negative_slope: \(slope) } }
    layer { name: 'pool' type: 'Pooling' bottom: 'a' top: 'b' pooling_param { kernel_size: 2 stride: 2 } }
    layer { name: 'b' type: 'Convolution' bottom: 'b' top: 'y' convolution_param { num_output: 16 kernel_size: 3 } }

    """
  }

  /// A depthwise convolution with a 1x1 convolution behind it.
  static let separable = """
    layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 32 dim: 20 dim: 20 } } }
    layer { name: 'd' type: 'Convolution' bottom: 'x' top: 'd' convolution_param { num_output: 32 group: 32 kernel_size: 3 } }
    layer { name: 'p' type: 'Convolution' bottom: 'd' top: 'y' convolution_param { num_output: 48 kernel_size: 1 } }

    """

  /// Two 1x1 convolutions of a blob, between them one of 3x3, and all in a Concat.
  static let siblings = """
    layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 32 dim: 10 dim: 11 } } }
    layer { name: 'a' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { num_output: 32 kernel_size: 1 } }
    layer { name: 'r' type: 'ReLU' bottom: 'a' top: 'a' }
    layer { name: 'c' type: 'Convolution' bottom: 'x' top: 'c' convolution_param { num_output: 16 kernel_size: 3 pad: 1 } }
    layer { name: 'b' type: 'Convolution' bottom: 'x' top: 'b' convolution_param { num_output: 24 kernel_size: 1 } }
    layer { name: 'y' type: 'Concat' bottom: 'a' bottom: 'b' bottom: 'c' top: 'y' }

    """

  /// Convolution, BatchNorm, Scale and ReLU, twice: all in place, and each with a blob of its own.
  static let normalized = """
    layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 3 dim: 9 dim: 8 } } }
    layer { name: 'conv1' type: 'Convolution' bottom: 'x' top: 'a'
      convolution_param { num_output: 8 kernel_size: 3 bias_term: false } }
    layer { name: 'norm1' type: 'BatchNorm' bottom: 'a' top: 'a' }
    layer { name: 'scale1' type: 'Scale' bottom: 'a' top: 'a' scale_param { bias_term: true } }
    layer { name: 'relu1' type: 'ReLU' bottom: 'a' top: 'a' }
    layer { name: 'conv2' type: 'Convolution' bottom: 'a' top: 'b' convolution_param { num_output: 6 kernel_size: 1 group: 2 } }
    layer { name: 'norm2' type: 'BatchNorm' bottom: 'b' top: 'c' batch_norm_param { eps: 0.1 } }
    layer { name: 'scale2' type: 'Scale' bottom: 'c' top: 'd' }
    layer { name: 'relu2' type: 'ReLU' bottom: 'd' top: 'y' relu_param { negative_slope: 0.1 } }

    """

  /// Two residual blocks and a sum of a convolution with its own input: by Winograd, of one pixel, in place and not.
  static func residual(batch: Int) -> String {
    """
    layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: \(batch) dim: 32 dim: 16 dim: 16 } } }
    layer { name: 'a' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { num_output: 32 kernel_size: 3 pad: 1 } }
    layer { name: 'b' type: 'Convolution' bottom: 'x' top: 'b' convolution_param { num_output: 32 kernel_size: 1 } }
    layer { name: 'ab' type: 'Eltwise' bottom: 'a' bottom: 'b' top: 'ab' }
    layer { name: 'relu1' type: 'ReLU' bottom: 'ab' top: 'ab' }
    layer { name: 'c' type: 'Convolution' bottom: 'ab' top: 'c' convolution_param { num_output: 32 kernel_size: 3 pad: 1 } }
    layer { name: 'abc' type: 'Eltwise' bottom: 'ab' bottom: 'c' top: 'abc' }
    layer { name: 'relu2' type: 'ReLU' bottom: 'abc' top: 'abc' relu_param { negative_slope: 0.1 } }
    layer { name: 'd' type: 'Convolution' bottom: 'abc' top: 'd' convolution_param { num_output: 32 kernel_size: 1 } }
    layer { name: 'e' type: 'Convolution' bottom: 'd' top: 'e' convolution_param { num_output: 32 kernel_size: 1 } }
    layer { name: 'de' type: 'Eltwise' bottom: 'e' bottom: 'abc' top: 'de' }
    layer { name: 'f' type: 'Eltwise' bottom: 'de' bottom: 'abc' top: 'y' eltwise_param { coeff: 0.5 coeff: 2 } }

    """
  }
}
