import CaffeCore
import CaffeFormat
import CaffeGraph

/// Takes a layer's definition to text, to bytes and to its typed parameters, and back.
struct RoundTrip {
  let definition: LayerDefinition
  let net: Message
  let registry: LayerRegistry

  func failures() throws -> [String] {
    var failures: [String] = []
    let text = TextPrinter.print(net)
    if try TextParser.parse(SourceFile(name: "printed", text: text), as: registry.schema.net) != net {
      failures.append("the net changes on its way through text:\n\(text)")
    }
    let bytes = WireWriter.bytes(net)
    if try bytes.withUnsafeBytes({ try WireReader.decode($0, as: registry.schema.net, name: "written") }) != net {
      failures.append("the net changes on its way through bytes")
    }
    return failures + (registry[definition.type].map(parameterFailures) ?? [])
  }

  private func parameterFailures(_ type: any Layer.Type) -> [String] {
    func open<L: Layer>(_ type: L.Type) -> [String] {
      guard let placement = L.Parameters.placement, let given = definition.message.last(placement.name)?.value.message else {
        return []
      }
      return compare(given, L.Parameters(given).message)
    }
    return open(type)
  }

  /// The typed form drops what is the default anyway, and nothing else.
  private func compare(_ given: Message, _ typed: Message) -> [String] {
    let names = Set((given.entries + typed.entries).map(\.field.name)).sorted()
    return names.compactMap { name in
      let (before, after) = (part(of: given, name), part(of: typed, name))
      guard before != after, !(after.entries.isEmpty && isDefault(before)) else { return nil }
      return "field \(name) is \"\(TextPrinter.print(after))\" once read, where the file says \"\(TextPrinter.print(before))\""
    }
  }

  private func part(of message: Message, _ name: String) -> Message {
    var part = Message(message.schema)
    part.entries = message.all(name)
    return part
  }

  private func isDefault(_ part: Message) -> Bool {
    part.entries.allSatisfy { entry in
      entry.field.defaultText.map { TextPrinter.print(part) == "\(entry.field.name): \($0)\n" } ?? false
    }
  }
}
