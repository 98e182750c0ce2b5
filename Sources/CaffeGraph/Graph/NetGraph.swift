import CaffeCore
import CaffeFormat

/// A net whose rules have been applied and whose blobs are values: each is written once, so in-place layers have a
/// version of their blob of their own. The second stage of the pipeline.
public struct NetGraph: Sendable {
  /// A blob at one point of the net.
  public struct Value: Sendable {
    /// The blob's name in the file; in-place layers make several values of one name.
    public let name: String
    /// The layer that makes it, and as which top.
    public let producer: (node: Int, top: Int)

    /// A loss that the file gave no top: it counts in the objective and is shown nowhere (Caffe's `(automatic)`).
    public var isAutomatic: Bool { name == Value.automaticName }
    static let automaticName = "(automatic)"
  }

  /// A layer and the values it joins.
  public struct Node: Sendable {
    public let definition: LayerDefinition
    public let phase: Phase
    public let bottoms: [Int]
    public let tops: [Int]
  }

  public let name: String
  /// Layers in the file's order, which is the order they run in.
  public let nodes: [Node]
  public let values: [Value]
  public let forceBackward: Bool
  public let state: NetState
  public let definition: NetDefinition
  /// What is odd but can be run, as Caffe runs it.
  public let warnings: Diagnostics

  /// Applies include and exclude rules and joins tops to bottoms.
  ///
  /// - Throws: `Diagnostics` with every unknown blob, doubly made blob and layer without a type.
  public init(_ definition: NetDefinition, state: NetState, registry: LayerRegistry) throws(Diagnostics) {
    var state = state
    // What the file asks for comes first; whoever builds the net adds to it.
    state.stage = definition.state.stage + state.stage
    if state.level == 0 { state.level = definition.state.level }
    var builder = Builder(state: state, registry: registry)
    for layer in definition.layers { builder.add(layer) }
    try builder.diagnostics.throwIfErrors()
    name = definition.name
    nodes = builder.nodes
    values = builder.values
    forceBackward = definition.forceBackward
    self.state = state
    self.definition = definition
    warnings = Diagnostics(definition.warnings.items + builder.diagnostics.items)
  }

  /// The value a blob's name stands for once the net has run: that of its last writer.
  ///
  /// The names of the Split layers' tops, which Caffe would have inserted, stand for the value that is split.
  public func value(named name: String) -> Int? {
    values.lastIndex { $0.name == name } ?? (name.contains("_split_") ? splits.first { $0.tops.contains(name) }?.value : nil)
  }

  /// The names of all blobs in the order in which they are first made.
  public var blobNames: [String] {
    var seen = Set<String>()
    return values.filter { !$0.isAutomatic }.map(\.name).filter { seen.insert($0).inserted }
  }

  /// The layers that read a value, with the bottom they read it as.
  public var consumers: [[(node: Int, bottom: Int)]] {
    var result = [[(node: Int, bottom: Int)]](repeating: [], count: values.count)
    for (index, node) in nodes.enumerated() {
      for (bottom, value) in node.bottoms.enumerated() { result[value].append((index, bottom)) }
    }
    return result
  }

  /// The values nobody reads, sorted by name: the net's outputs.
  public var outputs: [Int] {
    zip(values.indices, consumers).filter { $1.isEmpty && !values[$0].isAutomatic }.map(\.0).sorted {
      values[$0].name < values[$1].name
    }
  }
}

extension NetGraph {
  /// The NetParameter message of the layers that take part: what Caffe stores with trained weights.
  public var message: Message {
    var result = definition.message
    let kept = Set(definition.layers.indices.filter { definition.layers[$0].takesPart(in: state) })
    var layer = -1
    result.entries = result.entries.filter { entry in
      guard entry.field.name == "layer" else { return true }
      layer += 1
      return kept.contains(layer)
    }
    return result
  }
}

