import CaffeCore
import CaffeFormat

/// Walks a graph in order and works out the shapes, collecting what is wrong.
struct ShapedGraphBuilder {
  let graph: NetGraph
  let registry: LayerRegistry
  let inputs: [String: Shape]
  /// Whether whoever builds the net may be asked for shapes.
  let canAskForShapes: Bool
  let sources: ShapedGraph.SourceShapes
  /// Whether a shape that the file leaves open is noted and passed over instead of ending the work.
  var toleratesUnknown = false
  /// The shapes that tops of varying shape have got, by value.
  var varying: [Int: Shape] = [:]
  var nodes: [ShapedGraph.Node?] = []
  var shapes: [Shape?]
  var table = ParameterTable()
  var diagnostics = Diagnostics()

  init(graph: NetGraph, registry: LayerRegistry, inputs: [String: Shape]?, sources: @escaping ShapedGraph.SourceShapes) {
    self.graph = graph
    self.registry = registry
    self.inputs = inputs ?? [:]
    canAskForShapes = inputs != nil
    self.sources = sources
    shapes = [Shape?](repeating: nil, count: graph.values.count)
    let wrong = NetGraph.problems(ofInputs: self.inputs.keys, among: graph.inputNames(registry))
    diagnostics.append(contentsOf: wrong)
  }

  mutating func add(_ index: Int) {
    let node = graph.nodes[index]
    nodes.append(nil)
    guard let type = registry.type(of: node.definition) else { return reportUnknownType(node.definition) }
    guard countsFit(node.definition, type), let layer = make(type, node), let signature = signature(layer, type, node) else {
      return
    }
    for (top, shape) in zip(node.tops, signature.tops) { shapes[top] = varying[top] ?? shape }
    let parameters = table.add(signature.weights, of: node.definition, node: index, diagnostics: &diagnostics)
    nodes[index] = ShapedGraph.Node(
      definition: node.definition, phase: node.phase, layer: layer, role: type.role, signature: signature, bottoms: node.bottoms,
      tops: node.tops, parameters: parameters, lossWeights: lossWeights(node.definition, type))
  }

  private mutating func reportUnknownType(_ definition: LayerDefinition) {
    guard !definition.type.isEmpty else { return }
    let near = nearest(to: definition.type, among: registry.typeNames)
    report(
      "layer \"\(definition.name)\": there is no layer type \"\(definition.type)\"", definition.location(ofField: "type"),
      hint: near.map { "did you mean \"\($0)\"?" },
      severity: toleratesUnknown && registry.schema.allowsUnknown ? .warning : .error)
  }

  private mutating func countsFit(_ definition: LayerDefinition, _ type: any Layer.Type) -> Bool {
    let before = diagnostics.count
    check(definition.bottoms.count, type.bottoms, "bottom", definition)
    check(definition.tops.count, type.tops, "top", definition)
    if !definition.lossWeights.isEmpty, definition.lossWeights.count != definition.tops.count {
      report(
        "\(definition.title) has \(definition.tops.count) top(s) and \(definition.lossWeights.count) loss_weight(s); give none or one per top",
        definition.location(ofField: "loss_weight"))
    }
    if !definition.propagateDown.isEmpty, definition.propagateDown.count != definition.bottoms.count {
      report(
        "\(definition.title) has \(definition.bottoms.count) bottom(s) and \(definition.propagateDown.count) propagate_down; give none or one per bottom",
        definition.location(ofField: "propagate_down"))
    }
    return diagnostics.count == before
  }

  private mutating func check(_ count: Int, _ range: ClosedRange<Int>, _ what: String, _ definition: LayerDefinition) {
    guard !range.contains(count) else { return }
    let wanted =
      range.lowerBound == range.upperBound
      ? "\(range.lowerBound)"
      : range.upperBound == Int.max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    let place = count == 0 ? definition.location : definition.location(ofField: what)
    report("\(definition.title) takes \(wanted) \(what)(s), \(count) given", place)
  }

