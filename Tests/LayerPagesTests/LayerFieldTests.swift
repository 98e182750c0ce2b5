import CaffeFormat
import CaffeGraph
import CaffeLayers
import Testing

@testable import LayerPages

@Suite("The layers' fields together")
struct LayerFieldTests {
  private static let fields = LayerFacts.all(.standard).compactMap { facts in facts.field.map { (facts.type, $0) } }

  /// Layers may share a message, but then under one name and one number.
  @Test("give each number and each name of LayerParameter one meaning")
  func numbers() {
    for (type, field) in Self.fields {
      for (other, second) in Self.fields {
        let isShared = field.name == second.name && field.number == second.number && field.v1Number == second.v1Number
        let isApart =
          field.name != second.name && field.number != second.number
          && (field.v1Number == nil || field.v1Number != second.v1Number)
        #expect(
          isApart || isShared && field.schema === second.schema,
          "\(type)'s \(field.name) = \(field.number) and \(other)'s \(second.name) = \(second.number)")
      }
    }
  }

  private static let messages: [MessageSchema] = {
    let schema = LayerRegistry.standard.schema
    return [schema.net, schema.solver, Datum.schema].flatMap(\.withMessagesInside)
  }()

  @Test("have a name and a number of their own in every message")
  func unique() {
    for message in Self.messages {
      #expect(Set(message.fields.map(\.name)).count == message.fields.count, "a name in \(message.name) is there twice")
      #expect(Set(message.fields.map(\.number)).count == message.fields.count, "a number in \(message.name) is there twice")
    }
  }

  @Test("hold no two messages of one name, and no two enums of one name in a message: a .proto file could not")
  func names() {
    for (name, same) in Dictionary(grouping: Self.messages, by: \.name) {
      #expect(same.allSatisfy { $0 === same[0] }, "there are several messages \(name)")
    }
    for message in Self.messages {
      let enums = message.fields.compactMap { if case .enumeration(let schema) = $0.kind { schema } else { nil } }
      for (name, same) in Dictionary(grouping: enums, by: \.name) {
        #expect(same.allSatisfy { $0 === same[0] }, "there are several enums \(name) in \(message.name)")
      }
    }
  }

  @Test("are found by the layer's type")
  func lookup() {
    #expect(LayerRegistry.standard.parameterField(of: "ELU")?.number == 140)
    #expect(LayerRegistry.standard.parameterField(of: "AbsVal") == nil)
    #expect(LayerRegistry.standard.parameterField(of: "None") == nil)
  }
}
