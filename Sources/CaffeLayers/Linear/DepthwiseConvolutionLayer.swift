import CaffeCore
import CaffeGraph

/// A convolution that gives every channel filters of its own: y[c · m + j] = Σ w[c · m + j, k…] · x[c, s·y − p + d·k…] + b[c ·
/// m + j], with m = num_output / channels. Howard et al., MobileNets, 2017.
///
/// It is a Convolution whose `group` is the number of channels, and runs as one.
///
/// ```prototxt
/// # x: 2x4x8x8
/// layer {
///   name: "dw" type: "DepthwiseConvolution" bottom: "x" top: "y"
///   convolution_param { num_output: 4 group: 4 kernel_size: 3 pad: 1 }
/// }
/// ```
///
/// - Dialect: the ports of MobileNet, where it is a faster Convolution of the same fields.
public struct DepthwiseConvolutionLayer: Layer {
  public static let type = "DepthwiseConvolution"
  public static let bottoms = 1...Int.max
  public static let tops = 1...Int.max
  private let convolution: ConvolutionLayer
  private let parameters: ConvolutionParameters

  public init(_ parameters: ConvolutionParameters, in context: LayerContext) throws(LayerError) {
    convolution = try ConvolutionLayer(parameters, in: context)
    self.parameters = parameters
  }

  /// N×C×spatial → N×num_output×spatial with out = ⌊(in + 2p − (d(k − 1) + 1)) / s⌋ + 1.
  /// Weights: num_output×1×k…, then bias (num_output).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let channels = try bottoms[0][bottoms[0].canonical(axis: parameters.axis)]
    guard parameters.group == channels else {
      throw ShapeError("group \(parameters.group) is not the number of input channels, \(channels)")
    }
    return try convolution.signature(of: bottoms)
  }

  public func forward(_ io: ForwardIO) { convolution.forward(io) }

  /// dx = Σ w · dy, dw += Σ x · dy, db += Σ dy, each within its channel.
  public func backward(_ io: BackwardIO) { convolution.backward(io) }
}
