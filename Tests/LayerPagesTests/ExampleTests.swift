import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffePlan
import CaffeTesting
import Testing

@testable import LayerPages

@Suite("Examples in the layers' doc comments")
struct ExampleTests {
  private static func isOfData(_ type: String) -> Bool {
    let role = LayerRegistry.standard[type]?.role
    return role == .source || role == .sink
  }

  @Test("build in the TEST phase, and end with the layer they belong to", arguments: Pages.examples)
  func builds(_ given: Pages.Example) throws {
    let shapes = try ExampleShapes(try LayerExample(given.text), registry: .standard)
    #expect(shapes.survey.layers.last?.definition.type == given.type)
    if !Self.isOfData(given.type) { #expect(shapes.survey.isComplete) }
  }

  @Test("run forward on the values they name, to finite outputs", arguments: Pages.examples.filter { !isOfData($0.type) })
  func runs(_ given: Pages.Example) throws {
    let example = try LayerExample(given.text)
    let net = try SampleNet(example.net)
    let session = try net.session(try net.plan(.inference, [], observing: nil), values: Self.values(example))
    try session.forward()
    let tops = session.observedTops
    #expect(Set(net.graph.nodes.flatMap { $0.definition.tops.map(\.name) }).isSubset(of: tops.keys))
    for (name, tensor) in tops { #expect(!tensor.values.contains { !$0.isFinite }, "top \(name) of \(given.type)") }
  }

  private static func values(_ example: LayerExample) -> [String: SampleValues] {
    Dictionary(
      uniqueKeysWithValues: example.inputs.compactMap { input in
        switch input.values {
        case .any: nil
        case .labels(let bound): (input.name, .labels(below: bound))
        case .within(let range): (input.name, .uniform(range))
        }
      })
  }

  @Test("stay the same from text to bytes and back", arguments: Pages.examples)
  func roundTrip(_ given: Pages.Example) throws {
    let schema = LayerRegistry.standard.schema.net
    let message = try TextParser.parse(SourceFile(name: given.type, text: given.text), as: schema)
    #expect(!message.entries.isEmpty)
    let bytes = WireWriter.bytes(message)
    let decoded = try bytes.withUnsafeBytes { try WireReader.decode($0, as: schema, name: given.type) }
    #expect(decoded == message)
    #expect(try TextParser.parse(SourceFile(name: given.type, text: TextPrinter.print(message)), as: schema) == message)
  }
}
