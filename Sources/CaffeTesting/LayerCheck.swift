import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeOneDNN
import CaffePlan

/// Checks all that can be said about a layer without knowing what it computes.
///
/// What is wrong with a layer is thrown, all of it at once, and so shown by the test that asks:
///
/// ```swift
/// @Test("keeps the contract of layers")
/// func contract() throws {
///   try LayerCheck.all(LayerCheck.net("type: 'ReLU'", ["x": [2, 3, 4]]), kinks: [0])
/// }
/// ```
public struct LayerCheck: Sendable {
  /// The net: Input layers and one layer that they feed.
  public let net: String
  /// The phase the net is built for.
  public var phase = Phase.TRAIN
  /// What to put into inputs; −2…2 where nothing is said.
  public var values: [String: SampleValues] = [:]
  /// Points at which the layer has no derivative: gradients closer than two steps are not looked at.
  public var kinks: [Float] = []
  /// Outputs whose gradients the layer does not use.
  public var unseeded: Set<String> = []
  /// How many other shapes, drawn at random, the backends are compared on as well.
  public var otherShapes = 3
  /// The layers that the net's text may use.
  public var registry = LayerRegistry.standard
  /// The backends to compare with the reference.
  public var backends: [any Backend]

  /// - Parameter net: the text of the net.
  /// - Throws: `OneDNNError` when the library behind the fast backend cannot start.
  public init(_ net: String) throws {
    self.net = net
    backends = [try OneDNNBackend(), SharingBackend(worth: 4)]
  }

  /// The text of a net of one layer.
  ///
  /// - Parameters:
  ///   - layer: what stands in the layer's message beside its name, bottoms and tops.
  ///   - inputs: the layer's bottoms in order, with their shapes.
  public static func net(_ layer: String, _ inputs: KeyValuePairs<String, Shape>, tops: [String] = ["y"]) -> String {
    let sources = inputs.map { name, shape in
      let dims = shape.dims.map { "dim: \($0)" }.joined(separator: " ")
      return "layer { name: 'in \(name)' type: 'Input' top: '\(name)' input_param { shape { \(dims) } } }\n"
    }
    let blobs = inputs.map { "bottom: '\($0.key)'" } + tops.map { "top: '\($0)'" }
    return sources.joined() + "layer { name: 'layer' \(blobs.joined(separator: " ")) \(layer) }\n"
  }

  /// Runs every check: shapes, gradients by differences, all backends against the reference, text and binary form, what
  /// backward reads, and whether the layer may work in place where it says so.
  ///
  /// - Throws: `UnsoundLayer` with all that is wrong, `Diagnostics` when the net cannot be built, or what running it
  ///   reports.
  public static func all(
    _ net: String, phase: Phase = .TRAIN, values: [String: SampleValues] = [:], kinks: [Float] = [], unseeded: Set<String> = [],
    registry: LayerRegistry = .standard
  ) throws {
    var check = try LayerCheck(net)
    check.phase = phase
    check.values = values
    check.kinks = kinks
    check.unseeded = unseeded
    check.registry = registry
    let failures = try check.failures()
    if !failures.isEmpty { throw UnsoundLayer(failures: failures) }
  }

  /// Runs every check, as `all` does, with these settings.
  ///
  /// - Returns: what is wrong; nothing for a sound layer.
  /// - Throws: `Diagnostics` when the net cannot be built, or what running it reports.
  public func failures() throws -> [String] {
    let given = try CheckedNet(self, shapes: [:])
    return try roundTrip(given) + GradientCheck(given).failures() + contract(given) + agreement(given)
  }

  private func agreement(_ given: CheckedNet) throws -> [String] {
    try ([given] + RandomShapes.nets(like: given, count: otherShapes)).flatMap { net in
      try backends.flatMap { try BackendAgreement(net: net, backend: $0).failures() }
    }
  }

  private func roundTrip(_ given: CheckedNet) throws -> [String] {
    try RoundTrip(definition: given.node.definition, net: given.graph.graph.definition.message, registry: registry).failures()
  }

  private func contract(_ given: CheckedNet) throws -> [String] { try LayerContract(given).failures() }
}

/// A layer that does not keep the contract.
public struct UnsoundLayer: Error, Sendable, CustomStringConvertible {
  /// What is wrong, one sentence each.
  public let failures: [String]
  /// The first of them, one a line.
  public var description: String {
    let rest = failures.count > 12 ? ["and \(failures.count - 12) more"] : []
    return (failures.prefix(12) + rest).joined(separator: "\n")
  }
}
