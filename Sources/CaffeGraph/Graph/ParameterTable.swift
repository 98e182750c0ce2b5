import CaffeCore
import CaffeFormat

/// The parameters of a net while it is walked: the first layer that names a shared one owns it.
struct ParameterTable {
  private(set) var parameters: [Parameter] = []
  private var owners: [String: Int] = [:]

  /// Enters the weights of a layer.
  ///
  /// - Returns: the index in `parameters` of each.
  mutating func add(
    _ weights: [WeightSpec], of definition: LayerDefinition, node: Int, diagnostics: inout Diagnostics
  ) -> [Int] {
    if definition.params.count > weights.count {
      diagnostics.append(
        Diagnostic(
          "\(definition.title) has \(weights.count) parameter(s) but \(definition.params.count) param messages",
          at: definition.location(ofParam: weights.count)))
    }
    return weights.indices.map { index in
      let spec = index < definition.params.count ? definition.params[index] : ParamSpec()
      if weights[index].role == .statistic, let lr = spec.lrMult, lr != 0 {
        diagnostics.append(
          Diagnostic(
            "\(definition.title): parameter \(index) is a statistic, its lr_mult must be 0",
            at: definition.location(ofParam: index)))
      }
      if let name = spec.name, !name.isEmpty, let owner = owners[name] {
        share(owner, weights[index], spec, definition, at: definition.location(ofParam: index), &diagnostics)
        return owner
      }
      return insert(weights[index], index, spec, definition, node)
    }
  }

  private mutating func insert(
    _ weight: WeightSpec, _ index: Int, _ spec: ParamSpec, _ definition: LayerDefinition, _ node: Int
  ) -> Int {
    let isLearned = weight.role == .learned
    let name = spec.name.flatMap { $0.isEmpty ? nil : $0 }
    parameters.append(
      Parameter(
        layer: definition.name, index: index, shape: weight.shape, filler: weight.filler, role: weight.role, sharedName: name,
        lrMult: isLearned ? spec.lrMult ?? 1 : 0, decayMult: isLearned ? spec.decayMult ?? 1 : 0,
        isMultGiven: (spec.lrMult != nil, spec.decayMult != nil), users: 1, node: node))
    if let name { owners[name] = parameters.count - 1 }
    return parameters.count - 1
  }

  private mutating func share(
    _ owner: Int, _ weight: WeightSpec, _ spec: ParamSpec, _ definition: LayerDefinition, at place: SourceLocation?,
    _ diagnostics: inout Diagnostics
  ) {
    let shared = parameters[owner]
    let fits = spec.shareMode == .PERMISSIVE ? shared.shape.count == weight.shape.count : shared.shape == weight.shape
    if !fits {
      diagnostics.append(
        Diagnostic(
          "\(definition.title) shares \"\(spec.name ?? "")\" with layer \"\(shared.layer)\", "
            + "but needs \(weight.shape) where that has \(shared.shape)", at: place))
    }
    if weight.role == .learned {
      adopt(spec.lrMult, "lr_mult", \.lrMult, \.isMultGiven.lr, owner, at: place, &diagnostics)
      adopt(spec.decayMult, "decay_mult", \.decayMult, \.isMultGiven.decay, owner, at: place, &diagnostics)
    }
    parameters[owner].users += 1
  }

  /// Of the layers that share a parameter any may give a multiplier, but all that do must give the same.
  private mutating func adopt(
    _ value: Float?, _ field: String, _ property: WritableKeyPath<Parameter, Float>, _ isGiven: WritableKeyPath<Parameter, Bool>,
    _ owner: Int, at place: SourceLocation?, _ diagnostics: inout Diagnostics
  ) {
    guard let value else { return }
    let shared = parameters[owner]
    if shared[keyPath: isGiven], shared[keyPath: property] != value {
      diagnostics.append(
        Diagnostic(
          "shared parameter \"\(shared.sharedName ?? "")\" has \(field) \(value) here, but \(shared[keyPath: property]) before "
            + "(its owner is layer \"\(shared.layer)\")", at: place))
    } else {
      parameters[owner][keyPath: property] = value
      parameters[owner][keyPath: isGiven] = true
    }
  }
}
