import CaffeCore
import CaffeFormat

/// What a plan is for.
public enum Purpose: Sendable, Hashable {
  /// Forward only; memory is reused as soon as a value has been read.
  case inference
  /// Forward, then the gradients that the graph needs.
  case training
}

/// The operations of a net in the order they run: what passes rewrite and the planner turns into kernels. The fourth
/// stage of the pipeline.
public struct Program: Sendable {
  /// One step forward, and where the purpose asks for it its step back.
  public struct Operation: Sendable {
    /// The layer it came from; after fusion the first of them, of operations that are joined the first of the last.
    public let node: Int
    /// The names of all layers it stands for.
    public var names: [String]
    public fileprivate(set) var layer: any Layer
    public fileprivate(set) var signature: LayerSignature
    public var inputs: [Int]
    public var outputs: [Int]
    public var weights: [WeightSource]
    /// The operations that one kernel computes, each as it was by itself, in the order of weights; none where nothing is joined.
    public private(set) var parts: [Operation] = []
    /// Whether the last input is no bottom of the layer's, but added to the first output, before a ReLU.
    public var addsLastInput = false
    /// The slope of a ReLU applied to the first output.
    public var relu: Float?

    /// `conv1 + relu1`, or of siblings `conv1 + relu1, conv2 + relu2`
    public var title: String {
      areSiblings ? parts.map(\.title).joined(separator: ", ") : names.joined(separator: " + ")
    }

    /// Whether the parts read the same input, and not one what the other makes.
    public var areSiblings: Bool { parts.count > 1 && parts[0].inputs == parts[1].inputs }

    /// The operation preceded by one whose output is its first input, to be computed by one kernel.
    public func joined(to first: Operation) -> Operation {
      var result = self
      result.parts = [first, self]
      result.names = first.names + names
      result.weights = first.weights + weights
      result.inputs.replaceSubrange(0..<1, with: first.inputs)
      return result
    }

    /// The operation and others of the same input, to be computed by one kernel.
    public func joined(with siblings: [Operation]) -> Operation {
      var result = self
      result.parts = [self] + siblings
      result.names = result.parts.flatMap(\.names)
      result.weights = result.parts.flatMap(\.weights)
      result.outputs = result.parts.flatMap(\.outputs)
      return result
    }
  }

  public private(set) var graph: ShapedGraph
  public let purpose: Purpose
  public var operations: [Operation]
  /// Values whose content a person asked for: they are kept and no pass may lose them.
  public let observed: Set<Int>
  /// Values to which the caller gives gradients: no pass may lose them either.
  public var seeds: Set<Int> = []
  /// Values that are other values under a second name.
  public private(set) var renamed: [Int: Int] = [:]
  /// Values that passes have added behind the graph's: for each the value of the graph that is made of it, of the same shape.
  private var added: [Int] = []
  /// Which of the program's levels is meant: see `levels`.
  public var level = 0

  /// - Parameter blobs: names to keep beside the outputs and losses of the net; nil keeps every blob.
  public init(_ graph: ShapedGraph, purpose: Purpose, observing blobs: Set<String>? = []) {
    let names = blobs ?? Set(graph.graph.blobNames)
    self.graph = graph
    self.purpose = purpose
    let losses = graph.nodes.flatMap { node in zip(node.tops, node.lossWeights).filter { $1 != 0 }.map(\.0) }
    let kept = graph.nodes.filter { $0.role == .sink }.flatMap(\.bottoms)
    observed = Set(graph.graph.outputs + losses + kept + names.compactMap { graph.graph.value(named: $0) })
    operations = graph.nodes.enumerated().compactMap { index, node in
      guard node.role == .compute || node.role == .loss else { return nil }
      return Operation(
        node: index, names: [node.definition.name], layer: node.layer, signature: node.signature, inputs: node.bottoms,
        outputs: node.tops, weights: node.parameters.map { .parameter($0) })
    }
  }

  /// The same operations once tops of varying shape have got these shapes, by value.
  ///
  /// - Throws: `Diagnostics` when what reads them cannot take such shapes.
  public func reshaped(_ varying: [Int: Shape]) throws(Diagnostics) -> Program {
    var result = self
    result.graph = try graph.reshaped(varying)
    for index in operations.indices {
      let node = result.graph.nodes[operations[index].node]
      result.operations[index].layer = node.layer
      result.operations[index].signature = node.signature
    }
    return result
  }

  /// The value that holds the content of `value` once passes have run.
  public func resolved(_ value: Int) -> Int {
    var value = value
    while let other = renamed[value] { value = other }
    return value
  }

  /// Lets every reader of `value` read `other` instead.
  public mutating func rename(_ value: Int, to other: Int) {
    renamed[value] = other
    for index in operations.indices {
      operations[index].inputs = operations[index].inputs.map { $0 == value ? other : $0 }
    }
  }