extension NetGraph {
  /// A Split layer as Caffe would insert it: shown wherever Caffe shows one, though sharing needs no layer here.
  public struct Split: Sendable, Equatable {
    public let name: String
    public let bottom: String
    public let tops: [String]
    /// The value that is split.
    public let value: Int
  }

  /// The Split layers that Caffe 1.0 would insert for values with several readers.
  public var splits: [Split] {
    let consumers = consumers
    return values.indices.compactMap { index in
      let value = values[index]
      let producer = nodes[value.producer.node].definition
      let weights = producer.lossWeights
      let isLoss = value.producer.top < weights.count && weights[value.producer.top] != 0
      let count = consumers[index].count + (isLoss ? 1 : 0)
      guard count > 1, !consumers[index].isEmpty else { return nil }
      let name = "\(value.name)_\(producer.name)_\(value.producer.top)_split"
      return Split(name: name, bottom: value.name, tops: (0..<count).map { "\(name)_\($0)" }, value: index)
    }
  }
}

extension NetGraph {
  private struct Builder {
    let state: NetState
    let registry: LayerRegistry
    var nodes: [Node] = []
    var values: [Value] = []
    var diagnostics = Diagnostics()
    private var current: [String: Int] = [:]
    private var names: [String: SourceLocation?] = [:]

    init(state: NetState, registry: LayerRegistry) {
      self.state = state
      self.registry = registry
    }

    mutating func add(_ layer: LayerDefinition) {
      if !layer.include.isEmpty, !layer.exclude.isEmpty {
        report("\(layer.title) has both include and exclude rules; use one kind", layer.location(ofField: "exclude"))
      }
      guard layer.takesPart(in: state) else { return }
      checkName(layer)
      let bottoms = layer.bottoms.compactMap { bottom($0, of: layer) }
      var layer = layer
      if layer.tops.isEmpty, registry.type(of: layer)?.role == .loss { layer.addAutomaticTop() }
      let tops = layer.tops.enumerated().compactMap { top($1, $0, of: layer) }
      nodes.append(Node(definition: layer, phase: layer.phase ?? state.phase ?? .TEST, bottoms: bottoms, tops: tops))
    }

    private mutating func checkName(_ layer: LayerDefinition) {
      if layer.type.isEmpty { report("layer \"\(layer.name)\" has no type", layer.location) }
      if let first = names.updateValue(layer.location, forKey: layer.name) {
        diagnostics.append(
          Diagnostic(
            "two layers are named \"\(layer.name)\"; stored weights go to the first", at: layer.location,
            hint: first.map { "first at \($0)" }, severity: .warning))
      }
    }

    private mutating func bottom(_ reference: LayerDefinition.BlobReference, of layer: LayerDefinition) -> Int? {
      if let value = current[reference.name] { return value }
      let near = nearest(to: reference.name, among: current.keys.sorted())
      let hint = near.map { name in
        let place = current[name].flatMap { nodes[values[$0].producer.node].definition.tops[values[$0].producer.top].location }
        return "nearest blob: \"\(name)\"" + (place.map { " (\($0))" } ?? "")
      }
      report("\(layer.title): bottom \"\(reference.name)\" is not produced by an earlier layer", reference.location, hint: hint)
      return nil
    }

    private mutating func top(_ reference: LayerDefinition.BlobReference, _ index: Int, of layer: LayerDefinition) -> Int? {
      let isInPlace = index < layer.bottoms.count && layer.bottoms[index].name == reference.name
      if let earlier = current[reference.name], !isInPlace, reference.name != Value.automaticName {
        let maker =
          nodes.count > values[earlier].producer.node ? nodes[values[earlier].producer.node].definition.title : layer.title
        report("\(layer.title): top \"\(reference.name)\" is already made by \(maker)", reference.location)
        return nil
      }
      values.append(Value(name: reference.name, producer: (nodes.count, index)))
      current[reference.name] = values.count - 1
      return values.count - 1
    }

    private mutating func report(_ message: String, _ location: SourceLocation?, hint: String? = nil) {
      diagnostics.append(Diagnostic(message, at: location, hint: hint))
    }
  }
}
