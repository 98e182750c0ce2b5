import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan
import Synchronization

/// The fast CPU backend: oneDNN's kernels on channel-blocked memory, with our own where the library leaves a gap.
///
/// An operation for which the library has only its plain reference loops gets no offer, so that none is ever picked
/// silently.
public final class OneDNNBackend: Backend {
  public static let name = "oneDNN"
  public var name: String { OneDNNBackend.name }

  let engine: Engine
  // Layouts travel through plans as tokens; the descriptors behind them are kept here.
  private let descriptors = Mutex<[[Int64]: MemoryDescriptor]>([:])

  private let minimumWork: Int
  let bf16: BFloat16Kernels

  /// What a program should leave to the reference: so little is gained there that its sums may as well be added in Caffe's order,
  /// of which some update rules make much (AdaGrad's first step is the sign of what is left).
  public static let worthwhile = 32_768

  /// - Parameters:
  ///   - minimumWork: multiplications and additions from which on convolutions and inner products are offered.
  ///   - bf16: what convolutions are computed by where bf16 is asked for. Where the CPU's best is something else, others are slower: good
  ///     for tests of what comes out.
  /// - Throws: `OneDNNError` when the library cannot start.
  public init(minimumWork: Int = 0, bf16: BFloat16Kernels = .best) throws(OneDNNError) {
    engine = try Engine()
    self.minimumWork = minimumWork
    self.bf16 = bf16
  }

  /// The library's version.
  public static var version: String {
    var (major, minor) = (Int32(0), Int32(0))
    cdnn_version(&major, &minor)
    return "\(major).\(minor)"
  }

  public func pool(threads: Int) -> (any ComputePool)? { OpenMPPool(threads: threads) }

  public func offer(_ request: KernelRequest) -> KernelOffer? {
    guard let primitive = request.operation.signature.primitive, primitive.work ?? minimumWork >= minimumWork else { return nil }
    // What the library cannot do is left to the next backend.
    return try? withPrimitiveThreads(request.threads) {
      let request = try withoutSlices(request)
      let offer = try? offer(request, primitive)
      guard offer == nil, imageElement(request) == .bfloat16 else { return offer }
      return try self.offer(inFloats(request), primitive)
    }
  }

  public func offer(joined request: KernelRequest) -> KernelOffer? {
    let work = request.operation.parts.reduce(0) { $0 + ($1.signature.primitive?.work ?? 0) }
    guard work >= minimumWork else { return nil }
    return request.operation.areSiblings
      ? try? SiblingsOffer(backend: self, request: request).make() : try? SeparableOffer(backend: self, request: request).make()
  }

  /// What the images of an operation consist of.
  func imageElement(_ request: KernelRequest) -> Element {
    bf16 != .none && request.precision == .bf16 && !request.needsBackward ? .bfloat16 : .float32
  }

  /// The same with fp32: not every operation has a kernel for bf16.
  private func inFloats(_ request: KernelRequest) throws -> KernelRequest {
    var request = request
    request.precision = .fp32
    request.inputLayouts = try zip(request.inputLayouts, request.inputShapes).map { given, shape in
      guard descriptor(given)?.element == .bfloat16 else { return given }
      return (4...5).contains(shape.rank) ? try layout(.blocked(shape.dims)) : .dense
    }
    return request
  }

  /// Kernels read whole images: what lies between other channels is copied out for them.
  private func withoutSlices(_ request: KernelRequest) throws -> KernelRequest {
    var request = request
    request.inputLayouts = try zip(request.inputLayouts, request.inputShapes).map { given, shape in
      guard case .opaque(let opaque) = given, OneDNNBackend.has(opaque, OneDNNBackend.sliceName) else { return given }
      return try layout(.blocked(shape.dims, opaque.elementSize == 2 ? .bfloat16 : .float32))
    }
    return request
  }

  private func offer(_ request: KernelRequest, _ primitive: Primitive) throws -> KernelOffer? {
    switch primitive {
    case .convolution(let geometry): try ConvolutionOffer(self, request, geometry).make()
    case .innerProduct(let rows, let inputs, let outputs, let isTransposed):
      InnerProductKernels.offer(
        request, InnerProductSizes(rows: rows, inputs: inputs, outputs: outputs, isTransposed: isTransposed))
    case .pooling(let geometry): try PoolingOffer(self, request, geometry).make()
    case .lrn(let size, let alpha, let beta, let k):
      try LRNOffer(self, request, size: size, alpha: alpha, beta: beta, k: k).make()
    case .relu(let slope): try ElementaryOffer(self, request, .relu(slope: slope)).make()
    case .elementary(let function): try ElementaryOffer(self, request, .function(function)).make()
    case .softmax(let axis): try SoftmaxOffer(self, request, axis: axis).make()
    case .deconvolution(let geometry): try DeconvolutionOffer(self, request, geometry).make()
    case .sum(let coefficients): try SumOffer(self, request, coefficients).make()
    case .concat(let axis): ConcatOffer(self, request, axis: axis).make()
    case .scaleChannels, .prelu: ChannelwiseOffer(self, request)?.make()
    default: nil
    }
  }

  public func reorder(_ shape: Shape, from: Layout, to: Layout) -> (any Kernel)? {
    if let weights = WeightReorder(from: from, to: to) { return weights }
    guard let dims = (descriptor(from) ?? descriptor(to))?.dims, dims.reduce(1, *) == shape.count,
      let source = descriptor(from) ?? (try? .dense(dims)), let target = descriptor(to) ?? (try? .dense(dims)),
      let primitive = try? DNNPrimitive("reorder", { cdnn_reorder(&$0, engine.handle, source.handle, target.handle) })
    else { return nil }
    return ReorderKernel(engine: engine, primitive: primitive, source: source, target: target)
  }

