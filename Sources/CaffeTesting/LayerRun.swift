import CaffeCore
import CaffeGraph

/// A layer with memory of its own around it.
final class LayerRun {
  /// Which values of bottoms and tops backward gets to see.
  enum Sight {
    case everything
    case declared
  }

  private let net: CheckedNet
  private let bottoms, tops, weights, saved, state, scratch: [TensorView]
  private var memory: [UnsafeMutablePointer<Float>] = []
  private let parameters: [Tensor]
  private var signature: LayerSignature { net.node.signature }

  /// - Parameters:
  ///   - rubbish: what lies in memory before the layer writes it.
  ///   - inPlace: lets the first top lie over the first bottom.
  init(_ net: CheckedNet, rubbish: Float, inPlace: Bool = false) {
    self.net = net
    parameters = net.node.parameters.map(net.parameter)
    var memory: [UnsafeMutablePointer<Float>] = []
    func view(_ shape: Shape, _ values: Tensor? = nil) -> TensorView { LayerRun.view(shape, values, rubbish, &memory) }
    let names = net.node.bottoms.map { net.graph.graph.values[$0].name }
    let bottoms = names.map { view(net.shapes[$0] ?? [], net.inputs[$0]) }
    self.bottoms = bottoms
    tops = net.node.signature.tops.enumerated().map { index, shape in
      inPlace && index == 0 ? TensorView(shape, bottoms[0].pointer) : view(shape)
    }
    weights = zip(net.node.signature.weights, parameters).map { view($0.shape, $1) }
    saved = net.node.signature.saved.map { view($0) }
    state = net.node.signature.state.map { view($0, Tensor($0)) }
    scratch = net.node.signature.scratch.map { view($0) }
    self.memory = memory
  }

  deinit { for pointer in memory { pointer.deallocate() } }

  private static func view(
    _ shape: Shape, _ values: Tensor?, _ rubbish: Float, _ memory: inout [UnsafeMutablePointer<Float>]
  ) -> TensorView {
    let pointer = UnsafeMutablePointer<Float>.allocate(capacity: max(1, shape.count))
    pointer.initialize(repeating: rubbish, count: max(1, shape.count))
    if let values { for (index, value) in values.values.enumerated() { pointer[index] = value } }
    memory.append(pointer)
    return TensorView(shape, pointer)
  }

  func forward() {
    let random = RandomStream(seed: 1701, path: 5)
    net.node.layer.forward(
      ForwardIO(bottoms: bottoms, tops: tops, weights: weights, saved: saved, state: state, scratch: scratch, random: random))
  }

  /// What forward has left behind.
  var afterForward: [String: Tensor] {
    LayerRun.named("top", tops).merging(LayerRun.named("saved buffer", saved)) { a, _ in a }
      .merging(LayerRun.named("parameter", weights)) { a, _ in a }.merging(LayerRun.named("state", state)) { a, _ in a }
  }

  private static func named(_ name: String, _ views: [TensorView]) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: views.enumerated().map { ("\(name) \($0)", tensor($1)) })
  }

  private static func tensor(_ view: TensorView) -> Tensor {
    Tensor(view.shape) { for index in $0.indices { $0[index] = view[index] } }
  }

  /// Runs backward after this forward.
  ///
  /// - Parameters:
  ///   - start: what the gradients of parameters are added to.
  ///   - inPlace: lets the first bottom's gradient lie over the first top's.
  /// - Returns: the gradients.
  func backward(reading sight: Sight, rubbish: Float = 0, startingAt start: Float = 0, inPlace: Bool = false) -> [String: Tensor]
  {
    var memory: [UnsafeMutablePointer<Float>] = []
    defer { for pointer in memory { pointer.deallocate() } }
    func view(_ shape: Shape, _ values: Tensor? = nil, filledWith: Float? = nil) -> TensorView {
      LayerRun.view(shape, values, filledWith ?? rubbish, &memory)
    }
    func seen(_ views: [TensorView], _ read: (Int) -> BackwardRead) -> [TensorView] {
      views.enumerated().map { index, value in
        sight == .everything || signature.backwardReads.contains(read(index)) ? value : view(value.shape)
      }
    }
    let topDiffs = tops.enumerated().map { view($1.shape, topDiff($0)) }
    let propagates = net.graph.gradients.propagates.last ?? []
    let bottomDiffs = bottoms.enumerated().map { index, bottom -> TensorView? in
      guard propagates[index] else { return nil }
      return inPlace && index == 0 ? TensorView(bottom.shape, topDiffs[0].pointer) : view(bottom.shape)
    }
    let weightDiffs = net.node.parameters.enumerated().map { index, parameter -> TensorView? in
      net.graph.gradients.parameters[parameter] ? view(weights[index].shape, filledWith: start) : nil
    }
    net.node.layer.backward(
      BackwardIO(
        bottoms: seen(bottoms) { .bottom($0) }, tops: seen(tops) { .top($0) }, topDiffs: topDiffs, bottomDiffs: bottomDiffs,
        weights: weights, weightDiffs: weightDiffs, saved: saved, scratch: signature.scratch.map { view($0) }))
    return LayerRun.gradients("bottom", bottomDiffs).merging(LayerRun.gradients("parameter", weightDiffs)) { a, _ in a }
  }

  private func topDiff(_ index: Int) -> Tensor {
    let name = net.graph.graph.values[net.node.tops[index]].name
    return net.seeds[name] ?? Tensor(signature.tops[index], repeating: net.node.lossWeights[index])
  }

  private static func gradients(_ name: String, _ views: [TensorView?]) -> [String: Tensor] {
    let pairs = views.enumerated().compactMap { index, view in view.map { ("\(name) \(index)", tensor($0)) } }
    return Dictionary(uniqueKeysWithValues: pairs)
  }
}
