import CaffeCore
import CaffeFormat
import CaffeGraph

/// What of a net for training belongs into one for use: which layers stay, what comes in, and what the losses turn into.
struct DeployPlan {
  /// What becomes of a layer.
  enum Fate {
    case kept, dropped
    /// Gives way to an Input layer with these tops.
    case input([(blob: String, shape: Shape)])
    /// Gives way to a layer that computes what the loss compared.
    case prediction(PredictionLayer)
  }

  /// A loss and what it compares.
  private struct Loss {
    let node: Int
    let weight: Float
    /// Values with learned layers before them.
    let predictions: [Int]
    /// The others: labels.
    let labels: [Int]
  }

  /// Layers that compare a first bottom with labels, and compute nothing else.
  private static let scorers: Set = ["Accuracy", "SegAccuracy", "DetectionEvaluate"]

  private let survey: ShapeSurvey
  private let registry: LayerRegistry
  private var graph: NetGraph { survey.graph }
  /// Per layer of the graph.
  private(set) var fates: [Fate] = []
  /// What takes the place of losses that stand in the training phase alone, by the place of their layer in the file.
  private(set) var added: [Int: PredictionLayer] = [:]
  /// What was decided that may surprise.
  private(set) var notes: [String] = []

  /// - Throws: `Diagnostics` for data whose shape is not known: what it feeds cannot be judged.
  init(_ survey: ShapeSurvey, registry: LayerRegistry) throws(Diagnostics) {
    self.survey = survey
    self.registry = registry
    try checkShapes { Array($0.prefix(1)) }
    let learned = learnedValues()
    let losses = mainLosses(learned)
    let trainingLosses = losses.isEmpty ? self.trainingLosses() : []
    let roots = roots(losses, learned) + trainingLosses.map(\.value)
    guard !roots.isEmpty else {
      throw Diagnostics([
        Diagnostic("nothing that the net learns leads to a loss or an output; there is no net for use in it", at: nil)
      ])
    }
    let needed = neededValues(roots)
    try checkShapes { $0.filter { needed[$0] } }
    fates = graph.nodes.indices.map { fate(of: $0, needed: needed) }
    for loss in losses {
      let definition = graph.nodes[loss.node].definition
      if let value = loss.predictions.first, let layer = prediction(of: value, by: definition) {
        fates[loss.node] = .prediction(layer)
      }
    }
    for loss in trainingLosses { added[loss.place] = prediction(of: loss.value, by: loss.definition) }
  }

  /// Sees to it that some of the tops of each source have known shapes.
  private func checkShapes(of tops: ([Int]) -> [Int]) throws(Diagnostics) {
    for index in graph.nodes.indices where role(index) == .source {
      guard let top = tops(graph.nodes[index].tops).first(where: { survey.shapes[$0] == nil }) else { continue }
      let blob = graph.values[top].name
      throw Diagnostics([
        Diagnostic(
          "neither the file nor its data tells the shape of \"\(blob)\"; give it, as in --input-shape \(blob)=1,3,224,224",
          at: graph.nodes[index].definition.location)
      ])
    }
  }

  /// Losses that are no part of the net that tests, which look at a blob of it all the same.
  private func trainingLosses() -> [(place: Int, definition: LayerDefinition, value: Int)] {
    graph.definition.layers.enumerated().compactMap { place, layer in
      guard !layer.takesPart(in: graph.state), registry.type(of: layer)?.role == .loss, let bottom = layer.bottoms.first,
        let value = graph.value(named: bottom.name)
      else { return nil }
      return (place, layer, value)
    }
  }

  private func role(_ node: Int) -> LayerRole {
    registry.type(of: graph.nodes[node].definition)?.role ?? .compute
  }

  /// Per value: whether a layer with parameters lies before it.
  private func learnedValues() -> [Bool] {
    var learned = [Bool](repeating: false, count: graph.values.count)
    for (index, node) in graph.nodes.enumerated() {
      // A layer that is not known here may have some.
      let hasParameters = survey.layers[index].node.map { !$0.parameters.isEmpty } ?? (role(index) == .compute)
      let isLearned = hasParameters || node.bottoms.contains { learned[$0] }
      for top in node.tops { learned[top] = isLearned }
    }
    return learned
  }

