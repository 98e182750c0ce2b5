import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `convolution_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ConvolutionParameters: LayerParameters {
  public enum AlgorithmSeeker: Int32, ProtoEnum {
    case GET = 0
    case FINDEX = 1
    public static let schema = makeSchema("CuDNNConvolutionAlgorithmSeeker")
  }
  /// Filters, and so channels of the top; at least 1.
  public var numOutput = 0
  /// Whether each channel of the top gets a bias.
  public var biasTerm = true
  /// Zeros in front of and behind each spatial axis: one number for all spatial axes or one each; 0 when absent.
  public var pad: [Int] = []
  /// Extent of the filters, in elements: one number for all spatial axes or one each.
  public var kernelSize: [Int] = []
  /// Steps of the window, in elements: one number for all spatial axes or one each; 1 when absent.
  public var stride: [Int] = []
  /// Distance between neighbouring elements of a filter: one number for all spatial axes or one each; 1 when absent.
  public var dilation: [Int] = []
  /// Padding above and below, where there are 2 spatial axes; in place of `pad`.
  public var padH = 0
  /// Padding to the left and right, where there are 2 spatial axes; in place of `pad`.
  public var padW = 0
  /// Height of the filters, where there are 2 spatial axes; goes with `kernel_w`, in place of `kernel_size`.
  public var kernelH: Int?
  /// Width of the filters, where there are 2 spatial axes; goes with `kernel_h`, in place of `kernel_size`.
  public var kernelW: Int?
  /// Step downwards, where there are 2 spatial axes; in place of `stride`.
  public var strideH: Int?
  /// Step to the right, where there are 2 spatial axes; in place of `stride`.
  public var strideW: Int?
  /// Parts that the channels of bottom and top are split into; each part of the top sees its part of the bottom alone.
  public var group = 1
  /// First values of the filters; 0 when absent.
  public var weightFiller = FillerParameter()
  /// First values of the bias; 0 when absent.
  public var biasFiller = FillerParameter()
  public var engine = Engine.DEFAULT
  /// The axis of the channels; those behind it are the spatial ones.
  public var axis = 1
  /// Asks Caffe for its code for any number of axes where there are 2; read and kept, nothing depends on it here.
  public var forceNdIm2col = false
  /// DeepLab's word for `dilation`.
  public var hole: Int?
  public var holeH: Int?
  public var holeW: Int?
  /// How NVIDIA's fork looks for cuDNN's fastest kernel; read and kept, but the planner chooses here.
  public var cudnnConvolutionAlgoSeeker = AlgorithmSeeker.FINDEX
  /// Which of cuDNN's kernels NVIDIA's fork takes; read and kept.
  public var convAlgosOverride = "-1,-1,-1"
  /// Which of MKL-DNN's kernels Intel's fork takes; read and kept.
  public var convAlgorithm = "direct"
  /// Intel's: a ReLU behind the convolution; it becomes a layer of its own when the net is read.
  public var relu = false
  /// Intel's: the slope of that ReLU below 0.
  public var negativeSlope: Float = 0
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
    Field("hole", 117, \.hole, as: .uint32), Field("hole_h", 118, \.holeH, as: .uint32),
    Field("hole_w", 119, \.holeW, as: .uint32),
    Field(
      "cudnn_convolution_algo_seeker", 1019, \.cudnnConvolutionAlgoSeeker,
      ignored: "kernels of NVIDIA's fork; the planner chooses"),
    Field("conv_algos_override", 1020, \.convAlgosOverride, ignored: "kernels of NVIDIA's fork; the planner chooses"),
    Field("conv_algorithm", 21, \.convAlgorithm, ignored: "kernels of Intel's fork; the planner chooses"),
    Field("relu", 1021, \.relu), Field("negative_slope", 1022, \.negativeSlope),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("convolution_param", 106, v1: 10, schema)
}

extension ConvolutionParameters {
  /// Refuses numbers of filters, groups and tops that neither a convolution nor its transpose can have.
  ///
  /// - Throws: `LayerError` naming the field.
  func checkFilters(_ context: LayerContext) throws(LayerError) {
    guard numOutput > 0 else { throw LayerError("num_output must be at least 1", field: "num_output") }
    guard group > 0, numOutput % group == 0 else {
      throw LayerError("num_output \(numOutput) is no multiple of group \(group)", field: "group")
    }
    try checkWindow(context)
  }

  /// Refuses windows and numbers of tops that no convolution can have.
  ///
  /// - Throws: `LayerError` naming the field.
  func checkWindow(_ context: LayerContext) throws(LayerError) {
    guard context.topCount == context.bottomCount else {
      throw LayerError(
        "each bottom needs its own top: \(context.bottomCount) bottom(s), \(context.topCount) top(s)", field: "top")
    }
    try ConvolutionWindow.check(self)
  }

  /// One top for each bottom, all under the same filters.
  ///
  /// - Throws: `ShapeError` when the bottoms differ or a top would be too large.
  func signature(of bottoms: [Shape], channels: Int, spatial: [Int]) throws(ShapeError) -> LayerSignature {
    for other in bottoms.dropFirst() where other != bottoms[0] {
      throw ShapeError("all bottoms must have the same shape, found \(bottoms[0]) and \(other)")
    }
    let axis = try bottoms[0].canonical(axis: axis)
    let top = try Shape(validating: Array(bottoms[0].dims[..<axis]) + [channels] + spatial)
    return LayerSignature(
      tops: bottoms.map { _ in top }, backwardReads: Set(bottoms.indices.map { .bottom($0) }),
      independence: axis > 0 ? .items : nil)
  }

  /// The filters, and the bias unless the file says there is none.
  ///
  /// - Throws: `ShapeError` when the filters would be too large.
  func weights(_ filters: [Int]) throws(ShapeError) -> [WeightSpec] {
    let weights = [WeightSpec(try Shape(validating: filters), weightFiller)]
    return biasTerm ? weights + [WeightSpec([numOutput], biasFiller)] : weights
  }
}

/// Correlates each image with learned filters: y[o] = Σ w[o, i, k…] · x[i, s·y − p + d·k…] + b[o], over any number of spatial
/// axes, in groups of channels. LeCun et al., Proc. IEEE 1998.
///
/// ```prototxt
/// # x: 2x3x8x8
/// layer {
///   name: "conv" type: "Convolution" bottom: "x" top: "y"
///   convolution_param { num_output: 4 kernel_size: 3 pad: 1 stride: 2 }
/// }
/// ```
///
/// - Dialect: DeepLab's `hole`, `hole_h` and `hole_w` are `dilation` (18 to 20 in its fork, 117 to 119 here). The fields with
///   which NVIDIA's and Intel's forks choose a kernel are read and kept; NVIDIA's have numbers 1019 and 1020 here.
public struct ConvolutionLayer: Layer {
  public static let type = "Convolution"
  public static let bottoms = 1...Int.max
  public static let tops = 1...Int.max
  private let parameters: ConvolutionParameters

