import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Functions of single elements by oneDNN, in whatever layout their input has.
///
/// ReLU and |x| are the reference's to the last bit, but for ReLU of NaN, which is 0. The others are approximations, good to a few
/// units in the last place; training does without them, since some update rules make much of little.
struct ElementaryOffer {
  enum Function {
    case relu(slope: Float)
    case function(ElementaryFunction)
  }

  let backend: OneDNNBackend
  let request: KernelRequest
  private let kind: Int32
  private let alpha: Float
  /// Whether f(0) is 0, as it must be where padding may be read on: only elements of gapless layouts may change theirs.
  private let keepsZero: Bool
  private var isExact: Bool { kind == Int32(CDNN_RELU) || kind == Int32(CDNN_ABS) }

  init(_ backend: OneDNNBackend, _ request: KernelRequest, _ function: Function) {
    self.backend = backend
    self.request = request
    let (kind, alpha, keepsZero): (Int, Float, Bool)
    switch function {
    case .relu(let slope): (kind, alpha, keepsZero) = (CDNN_RELU, slope, true)
    case .function(.tanh): (kind, alpha, keepsZero) = (CDNN_TANH, 0, true)
    case .function(.logistic): (kind, alpha, keepsZero) = (CDNN_LOGISTIC, 0, false)
    case .function(.absolute): (kind, alpha, keepsZero) = (CDNN_ABS, 0, true)
    case .function(.elu(let factor)): (kind, alpha, keepsZero) = (CDNN_ELU, factor, true)
    case .function(.softplus): (kind, alpha, keepsZero) = (CDNN_SOFTPLUS, 0, false)
    case .function(.swish(let beta)): (kind, alpha, keepsZero) = (CDNN_SWISH, beta, true)
    case .function(.logarithm): (kind, alpha, keepsZero) = (CDNN_LOG, 0, false)
    }
    (self.kind, self.alpha, self.keepsZero) = (Int32(kind), alpha, keepsZero)
  }

  func make() throws -> KernelOffer? {
    guard request.inputShapes[0].count > 0, isExact || request.purpose == .inference else { return nil }
    let layout = layout
    // Elements are independent, so a dense blob of any rank is one line of them.
    let line = try backend.descriptor(layout) ?? .dense([request.inputShapes[0].count])
    guard isExact || line.element == .float32 else { return nil }
    let (engine, isTraining) = (backend.engine, request.needsBackward)
    let forward = try DNNPrimitive("function of elements") {
      cdnn_elementary_forward(&$0, engine.handle, isTraining ? 1 : 0, kind, line.handle, alpha)
    }
    guard !forward.isReference else { return nil }
    let formats = ImageFormats(source: line, destination: line)
    let readsOutput = cdnn_elementary_reads_output(kind) != 0
    var offer = KernelOffer(
      forward: ImageForward(engine: engine, primitive: forward, formats: formats), inputs: [layout], outputs: [layout],
      forwardScratch: [forward.byteCount(Argument.scratchpad)], allowsInPlace: true)
    guard isTraining else { return offer }
    let backward = try DNNPrimitive("function of elements' backward") {
      cdnn_elementary_backward(&$0, engine.handle, kind, line.handle, line.handle, alpha, forward.handle)
    }
    guard !backward.isReference else { return nil }
    offer.backward = ImageBackward(
      engine: engine, primitive: backward, formats: formats, readsInput: !readsOutput, readsOutput: readsOutput)
    offer.backwardScratch = [backward.byteCount(Argument.scratchpad)]
    offer.backwardReads = readsOutput ? [.top(0)] : [.bottom(0)]
    return offer
  }

  private var layout: Layout {
    let current = request.inputLayouts[0]
    guard backend.descriptor(current) != nil else { return .dense }
    return keepsZero || current.isGapless(request.inputShapes[0]) ? current : .dense
  }
}