  private func losses(_ learned: [Bool]) -> [Loss] {
    graph.nodes.indices.filter { role($0) == .loss }.map { index in
      let node = graph.nodes[index]
      let type = survey.layers[index].node?.layer
      let predictions = node.bottoms.enumerated().filter { place, value in
        learned[value] && type?.allowsGradient(toBottom: place) ?? true
      }
      let values = predictions.map(\.element)
      return Loss(
        node: index, weight: node.definition.lossWeights.first ?? 1, predictions: values,
        labels: node.bottoms.filter { !values.contains($0) })
    }
  }

  /// The losses without those of auxiliary classifiers: of the losses against one label, which count less than another.
  private mutating func mainLosses(_ learned: [Bool]) -> [Loss] {
    let all = losses(learned)
    return all.filter { loss in
      let rivals = all.filter { !$0.labels.isEmpty && $0.labels == loss.labels && type($0.node) == type(loss.node) }
      let largest = rivals.map(\.weight).max() ?? loss.weight
      guard loss.weight < largest else { return true }
      notes.append(
        "\(graph.nodes[loss.node].definition.title) counts \(NumberText.general(loss.weight)) where another counts "
          + "\(NumberText.general(largest)): left out")
      return false
    }
  }

  private func type(_ node: Int) -> String { graph.nodes[node].definition.type }

  /// The values that the net is for: what losses and scores look at, and outputs that no label goes into.
  private func roots(_ losses: [Loss], _ learned: [Bool]) -> [Int] {
    let scores = graph.nodes.filter { DeployPlan.scorers.contains($0.definition.type) && losses.isEmpty }
      .compactMap(\.bottoms.first)
    let tainted = taintedValues(self.losses(learned).flatMap(\.labels))
    let outputs = graph.outputs.filter { value in
      learned[value] && !tainted[value] && role(graph.values[value].producer.node) == .compute
        && !DeployPlan.scorers.contains(type(graph.values[value].producer.node))
    }
    return losses.flatMap(\.predictions) + scores + outputs
  }

  /// Per value: whether it is computed from one of those.
  private func taintedValues(_ values: [Int]) -> [Bool] {
    var tainted = [Bool](repeating: false, count: graph.values.count)
    for value in values { tainted[value] = true }
    for node in graph.nodes where node.bottoms.contains(where: { tainted[$0] }) {
      for top in node.tops { tainted[top] = true }
    }
    return tainted
  }

  /// Per value: whether one of the roots is computed from it.
  private func neededValues(_ roots: [Int]) -> [Bool] {
    var needed = [Bool](repeating: false, count: graph.values.count)
    for value in roots { needed[value] = true }
    for node in graph.nodes.reversed() where node.tops.contains(where: { needed[$0] }) {
      for bottom in node.bottoms { needed[bottom] = true }
    }
    return needed
  }

  private func fate(of index: Int, needed: [Bool]) -> Fate {
    let node = graph.nodes[index]
    let tops = node.tops.filter { needed[$0] }
    guard !tops.isEmpty else { return .dropped }
    let isWhole = tops.count == node.tops.count
    guard role(index) == .source || (role(index) == .input && !isWhole) else { return .kept }
    return .input(tops.map { (graph.values[$0].name, survey.shapes[$0] ?? []) })
  }

  /// The layer that computes what a loss makes of a value; nil where there is nothing to compute, or the net does it already.
  private func prediction(of value: Int, by loss: LayerDefinition) -> PredictionLayer? {
    guard let type = PredictionLayer.types[loss.type] else { return nil }
    let isThere = graph.nodes.indices.contains { index in
      guard case .kept = fates[index] else { return false }
      return self.type(index) == type && graph.nodes[index].bottoms == [value]
    }
    return isThere ? nil : PredictionLayer(of: loss, type: type, bottom: graph.values[value].name, name: freeName(for: loss))
  }

  private func freeName(for loss: LayerDefinition) -> String {
    var taken = Set(added.values.map(\.name))
    for (fate, node) in zip(fates, graph.nodes) {
      switch fate {
      case .kept, .input: taken.formUnion([node.definition.name] + node.tops.map { graph.values[$0].name })
      case .prediction(let layer): taken.insert(layer.name)
      case .dropped: break
      }
    }
    return ["prob", "\(loss.name)_prob"].first { !taken.contains($0) } ?? "\(loss.name)_prediction"
  }
}