  public init(_ parameters: ConvolutionParameters, in context: LayerContext) throws(LayerError) {
    try parameters.checkFilters(context)
    self.parameters = parameters
  }

  /// The convolution of parameters that were checked elsewhere.
  init(checked parameters: ConvolutionParameters) { self.parameters = parameters }

  /// N×Cin×spatial → N×Cout×spatial with out = ⌊(in + 2p − (d(k − 1) + 1)) / s⌋ + 1.
  /// Weights: Cout×(Cin/g)×k…, then bias (Cout).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let geometry = try geometry(of: bottoms[0])
    var signature = try parameters.signature(of: bottoms, channels: geometry.outputChannels, spatial: geometry.output)
    signature.weights = try parameters.weights(
      [geometry.outputChannels, geometry.inputChannels / geometry.group] + geometry.kernel)
    signature.primitive = bottoms.count == 1 ? .convolution(geometry) : nil
    return signature
  }

  private func geometry(of bottom: Shape) throws(ShapeError) -> ConvolutionGeometry {
    let axis = try bottom.canonical(axis: parameters.axis)
    let spatial = Array(bottom.dims[(axis + 1)...])
    let window = try ConvolutionWindow(parameters, axes: spatial.count)
    guard bottom[axis] % parameters.group == 0, bottom[axis] > 0 else {
      throw ShapeError("\(bottom[axis]) input channels do not split into \(parameters.group) group(s)")
    }
    return ConvolutionGeometry(
      batch: bottom.count(0..<axis), group: parameters.group, inputChannels: bottom[axis], outputChannels: parameters.numOutput,
      kernel: window.kernel, stride: window.stride, pad: window.pad, dilation: window.dilation, input: spatial,
      output: try window.positions(over: spatial))
  }

  public func forward(_ io: ForwardIO) {
    guard let geometry = try? geometry(of: io.bottoms[0].shape) else { return }
    let walk = ConvolutionWalk(geometry)
    let bias = io.weights.count > 1 ? io.weights[1] : nil
    for (x, y) in zip(io.bottoms, io.tops) {
      y.fillChannels(bias, plane: walk.outputPlane)
      walk.addCorrelation(of: x, with: io.weights[0], to: y)
    }
  }

  /// dx = Σ w · dy, dw += Σ x · dy, db += Σ dy, along the same taps as forward.
  public func backward(_ io: BackwardIO) {
    guard let geometry = try? geometry(of: io.bottoms[0].shape) else { return }
    let walk = ConvolutionWalk(geometry)
    let bias = io.weightDiffs.count > 1 ? io.weightDiffs[1] : nil
    for (index, dy) in io.topDiffs.enumerated() {
      bias?.addChannelSums(of: dy, plane: walk.outputPlane)
      if let dw = io.weightDiffs[0] { walk.addProducts(of: io.bottoms[index], and: dy, to: dw) }
      if let dx = io.bottomDiffs[index] {
        dx.fill(0)
        walk.addSpread(of: dy, with: io.weights[0], to: dx)
      }
    }
  }
}
