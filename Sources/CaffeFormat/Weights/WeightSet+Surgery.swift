import CaffeCore

/// A wish about layers of a file of weights that cannot be met.
public struct WeightSurgeryError: Error, Equatable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

extension WeightSet {
  /// The weights with layers under other names: what fine-tuning needs when a net calls them otherwise. Names may be exchanged.
  ///
  /// - Parameter names: new names by old ones.
  /// - Throws: `WeightSurgeryError` when there is no layer of an old name, or a new name would stand for two layers.
  public func renaming(_ names: [String: String]) throws(WeightSurgeryError) -> WeightSet {
    for name in names.keys.sorted() where self[name] == nil { throw noLayer(name) }
    var result = self
    result.layers = layers.map { Layer(name: names[$0.name] ?? $0.name, type: $0.type, blobs: $0.blobs) }
    let old = Set(layers.map(\.name))
    guard Set(result.layers.map(\.name)).count == old.count else {
      let counts = Dictionary(old.map { (names[$0] ?? $0, 1) }, uniquingKeysWith: +)
      let name = counts.filter { $0.value > 1 }.keys.sorted().first ?? ""
      throw WeightSurgeryError("\"\(name)\" would be the name of two layers; rename or leave out the other one too")
    }
    return result
  }

  /// The weights of those layers alone, in the file's order.
  ///
  /// - Throws: `WeightSurgeryError` when there is no layer of a name.
  public func extracting(_ names: [String]) throws(WeightSurgeryError) -> WeightSet {
    for name in names where self[name] == nil { throw noLayer(name) }
    return WeightSet(name: name, layers: layers.filter { names.contains($0.name) })
  }

  private func noLayer(_ name: String) -> WeightSurgeryError {
    let hint = nearest(to: name, among: layers.map(\.name)).map { ", did you mean \"\($0)\"?" } ?? ""
    return WeightSurgeryError("there is no layer \"\(name)\" in the weights\(hint)")
  }
}
