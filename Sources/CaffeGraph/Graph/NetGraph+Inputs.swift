import CaffeCore

extension NetGraph {
  /// The names of blobs whose content comes from outside: tops of Input layers and of data sources.
  public func inputNames(_ registry: LayerRegistry) -> [String] {
    nodes.filter { [.input, .source].contains(registry.type(of: $0.definition)?.role) }.flatMap { $0.definition.tops.map(\.name) }
  }

  /// What is wrong with the names of inputs that somebody gives shapes for.
  public static func problems(ofInputs names: some Sequence<String>, among inputs: [String]) -> Diagnostics {
    let known = inputs.isEmpty ? "the net has no inputs" : "the net's inputs are \(inputs.joined(separator: ", "))"
    return Diagnostics(
      names.sorted().filter { !inputs.contains($0) }.map { name in
        Diagnostic(
          "a shape is given for \"\(name)\", which is no input; \(known)",
          hint: nearest(to: name, among: inputs).map { "did you mean \"\($0)\"?" })
      })
  }
}
