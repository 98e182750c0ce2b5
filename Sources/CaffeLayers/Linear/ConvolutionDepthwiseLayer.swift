import CaffeCore
import CaffeGraph

/// A convolution that gives every channel filters of its own: y[c · m + j] = Σ w[c · m + j, k…] · x[c, s·y − p + d·k…] + b[c ·
/// m + j], with m = num_output / channels. Howard et al., MobileNets, 2017.
///
/// It is a Convolution whose `group` is the number of channels, and runs as one. `group` may be left out, and so may
/// `num_output`, which then is the number of channels.
///
/// ```prototxt
/// # x: 2x4x8x8
/// layer {
///   name: "dw" type: "ConvolutionDepthwise" bottom: "x" top: "y"
///   convolution_param { kernel_size: 3 pad: 1 }
/// }
/// ```
///
/// - Difference: in the forks every channel has one filter, whatever `num_output` says.
/// - Dialect: pull request 5665 to BVLC's Caffe, and the forks that took it in.
public struct ConvolutionDepthwiseLayer: Layer {
  public static let type = "ConvolutionDepthwise"
  public static let bottoms = 1...Int.max
  public static let tops = 1...Int.max
  private let parameters: ConvolutionParameters

  public init(_ parameters: ConvolutionParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.group > 0 else { throw LayerError("group must be at least 1", field: "group") }
    try parameters.checkWindow(context)
    self.parameters = parameters
  }

  /// N×C×spatial → N×num_output×spatial with out = ⌊(in + 2p − (d(k − 1) + 1)) / s⌋ + 1.
  /// Weights: num_output×1×k…, then bias (num_output).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let channels = try bottoms[0][bottoms[0].canonical(axis: parameters.axis)]
    guard parameters.group == 1 || parameters.group == channels else {
      throw ShapeError("group \(parameters.group) is not the number of input channels, \(channels)")
    }
    return try ConvolutionLayer(checked: try parameters.depthwise(channels)).signature(of: bottoms)
  }

  private func convolution(_ bottom: Shape) -> ConvolutionLayer? {
    guard let axis = try? bottom.canonical(axis: parameters.axis) else { return nil }
    return (try? parameters.depthwise(bottom[axis])).map { ConvolutionLayer(checked: $0) }
  }

  public func forward(_ io: ForwardIO) { convolution(io.bottoms[0].shape)?.forward(io) }

  /// dx = Σ w · dy, dw += Σ x · dy, db += Σ dy, each within its channel.
  public func backward(_ io: BackwardIO) { convolution(io.bottoms[0].shape)?.backward(io) }
}

extension ConvolutionParameters {
  /// The same convolution with a group for each of so many channels; without `num_output`, with one filter for each.
  ///
  /// - Throws: `ShapeError` when the filters cannot be shared out.
  func depthwise(_ channels: Int) throws(ShapeError) -> ConvolutionParameters {
    var result = self
    result.group = channels
    if numOutput == 0 { result.numOutput = channels }
    guard channels > 0, result.numOutput % channels == 0 else {
      throw ShapeError("num_output \(result.numOutput) is no multiple of the \(channels) input channels")
    }
    return result
  }
}
