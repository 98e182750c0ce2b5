import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `convolution_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ConvolutionParameters: LayerParameters {
  public var numOutput = 0
  public var biasTerm = true
  public var pad: [Int] = []
  public var kernelSize: [Int] = []
  public var stride: [Int] = []
  public var dilation: [Int] = []
  public var padH = 0
  public var padW = 0
  public var kernelH: Int?
  public var kernelW: Int?
  public var strideH: Int?
  public var strideW: Int?
  public var group = 1
  public var weightFiller = FillerParameter()
  public var biasFiller = FillerParameter()
  public var engine = Engine.DEFAULT
  public var axis = 1
  public var forceNdIm2col = false
  public init() {}
  public static let messageName = "ConvolutionParameter"
  public static let fields: [Field<ConvolutionParameters>] = [
    Field("num_output", 1, \.numOutput, as: .uint32), Field("bias_term", 2, \.biasTerm), Field("pad", 3, \.pad, as: .uint32),
    Field("kernel_size", 4, \.kernelSize, as: .uint32), Field("stride", 6, \.stride, as: .uint32),
    Field("dilation", 18, \.dilation, as: .uint32), Field("pad_h", 9, \.padH, as: .uint32),
    Field("pad_w", 10, \.padW, as: .uint32),
    Field("kernel_h", 11, \.kernelH, as: .uint32), Field("kernel_w", 12, \.kernelW, as: .uint32),
    Field("stride_h", 13, \.strideH, as: .uint32), Field("stride_w", 14, \.strideW, as: .uint32),
    Field("group", 5, \.group, as: .uint32), Field("weight_filler", 7, \.weightFiller), Field("bias_filler", 8, \.biasFiller),
    Field("engine", 15, \.engine), Field("axis", 16, \.axis), Field("force_nd_im2col", 17, \.forceNdIm2col),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("convolution_param", 106, v1: 10, schema)
}

/// Correlates each image with learned filters: y[o] = Σ w[o, i, k…] · x[i, s·y − p + d·k…] + b[o], over any number of
/// spatial axes, in groups of channels. LeCun et al., Proc. IEEE 1998.
public struct ConvolutionLayer: Layer {
  public static let type = "Convolution"
  public static let bottoms = 1...Int.max
  public static let tops = 1...Int.max
  private let parameters: ConvolutionParameters

  public init(_ parameters: ConvolutionParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.numOutput > 0 else { throw LayerError("num_output must be at least 1", field: "num_output") }
    guard parameters.group > 0, parameters.numOutput % parameters.group == 0 else {
      throw LayerError("num_output \(parameters.numOutput) is no multiple of group \(parameters.group)", field: "group")
    }
    guard context.topCount == context.bottomCount else {
      throw LayerError(
        "each bottom needs its own top: \(context.bottomCount) bottom(s), \(context.topCount) top(s)", field: "top")
    }
    try ConvolutionLayer.checkWindow(parameters)
    self.parameters = parameters
  }

  private static func checkWindow(_ parameters: ConvolutionParameters) throws(LayerError) {
    let isKernel2D = parameters.kernelH != nil || parameters.kernelW != nil
    if isKernel2D, !parameters.kernelSize.isEmpty {
      throw LayerError("give kernel_size or kernel_h and kernel_w, not both", field: "kernel_size")
    }
    if isKernel2D, parameters.kernelH == nil || parameters.kernelW == nil {
      throw LayerError("kernel_h and kernel_w go together", field: parameters.kernelH == nil ? "kernel_w" : "kernel_h")
    }
    if !isKernel2D, parameters.kernelSize.isEmpty { throw LayerError("kernel_size is missing", field: "convolution_param") }
    for (name, values) in [
      ("kernel_size", parameters.kernelSize), ("stride", parameters.stride), ("dilation", parameters.dilation),
    ] {
      if values.contains(0) { throw LayerError("\(name) must be at least 1", field: name) }
    }
    if parameters.kernelH == 0 || parameters.kernelW == 0 {
      throw LayerError("kernel_h and kernel_w must be at least 1", field: "kernel_h")
    }
    if parameters.strideH == 0 || parameters.strideW == 0 {
      throw LayerError("stride_h and stride_w must be at least 1", field: "stride_h")
    }
    if parameters.padH != 0 || parameters.padW != 0, !parameters.pad.isEmpty {
      throw LayerError("give pad or pad_h and pad_w, not both", field: "pad")
    }
    if parameters.strideH != nil || parameters.strideW != nil, !parameters.stride.isEmpty {
      throw LayerError("give stride or stride_h and stride_w, not both", field: "stride")
    }
  }

  /// N×Cin×spatial → N×Cout×spatial with out = ⌊(in + 2p − (d(k − 1) + 1)) / s⌋ + 1.
  /// Weights: Cout×(Cin/g)×k…, then bias (Cout).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let geometry = try geometry(of: bottoms[0])
    for other in bottoms.dropFirst() where other != bottoms[0] {
      throw ShapeError("all bottoms must have the same shape, found \(bottoms[0]) and \(other)")
    }
    let axis = try bottoms[0].canonical(axis: parameters.axis)
    let top = try Shape(validating: Array(bottoms[0].dims[..<axis]) + [geometry.outputChannels] + geometry.output)
    let filters = try Shape(validating: [geometry.outputChannels, geometry.inputChannels / geometry.group] + geometry.kernel)
    var weights = [WeightSpec(filters, parameters.weightFiller)]
    if parameters.biasTerm { weights.append(WeightSpec([geometry.outputChannels], parameters.biasFiller)) }
    return LayerSignature(
      tops: bottoms.map { _ in top }, weights: weights, backwardReads: Set(bottoms.indices.map { .bottom($0) }),
      primitive: bottoms.count == 1 ? .convolution(geometry) : nil)
  }

  private func geometry(of bottom: Shape) throws(ShapeError) -> ConvolutionGeometry {
    let axis = try bottom.canonical(axis: parameters.axis)
    let spatial = Array(bottom.dims[(axis + 1)...])
    let window = try Window(parameters, axes: spatial.count)
    guard bottom[axis] % parameters.group == 0, bottom[axis] > 0 else {
      throw ShapeError("\(bottom[axis]) input channels do not split into \(parameters.group) group(s)")
    }
    var output: [Int] = []
    for place in spatial.indices {
      let extent = window.dilation[place] * (window.kernel[place] - 1) + 1
      let room = spatial[place] + 2 * window.pad[place] - extent
      guard room >= 0 else {
        throw ShapeError(
          "the kernel covers \(extent) but the padded input only \(spatial[place] + 2 * window.pad[place]) along spatial axis \(place)"
        )
      }
      output.append(room / window.stride[place] + 1)
    }
    return ConvolutionGeometry(
      batch: bottom.count(0..<axis), group: parameters.group, inputChannels: bottom[axis], outputChannels: parameters.numOutput,
      kernel: window.kernel, stride: window.stride, pad: window.pad, dilation: window.dilation, input: spatial, output: output)
  }

  /// The window's numbers, one per spatial axis.
  private struct Window {
    let kernel, stride, pad, dilation: [Int]

    init(_ parameters: ConvolutionParameters, axes: Int) throws(ShapeError) {
      if let height = parameters.kernelH, let width = parameters.kernelW {
        kernel = try Window.only2D([height, width], axes)
      } else {
        kernel = try Window.spread(parameters.kernelSize, "kernel_size", axes, default: 1)
      }
      if parameters.strideH != nil || parameters.strideW != nil {
        stride = try Window.only2D([parameters.strideH ?? 1, parameters.strideW ?? 1], axes)
      } else {
        stride = try Window.spread(parameters.stride, "stride", axes, default: 1)
      }
      if parameters.padH != 0 || parameters.padW != 0 {
        pad = try Window.only2D([parameters.padH, parameters.padW], axes)
      } else {
        pad = try Window.spread(parameters.pad, "pad", axes, default: 0)
      }
      dilation = try Window.spread(parameters.dilation, "dilation", axes, default: 1)
    }

    private static func only2D(_ values: [Int], _ axes: Int) throws(ShapeError) -> [Int] {
      guard values.allSatisfy({ $0 <= Int(Int32.max) / 4 }) else { throw ShapeError("kernel, stride or pad is too large") }
      guard axes == 2 else { throw ShapeError("the _h and _w fields are for 2 spatial axes, here are \(axes)") }
      return values
    }

    private static func spread(_ values: [Int], _ name: String, _ axes: Int, default fallback: Int) throws(ShapeError) -> [Int] {
      guard values.allSatisfy({ $0 <= Int(Int32.max) / 4 }) else { throw ShapeError("\(name) is too large") }
      if values.isEmpty { return [Int](repeating: fallback, count: axes) }
      if values.count == 1 { return [Int](repeating: values[0], count: axes) }
      guard values.count == axes else {
        throw ShapeError("\(name) is given \(values.count) times for \(axes) spatial axes; give it once or once per axis")
      }
      return values
    }
  }

  public func forward(_ io: ForwardIO) {
    guard let geometry = try? geometry(of: io.bottoms[0].shape) else { return }
    let walk = ConvolutionWalk(geometry)
    for (x, y) in zip(io.bottoms, io.tops) {
      walk.eachOutputPlane { image, output in
        let plane = y.pointer + (image * geometry.outputChannels + output) * walk.outputPlane
        plane.update(repeating: io.weights.count > 1 ? io.weights[1][output] : 0, count: walk.outputPlane)
      }
      walk.eachTap { tap in
        tap.span.each { out, input in
          y.pointer[tap.output + out] += io.weights[0][tap.weight] * x.pointer[tap.input + input]
        }
      }
    }
  }

  /// dx = Σ w · dy, dw += Σ x · dy, db += Σ dy, along the same taps as forward.
  public func backward(_ io: BackwardIO) {
    guard let geometry = try? geometry(of: io.bottoms[0].shape) else { return }
    let walk = ConvolutionWalk(geometry)
    for (index, dy) in io.topDiffs.enumerated() {
      if let bias = io.weightDiffs.count > 1 ? io.weightDiffs[1] : nil { addBias(dy, walk, to: bias) }
      let (x, weights) = (io.bottoms[index], io.weights[0])
      if let dw = io.weightDiffs[0] {
        walk.eachTap { tap in
          var sum: Float = 0
          tap.span.each { out, input in sum += dy.pointer[tap.output + out] * x.pointer[tap.input + input] }
          dw[tap.weight] += sum
        }
      }
      if let dx = io.bottomDiffs[index] {
        dx.fill(0)
        walk.eachTap { tap in
          tap.span.each { out, input in dx.pointer[tap.input + input] += weights[tap.weight] * dy.pointer[tap.output + out] }
        }
      }
    }
  }

  private func addBias(_ dy: TensorView, _ walk: ConvolutionWalk, to bias: TensorView) {
    walk.eachOutputPlane { image, output in
      let plane = dy.pointer + (image * walk.geometry.outputChannels + output) * walk.outputPlane
      bias[output] += (0..<walk.outputPlane).reduce(Float(0)) { $0 + plane[$1] }
    }
  }
}
