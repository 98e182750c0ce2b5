import CaffeGraph

/// Lets one kernel compute the 1x1 convolutions that read the same blob, where a backend has one: each part of the blob is read once, and
/// threads meet once. All outputs exist at once then, so that there is a bound to their size.
enum JoinSiblings {
  static func run(_ program: inout Program, _ backends: [any Backend], _ options: PlanOptions) {
    // Later levels take their operations from the graph as it is.
    guard program.purpose == .inference, program.levels.allSatisfy({ $0 == 0 }) else { return }
    var families: [Family: [Int]] = [:]
    for (index, operation) in program.operations.enumerated() {
      if let family = Family(operation) { families[family, default: []].append(index) }
    }
    var absorbed: Set<Int> = []
    for places in families.values where places.count > 1 {
      let joined = program.operations[places[0]].joined(with: places.dropFirst().map { program.operations[$0] })
      let outputs = joined.outputs.reduce(0) { $0 + program.shape($1).count }
      guard outputs <= most * program.shape(joined.inputs[0]).count, joined.hasKernel(in: program, backends, options) else {
        continue
      }
      program.operations[places[0]] = joined
      absorbed.formUnion(places.dropFirst())
    }
    program.remove(absorbed)
  }

  /// How many times as large as what they read the outputs of siblings are together at most: those of Inception modules are up to 1.2.
  private static let most = 2

  /// What siblings have in common: they read the same pixels of the same blob.
  private struct Family: Hashable {
    let input: Int
    let stride: [Int]

    /// nil for what is no 1x1 convolution, is joined already, or adds something.
    init?(_ operation: Program.Operation) {
      guard case .convolution(let geometry)? = operation.signature.primitive, geometry.kernel == [1, 1], geometry.pad == [0, 0],
        geometry.group == 1, operation.parts.isEmpty, operation.inputs.count == 1, operation.outputs.count == 1
      else { return nil }
      input = operation.inputs[0]
      stride = geometry.stride
    }
  }
}
