import CaffeCore
import CaffeGraph
import CaffePlan

/// Compares a backend with the reference: outputs, every gradient, and the statistics that forward changes.
struct BackendAgreement {
  let net: CheckedNet
  let backend: any Backend

  func failures() throws -> [String] {
    let shapes = net.shapes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    let title = "\(backend.name) on \(shapes): "
    let answers = try [Purpose.inference, .training].flatMap { purpose -> [String] in
      Tolerance().mismatches(try values([backend], purpose), try values([], purpose), title)
    }
    return answers
  }

  /// Everything a pass leaves behind, by what it is.
  private func values(_ backends: [any Backend], _ purpose: Purpose) throws -> [String: Tensor] {
    let session = try net.session(backends, purpose: purpose)
    try session.forward()
    var values: [String: Tensor] = [:]
    for value in net.graph.graph.outputs { values["top \(net.graph.graph.values[value].name)"] = session.output(ofValue: value) }
    for (index, spec) in net.graph.parameters.enumerated() where spec.role == .statistic {
      values["parameter \(spec.index)"] = try session.weights.tensor(ofParameter: index)
    }
    guard purpose == .training, net.graph.gradients.hasGradient else { return values }
    for (name, seed) in net.seeds { try session.setOutputDiff(name, seed) }
    try session.backward()
    for name in net.inputs.keys { values["gradient of \(name)"] = session.inputDiff(name) }
    for (index, spec) in net.graph.parameters.enumerated() {
      values["gradient of parameter \(spec.index)"] = try session.weights.diff(ofParameter: index)
    }
    return values
  }
}

/// Other shapes that a layer takes as well.
enum RandomShapes {
  private static let attempts = 60

  /// Up to `count` nets like the given one under other shapes. Equal extents stay equal, so that what had to fit still
  /// fits; what the layer refuses is passed over.
  static func nets(like given: CheckedNet, count: Int) throws -> [CheckedNet] {
    var random = SequentialRandom(RandomStream(seed: 1701, path: 4))
    var seen: Set<[String: Shape]> = [given.shapes]
    var nets: [CheckedNet] = []
    for _ in 0..<attempts where nets.count < count {
      var extents: [Int: Int] = [:]
      let shapes = given.shapes.sorted { $0.key < $1.key }.map { name, shape in
        (name, Shape(shape.dims.map { other(than: $0, &extents, &random) }))
      }
      let chosen = Dictionary(uniqueKeysWithValues: shapes)
      guard seen.insert(chosen).inserted, let net = try? CheckedNet(given.check, shapes: chosen), runs(net) else { continue }
      nets.append(net)
    }
    return nets
  }

  private static func other(than extent: Int, _ extents: inout [Int: Int], _ random: inout SequentialRandom) -> Int {
    if let known = extents[extent] { return known }
    let new = extent == 1 && random.uniform() < 0.8 ? 1 : Int.random(in: max(1, extent - 2)...(extent + 5), using: &random)
    extents[extent] = new
    return new
  }

  /// Labels may name classes that a smaller net does not have.
  private static func runs(_ net: CheckedNet) -> Bool {
    guard let session = try? net.session([], purpose: .inference) else { return false }
    return (try? session.forward()) != nil
  }
}
