import CaffeCore
import CaffeGraph

/// A convolution run backward: each element of x spreads its filter over y, which is larger by the stride: y[o, s·j − p + d·k…] =
/// Σ w[i, o, k…] · x[i, j…] + b[o]. Its numbers are those of the convolution that would make x of y. Zeiler et al., CVPR 2010.
///
/// ```prototxt
/// # x: 2x3x4x4
/// layer {
///   name: "up" type: "Deconvolution" bottom: "x" top: "y"
///   convolution_param { num_output: 2 kernel_size: 4 stride: 2 pad: 1 weight_filler { type: "bilinear" } }
/// }
/// ```
public struct DeconvolutionLayer: Layer {
  public static let type = "Deconvolution"
  public static let bottoms = 1...Int.max
  public static let tops = 1...Int.max
  private let parameters: ConvolutionParameters

  public init(_ parameters: ConvolutionParameters, in context: LayerContext) throws(LayerError) {
    try parameters.checkFilters(context)
    self.parameters = parameters
  }

  /// N×Cin×spatial → N×Cout×spatial with out = s(in − 1) + d(k − 1) + 1 − 2p.
  /// Weights: Cin×(Cout/g)×k…, then bias (Cout).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let geometry = try geometry(of: bottoms[0])
    var signature = try parameters.signature(of: bottoms, channels: geometry.inputChannels, spatial: geometry.input)
    signature.weights = try parameters.weights(
      [geometry.outputChannels, geometry.inputChannels / geometry.group] + geometry.kernel)
    if bottoms.count == 1 { signature.primitive = .deconvolution(geometry) }
    return signature
  }

  /// The convolution of which this is the transpose: its output is the bottom, its input the top.
  private func geometry(of bottom: Shape) throws(ShapeError) -> ConvolutionGeometry {
    let axis = try bottom.canonical(axis: parameters.axis)
    let spatial = Array(bottom.dims[(axis + 1)...])
    let window = try ConvolutionWindow(parameters, axes: spatial.count)
    guard bottom[axis] % parameters.group == 0, bottom[axis] > 0 else {
      throw ShapeError("\(bottom[axis]) input channels do not split into \(parameters.group) group(s)")
    }
    return ConvolutionGeometry(
      batch: bottom.count(0..<axis), group: parameters.group, inputChannels: parameters.numOutput, outputChannels: bottom[axis],
      kernel: window.kernel, stride: window.stride, pad: window.pad, dilation: window.dilation,
      input: try window.coverage(of: spatial), output: spatial)
  }

  public func forward(_ io: ForwardIO) {
    guard let geometry = try? geometry(of: io.bottoms[0].shape) else { return }
    let walk = ConvolutionWalk(geometry)
    let bias = io.weights.count > 1 ? io.weights[1] : nil
    for (x, y) in zip(io.bottoms, io.tops) {
      y.fillChannels(bias, plane: walk.inputPlane)
      walk.addSpread(of: x, with: io.weights[0], to: y)
    }
  }

  /// dx = Σ w · dy, dw += Σ x · dy, db += Σ dy, along the same taps as forward.
  public func backward(_ io: BackwardIO) {
    guard let geometry = try? geometry(of: io.bottoms[0].shape) else { return }
    let walk = ConvolutionWalk(geometry)
    let bias = io.weightDiffs.count > 1 ? io.weightDiffs[1] : nil
    for (index, dy) in io.topDiffs.enumerated() {
      bias?.addChannelSums(of: dy, plane: walk.inputPlane)
      if let dw = io.weightDiffs[0] { walk.addProducts(of: dy, and: io.bottoms[index], to: dw) }
      if let dx = io.bottomDiffs[index] {
        dx.fill(0)
        walk.addCorrelation(of: dy, with: io.weights[0], to: dx)
      }
    }
  }
}
