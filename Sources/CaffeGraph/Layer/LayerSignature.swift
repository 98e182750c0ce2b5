import CaffeCore
import CaffeFormat

/// All about a layer that depends on the shapes of its bottoms, and nothing else.
public struct LayerSignature: Sendable {
  public var tops: [Shape]
  /// The parameter blobs, in Caffe's order.
  public var weights: [WeightSpec]
  /// Buffers that forward writes and backward reads: a pooling's argmax, a dropout's mask.
  public var saved: [Shape]
  /// Buffers that keep what forward writes until its next pass, zero before the first: the memory of a recurrent layer.
  public var state: [Shape]
  /// Buffers for the time of one call.
  public var scratch: [Shape]
  /// What backward reads beside the gradients of the tops: liveness follows from it.
  public var backwardReads: Set<BackwardRead>
  /// Whether the first top may lie over the first bottom, and the same for their gradients.
  public var allowsInPlace: Bool
  /// Tops whose shape depends on values: `tops` holds the largest they can have, and forward says which it is
  /// (`ForwardIO.setShape`).
  public var varyingTops: Set<Int>
  /// How the work may be shared out among threads; nil where it has to stay in one piece.
  public var independence: Independence?
  /// What a backend needs to know to offer a kernel; nil where only the reference can.
  public var primitive: Primitive?

  public init(
    tops: [Shape], weights: [WeightSpec] = [], saved: [Shape] = [], state: [Shape] = [], scratch: [Shape] = [],
    backwardReads: Set<BackwardRead> = [], allowsInPlace: Bool = false, varyingTops: Set<Int> = [],
    independence: Independence? = nil, primitive: Primitive? = nil
  ) {
    self.tops = tops
    self.weights = weights
    self.saved = saved
    self.state = state
    self.scratch = scratch
    self.backwardReads = backwardReads
    self.allowsInPlace = allowsInPlace
    self.varyingTops = varyingTops
    self.independence = independence
    self.primitive = primitive
  }
}

/// Which pieces of a layer's work have nothing to do with each other: each piece is a call of the same forward or backward on
/// views of a part.
///
/// Parameters are seen whole; backward stays in one piece while one of them gets a gradient. Buffers in `saved` and `scratch` are
/// cut as the tops are.
public enum Independence: Sendable {
  /// Every element of the tops depends on the elements of the same index in the bottoms alone; all have one count, and lie in
  /// any order.
  case elements
  /// The same, but the elements' order counts, as where each has a random draw of its own (`ForwardIO.firstElement`).
  case orderedElements
  /// Every item along axis 0 of the tops depends on the same item of each bottom alone; all have the same extent there.
  case items
  /// Every plane along axes 0 and 1 depends on the same plane of each bottom alone; all have the same extents there. A piece is
  /// shown as one item of some channels.
  case planes
}

/// One parameter blob of a layer.
public struct WeightSpec: Sendable, Equatable {
  public enum Role: Sendable {
    /// Changed by the solver.
    case learned
    /// Changed by forward itself (running means); its learning rate must be 0.
    case statistic
    /// Changed by nobody; a learning rate that the file gives does not count.
    case fixed
  }
  public let shape: Shape
  public let filler: FillerParameter
  public let role: Role

  public init(_ shape: Shape, _ filler: FillerParameter, role: Role = .learned) {
    self.shape = shape
    self.filler = filler
    self.role = role
  }
}

/// A value that backward reads.
public enum BackwardRead: Hashable, Sendable {
  case bottom(Int)
  case top(Int)
}

/// What a layer computes in words every backend understands.
public enum Primitive: Hashable, Sendable {
  case convolution(ConvolutionGeometry)
  /// The transpose of a convolution of that geometry: its output is the bottom, its input the top.
  case deconvolution(ConvolutionGeometry)
  /// top (M×N) = bottom (M×K) · weightᵀ (N×K, or K×N when `isTransposed`) + bias
  case innerProduct(rows: Int, inputs: Int, outputs: Int, isTransposed: Bool)
  case pooling(PoolingGeometry)
  /// x > 0 ? x : slope · x
  case relu(slope: Float)
  case elementary(ElementaryFunction)
  /// Across channels: x · (k + alpha/size · Σx²)^−beta
  case lrn(size: Int, alpha: Float, beta: Float, k: Float)
  case softmax(axis: Int)
  case concat(axis: Int)
  /// Σ coefficients[i] · bottom[i]
  case sum([Float])
  /// (x − mean) / √(variance + eps) per channel with stored statistics: weights mean, variance, factor.
  case normalize(eps: Float)
  /// x · weight[c] (+ bias[c]) per channel of axis 1.
  case scaleChannels
  /// x > 0 ? x : weight[c] · x per channel of axis 1, or with one weight for all.
  case prelu
  /// The same elements under another shape.
  case view
}

/// A function of each element by itself.
public enum ElementaryFunction: Hashable, Sendable {
  case tanh
  /// 1 / (1 + e^−x)
  case logistic
  /// |x|
  case absolute
  /// x > 0 ? x : factor · (e^x − 1), with a factor of at least 0
  case elu(Float)
  /// log(1 + e^x)
  case softplus
  /// x / (1 + e^−beta·x)
  case swish(beta: Float)
  /// Natural.
  case logarithm
}

/// The numbers of a convolution over N spatial axes.
public struct ConvolutionGeometry: Hashable, Sendable {
  public var group: Int
  public var inputChannels: Int
  public var outputChannels: Int
  /// Extents of the kernel, and per spatial axis stride, padding and dilation.
  public var kernel: [Int]
  public var stride: [Int]
  public var pad: [Int]
  public var dilation: [Int]
  /// Spatial extents before and after.
  public var input: [Int]
  public var output: [Int]
  /// Images in a batch: the product of the axes before the channels.
  public var batch: Int

  public init(
    batch: Int, group: Int, inputChannels: Int, outputChannels: Int, kernel: [Int], stride: [Int], pad: [Int], dilation: [Int],
    input: [Int], output: [Int]
  ) {
    self.batch = batch
    self.group = group
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.pad = pad
    self.dilation = dilation
    self.input = input
    self.output = output
  }

  /// Whether each channel has one filter and becomes one channel.
  public var isDepthwise: Bool { group > 1 && group == inputChannels && group == outputChannels }

  /// Multiplications and additions of one forward pass.
  public var flops: Int {
    2 * batch * outputChannels * (inputChannels / group) * kernel.reduce(1, *) * output.reduce(1, *)
  }
}

/// The numbers of a 2-D pooling.
public struct PoolingGeometry: Hashable, Sendable {
  public enum Method: Sendable { case max, average }
  public var method: Method
  /// Height and width each.
  public var kernel: [Int]
  public var stride: [Int]
  public var pad: [Int]
  public var input: [Int]
  public var output: [Int]
  public var batch: Int
  public var channels: Int

  public init(
    method: Method, kernel: [Int], stride: [Int], pad: [Int], input: [Int], output: [Int], batch: Int, channels: Int
  ) {
    self.method = method
    self.kernel = kernel
    self.stride = stride
    self.pad = pad
    self.input = input
    self.output = output
    self.batch = batch
    self.channels = channels
  }
}