  public func layout(_ layout: Layout, ofRun count: Int) -> Layout? { BFloat16Weights(layout)?.layout(ofRun: count) }

  public func concatenatesInMemory(_ layout: Layout, shape: Shape) -> Bool {
    guard case .opaque(let opaque) = layout else { return layout == .dense }
    return OneDNNBackend.has(opaque, OneDNNBackend.blockedName)
  }

  public func liesWithin(_ whole: Shape, _ layout: Layout, shape: Shape) -> Bool {
    guard case .opaque(let opaque) = layout, OneDNNBackend.has(opaque, OneDNNBackend.sliceName), shape.rank == 4,
      whole.rank == 4, let element = descriptor(layout)?.element
    else { return false }
    return opaque.token == (try? MemoryDescriptor.slice(shape.dims, of: whole[1], element))?.token
  }

  // MARK: Layouts

  /// Blocked images between which other channels lie.
  private static let sliceName = "nChw\(cdnn_channel_block())c part"
  static let blockedName = "nChw\(cdnn_channel_block())c"
  private static let bf16Mark = " bf16"

  /// Whether a layout has a name, whatever its elements.
  private static func has(_ layout: OpaqueLayout, _ name: String) -> Bool {
    layout.name == name || layout.name == name + bf16Mark
  }

  /// The layout that stands for a descriptor; plain row-major is `dense`, whoever chose it.
  func layout(_ descriptor: MemoryDescriptor, name: String? = nil) throws(OneDNNError) -> Layout {
    let token = descriptor.token
    if try token == MemoryDescriptor.dense(descriptor.dims).token || OneDNNBackend.isDense(descriptor) { return .dense }
    descriptors.withLock { if $0[token] == nil { $0[token] = descriptor } }
    return .opaque(
      OpaqueLayout(
        backend: self.name, token: token, byteCount: descriptor.byteCount, elementSize: descriptor.element.size,
        name: (name ?? OneDNNBackend.name(of: descriptor)) + (descriptor.element == .bfloat16 ? OneDNNBackend.bf16Mark : "")))
  }

  private static func name(of descriptor: MemoryDescriptor) -> String { isBlocked(descriptor) ? blockedName : "packed" }

  private static func isBlocked(_ descriptor: MemoryDescriptor) -> Bool {
    (4...5).contains(descriptor.dims.count)
      && descriptor.token == (try? MemoryDescriptor.blocked(descriptor.dims, descriptor.element))?.token
  }

  /// Whether blocks of channels lie as channels do by themselves: images of one pixel, as global pooling makes them, need no reorder.
  private static func isDense(_ descriptor: MemoryDescriptor) -> Bool {
    let dims = descriptor.dims
    return descriptor.element == .float32 && dims.count > 2 && dims[2...].allSatisfy { $0 == 1 }
      && dims[1] % Int(cdnn_channel_block()) == 0 && isBlocked(descriptor)
  }

  /// The descriptor behind a layout of ours.
  func descriptor(_ layout: Layout) -> MemoryDescriptor? {
    guard case .opaque(let opaque) = layout, opaque.backend == name else { return nil }
    return descriptors.withLock { $0[opaque.token] }
  }

  /// The descriptor of a value in a layout, dense or ours.
  func descriptor(_ layout: Layout, _ shape: Shape) throws(OneDNNError) -> MemoryDescriptor {
    if let own = descriptor(layout) { return own }
    return try .dense(shape.dims)
  }

  /// The layout that the library's LRN wants for an image: blocked, unless it has another of ours already.
  func imageLayout(_ current: Layout, _ shape: Shape) throws(OneDNNError) -> Layout {
    descriptor(current) != nil ? current : try layout(.blocked(shape.dims))
  }

  /// The layout of an image that a kernel writes: between the other channels of a Concat where that is asked for, else blocked.
  func outputLayout(_ request: KernelRequest, output: Int = 0) throws(OneDNNError) -> Layout {
    let (dims, element) = (request.outputShapes[output].dims, imageElement(request))
    guard let channels = request.wholeChannels[output], dims.count == 4, dims[1] % Int(cdnn_channel_block()) == 0 else {
      return try layout(.blocked(dims, element))
    }
    return try layout(.slice(dims, of: channels, element), name: OneDNNBackend.sliceName)
  }
}

/// Moves values between layouts.
struct ReorderKernel: Kernel {
  let engine: Engine
  let primitive: DNNPrimitive
  let source: MemoryDescriptor
  let target: MemoryDescriptor

  var implementation: String { primitive.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    let scratch = OwnedScratch(primitive.byteCount(Argument.scratchpad))
    return BoundCalls(
      [
        try PreparedCall(
          primitive, engine,
          [
            (Argument.source, source, memory.inputs[0]), (Argument.destination, target, memory.outputs[0]),
            (Argument.scratchpad, try primitive.descriptor(Argument.scratchpad), scratch.place),
          ])
      ], keeping: scratch)
  }
}

/// Calls that run one after the other.
final class BoundCalls: BoundKernel {
  private let calls: [PreparedCall]
  private let kept: AnyObject?

  init(_ calls: [PreparedCall], keeping kept: AnyObject? = nil) {
    self.calls = calls
    self.kept = kept
  }

  func run(_ context: RunContext) throws { for call in calls { try call.execute() } }
}

/// Scratch memory of a kernel whose need is not known to the plan: reorders need next to none.
final class OwnedScratch {
  let place: UnsafeMutablePointer<Float>
  init(_ byteCount: Int) { place = .allocate(capacity: max(1, (byteCount + 3) / 4)) }
  deinit { place.deallocate() }
}
