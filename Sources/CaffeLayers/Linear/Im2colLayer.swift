import CaffeCore
import CaffeGraph

/// Lays out what a convolution's window sees: y[i·K + k, j…] = x[i, s·j − p + d·k…] with K = ∏k. Each element of the window
/// becomes a channel of its own, and a convolution of the bottom is then a product of matrices.
///
/// Of `convolution_param`, filters and groups do not matter.
///
/// ```prototxt
/// # x: 2x3x6x6
/// layer { name: "windows" type: "Im2col" bottom: "x" top: "y" convolution_param { kernel_size: 3 stride: 2 } }
/// ```
public struct Im2colLayer: Layer {
  public static let type = "Im2col"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: ConvolutionParameters

  public init(_ parameters: ConvolutionParameters, in context: LayerContext) throws(LayerError) {
    try ConvolutionWindow.check(parameters)
    self.parameters = parameters
  }

  /// N×C×spatial → N×(C·∏k)×out with out = ⌊(in + 2p − (d(k − 1) + 1)) / s⌋ + 1.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let geometry = try geometry(of: bottoms[0])
    let axis = try bottoms[0].canonical(axis: parameters.axis)
    let window = try Shape(validating: [geometry.inputChannels] + geometry.kernel)
    return LayerSignature(
      tops: [try Shape(validating: Array(bottoms[0].dims[..<axis]) + [window.count] + geometry.output)],
      independence: axis > 0 ? .items : nil)
  }

  private func geometry(of bottom: Shape) throws(ShapeError) -> ConvolutionGeometry {
    let axis = try bottom.canonical(axis: parameters.axis)
    let spatial = Array(bottom.dims[(axis + 1)...])
    guard !spatial.isEmpty else { throw ShapeError("needs at least 1 axis after axis \(axis)") }
    let window = try ConvolutionWindow(parameters, axes: spatial.count)
    return ConvolutionGeometry(
      batch: bottom.count(0..<axis), group: 1, inputChannels: bottom[axis], outputChannels: 1, kernel: window.kernel,
      stride: window.stride, pad: window.pad, dilation: window.dilation, input: spatial,
      output: try window.positions(over: spatial))
  }

  public func forward(_ io: ForwardIO) {
    io.tops[0].fill(0)  // the padding
    eachElement(io.bottoms[0].shape) { top, bottom in io.tops[0][top] = io.bottoms[0][bottom] }
  }

  /// dx = Σ dy over the places where x was laid.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    dx.fill(0)
    eachElement(dx.shape) { top, bottom in dx[bottom] += io.topDiffs[0][top] }
  }

  @inline(__always)
  private func eachElement(_ shape: Shape, _ body: (_ top: Int, _ bottom: Int) -> Void) {
    guard let geometry = try? geometry(of: shape) else { return }
    let walk = ConvolutionWalk(geometry)
    for plane in 0..<geometry.batch * geometry.inputChannels {
      for (element, spans) in walk.spans.enumerated() {
        let (top, bottom) = ((plane * walk.spans.count + element) * walk.outputPlane, plane * walk.inputPlane)
        for span in spans { span.each { out, input in body(top + out, bottom + input) } }
      }
    }
  }
}
