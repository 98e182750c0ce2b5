import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffePlan

struct FaultyParameters: LayerParameters {
  var fault = ""
  var size: Float = 1
  init() {}
  static let messageName = "FaultyParameter"
  static let fields: [Field<FaultyParameters>] = [
    Field("fault", 1, \.fault), Field("size", 2, \.size), Field("length", 3, \.size),  // two names for one property: a fault
  ]
  static let schema = makeSchema()
  static let placement: LayerField? = LayerField("faulty_param", 9001, schema)
}

/// y = weight · x², sound unless told otherwise: what the checks of layers must find out.
struct FaultyLayer: Layer {
  static let type = "Faulty"
  static let bottoms = 1...1
  static let tops = 1...1
  private let fault: String

  init(_ parameters: FaultyParameters, in context: LayerContext) { fault = parameters.fault }

  func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(
      tops: bottoms, weights: [WeightSpec([], FillerParameter())], backwardReads: fault == "undeclared" ? [] : [.bottom(0)],
      allowsInPlace: fault == "in place", primitive: .elementary(.tanh))
  }

  func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    if fault == "in place" { y.fill(0) }
    for i in 0..<x.count where !(fault == "unwritten" && i == 1) { y[i] = io.weights[0][0] * x[i] * x[i] }
  }

  func backward(_ io: BackwardIO) {
    let (x, dy, weight) = (io.bottoms[0], io.topDiffs[0], io.weights[0][0])
    if let dw = io.weightDiffs[0] {
      if fault == "replaced" { dw[0] = 0 }
      for i in 0..<x.count { dw[0] += dy[i] * x[i] * x[i] }
    }
    guard let dx = io.bottomDiffs[0] else { return }
    for i in 0..<x.count {
      let gradient = 2 * weight * x[i] * dy[i]
      dx[i] = fault == "added" ? dx[i] + gradient : fault == "gradient" ? 1.5 * gradient : gradient
    }
  }
}

/// Takes every tanh and computes nothing but zeros.
struct ZeroBackend: Backend {
  let name = "zero"

  func offer(_ request: KernelRequest) -> KernelOffer? {
    guard request.operation.signature.primitive == .elementary(.tanh), var offer = ReferenceBackend().offer(request) else {
      return nil
    }
    offer.forward = ZeroKernel(count: request.outputShapes[0].count)
    return offer
  }
}

private struct ZeroKernel: Kernel {
  let count: Int
  var implementation: String { "zero" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    Bound(place: memory.outputs[0], count: count)
  }

  private final class Bound: BoundKernel {
    private let place: UnsafeMutablePointer<Float>
    private let count: Int

    init(place: UnsafeMutablePointer<Float>, count: Int) { (self.place, self.count) = (place, count) }

    func run(_ context: RunContext) { place.update(repeating: 0, count: count) }
  }
}