  private mutating func make(_ type: any Layer.Type, _ node: NetGraph.Node) -> (any Layer)? {
    func open<L: Layer>(_ type: L.Type) throws(LayerError) -> any Layer {
      try LayerRegistry.make(
        type, in: LayerContext(definition: node.definition, phase: node.phase, dialect: registry.dialect))
    }
    do throws(LayerError) { return try open(type) } catch {
      report(
        "\(node.definition.title): \(error)",
        error.field.map { node.definition.location(ofField: $0) } ?? node.definition.location)
      return nil
    }
  }

  private mutating func signature(_ layer: any Layer, _ type: any Layer.Type, _ node: NetGraph.Node) -> LayerSignature? {
    let bottoms = node.bottoms.compactMap { shapes[$0] }
    guard bottoms.count == node.definition.bottoms.count else { return nil }  // what is wrong was reported where it arose
    do {
      var signature = try layer.signature(of: bottoms)
      if type.role == .input || type.role == .source {
        let given = node.definition.tops.first.flatMap { inputs[$0.name] }.map { layer.tops(givenFirst: $0) } ?? []
        signature.tops = try sourceShapes(
          type.role, node, declared: given.isEmpty ? signature.tops : given, isGiven: !given.isEmpty)
      }
      try checkCounts(signature)
      guard fillersFit(signature, node.definition) else { return nil }
      return signature
    } catch {
      let shapes =
        bottoms.isEmpty
        ? "" : " (bottoms: \(zip(node.definition.bottoms, bottoms).map { "\($0.name) \($1)" }.joined(separator: ", ")))"
      let isUnknown = toleratesUnknown && (error as? ShapeError)?.isUnknown == true
      report("\(node.definition.title): \(error)\(shapes)", node.definition.location, severity: isUnknown ? .note : .error)
      return nil
    }
  }

  /// Layers need not guard their arithmetic: what is too large is found here, before anything is allocated.
  private func checkCounts(_ signature: LayerSignature) throws(ShapeError) {
    for shape in signature.tops + signature.weights.map(\.shape) + signature.saved + signature.state + signature.scratch {
      _ = try Shape(validating: shape.dims)
    }
  }

  private func sourceShapes(_ role: LayerRole, _ node: NetGraph.Node, declared: [Shape], isGiven: Bool) throws -> [Shape] {
    let names = node.definition.tops.map(\.name)
    if names.allSatisfy({ inputs[$0] != nil }) { return names.compactMap { inputs[$0] } }
    let own = role == .source && !isGiven ? try shapesOfData(node.definition, declared: declared) : declared
    guard own.count == names.count else {
      throw ShapeError(
        "the shape of top \"\(names[min(own.count, names.count - 1)])\" is not known; give input_param { shape }"
          + (canAskForShapes ? " or --input-shape" : ""),
        isUnknown: true)
    }
    return zip(names, own).map { inputs[$0] ?? $1 }
  }

  /// From the data where it can be read, else what the layer's own fields say.
  private func shapesOfData(_ definition: LayerDefinition, declared: [Shape]) throws(ShapeError) -> [Shape] {
    do { return try sources(definition) } catch {
      if !declared.isEmpty { return declared }
      if let error = error as? ShapeError, error.isUnknown { throw error }
      let top = definition.tops.first?.name ?? ""
      throw ShapeError(
        "\(error); the shape of \"\(top)\" is not known without it"
          + (canAskForShapes ? ": give --input-shape" : ""), isUnknown: true)
    }
  }

  private mutating func fillersFit(_ signature: LayerSignature, _ definition: LayerDefinition) -> Bool {
    let before = diagnostics.count
    for (index, weight) in signature.weights.enumerated() {
      if let problem = Filler.problem(weight.filler, for: weight.shape) {
        report("\(definition.title), parameter \(index): \(problem)", definition.location(ofFiller: index))
      }
    }
    return diagnostics.count == before
  }

  private func lossWeights(_ definition: LayerDefinition, _ type: any Layer.Type) -> [Float] {
    if !definition.lossWeights.isEmpty { return definition.lossWeights }
    var weights = [Float](repeating: 0, count: definition.tops.count)
    if type.role == .loss, !weights.isEmpty { weights[0] = 1 }
    return weights
  }

  private mutating func report(
    _ message: String, _ location: SourceLocation?, hint: String? = nil, severity: Diagnostic.Severity = .error
  ) {
    diagnostics.append(Diagnostic(message, at: location, hint: hint, severity: severity))
  }
}