  /// How often each value is read by operations.
  public var readCounts: [Int: Int] {
    var counts: [Int: Int] = [:]
    for operation in operations { for input in operation.inputs { counts[input, default: 0] += 1 } }
    return counts
  }

  /// By value, the place of the operation that makes it.
  public var makers: [Int: Int] {
    var makers: [Int: Int] = [:]
    for (index, operation) in operations.enumerated() { for output in operation.outputs { makers[output] = index } }
    return makers
  }

  /// Takes out the operations at some places.
  public mutating func remove(_ places: Set<Int>) {
    operations = operations.indices.filter { !places.contains($0) }.map { operations[$0] }
  }

  /// Whether anybody but the next operation may look at a value.
  public func isPrivate(_ value: Int, readCounts: [Int: Int]) -> Bool {
    readCounts[value] == 1 && !observed.union(seeds).contains { resolved($0) == value }
  }

  /// The shape of a value, also of one that a pass has added.
  public func shape(_ value: Int) -> Shape { graph.shapes[origin(value)] }
  /// The name of the blob that a value is, or is on the way to.
  public func name(_ value: Int) -> String { graph.graph.values[origin(value)].name }

  /// The value itself, or the one of the graph that a value added by a pass is on the way to.
  public func origin(_ value: Int) -> Int { value < graph.shapes.count ? value : added[value - graph.shapes.count] }

  var valueCount: Int { graph.shapes.count + added.count }

  /// Moves an operation behind the one that reads its output: what that one makes of the input goes through the operation afterwards.
  ///
  /// - Parameters:
  ///   - operation: works on each element by itself.
  ///   - reader: the one that reads it, and nothing else; has one output.
  public mutating func move(_ operation: Int, behind reader: Int) {
    let (input, output) = (operations[operation].inputs, operations[reader].outputs)
    guard let signature = try? operations[operation].layer.signature(of: output.map(shape)) else { return }
    let between = valueCount
    added.append(origin(output[0]))
    operations[operation].signature = signature
    operations.swapAt(operation, reader)  // each index stands for the other one from here on
    (operations[operation].inputs, operations[operation].outputs) = (input, [between])
    (operations[reader].inputs, operations[reader].outputs) = ([between], output)
  }

  /// The shapes of an operation's weights.
  public func weightShapes(_ operation: Operation) -> [Shape] {
    guard operation.parts.isEmpty else { return operation.parts.flatMap(weightShapes) }
    return operation.weights.indices.map { index in
      if index < operation.signature.weights.count { return operation.signature.weights[index].shape }
      return shape(operation.outputs[0]).rank > 1 ? [shape(operation.outputs[0])[1]] : []  // a folded bias
    }
  }

  /// Whether gradients flow into an operation's input.
  public func propagates(_ operation: Operation, input: Int) -> Bool {
    purpose == .training && graph.gradients.runsBackward[operation.node] && graph.gradients.propagates[operation.node][input]
  }
}

/// Where an operation's weights come from.
public enum WeightSource: Hashable, Sendable {
  case parameter(Int)
  /// The filters or the bias of a convolution, or the factors or the bias of a Scale, with a BatchNorm worked in.
  case folded(FoldedAffine, part: FoldedAffine.Part)

  /// The parameters that it is made of.
  public var parameters: [Int] {
    switch self {
    case .parameter(let index): [index]
    case .folded(let folded, _): folded.parameters
    }
  }
}

/// y = conv(x) · a + b per channel, made one convolution: filters · a and bias · a + b, with
/// a = scale / √(variance + eps) and b = shift − mean · a. Parameters by index; nil where a layer or a term is absent, and where there
/// is no convolution, which leaves a and b.
public struct FoldedAffine: Hashable, Sendable {
  public enum Part: Sendable { case filters, bias }
  public struct Statistics: Hashable, Sendable {
    public let mean: Int
    public let variance: Int
    public let factor: Int
    public let eps: Float
  }
  public var filters: Int?
  public var bias: Int?
  public var statistics: Statistics?
  public var scale: Int?
  public var shift: Int?
  public var outputs: Int

  public init(filters: Int?, bias: Int?, outputs: Int) {
    self.filters = filters
    self.bias = bias
    self.outputs = outputs
  }

  /// All parameters that take part.
  public var parameters: [Int] {
    [filters, bias, statistics?.mean, statistics?.variance, statistics?.factor, scale, shift].compactMap { $0 }
  }

  /// The same with stored statistics worked in.
  public func normalized(mean: Int, variance: Int, factor: Int, eps: Float) -> FoldedAffine {
    var result = self
    result.statistics = Statistics(mean: mean, variance: variance, factor: factor, eps: eps)
    return result
  }
}
