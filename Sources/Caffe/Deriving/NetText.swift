import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5

/// A net's file whose layers can be changed while the rest of the text, its comments and its order stay.
///
/// A file of an older form has no text that could stay: it is brought to today's form and printed.
struct NetText {
  /// What happens to a layer.
  enum Change {
    case kept
    /// Some of its fields go.
    case without([String])
    case replaced(by: Message)
    case removed
  }

  let definition: NetDefinition
  private let file: SourceFile
  private let hasTodaysForm: Bool

  /// - Throws: `FileError`, `WrongFileKind`, or `Diagnostics` when the file is no sound net.
  init(path: String, registry: LayerRegistry) throws {
    let schema = registry.schema
    let (file, message) = try FileKind.net.reading(path) {
      let file = try SourceFile(path: path)
      return (file, try TextParser.read(file, as: schema.net, allowsUnknown: schema.allowsUnknown).message)
    }
    self.file = file
    definition = try NetDefinition(message, schema: schema)
    hasTodaysForm = message == definition.message
  }

  /// The prototxt with a change for each layer of the definition.
  ///
  /// - Parameter removed: fields of the net that go.
  func applying(_ changes: [Change], removing removed: [String] = []) -> String {
    hasTodaysForm ? edited(changes, removed) : printed(changes, removed)
  }

  private var layers: [Message.Entry] { definition.message.all("layer") }

  private func printed(_ changes: [Change], _ removed: [String]) -> String {
    var net = definition.message
    net.entries.removeAll { $0.field.name == "layer" || removed.contains($0.field.name) }
    for (entry, change) in zip(layers, changes) {
      guard var layer = entry.value.message else { continue }
      switch change {
      case .kept: net.append("layer", .message(layer))
      case .without(let fields):
        for field in fields { layer.remove(field) }
        net.append("layer", .message(layer))
      case .replaced(let message): net.append("layer", .message(message))
      case .removed: break
      }
    }
    return TextPrinter.print(net)
  }

  private func edited(_ changes: [Change], _ removed: [String]) -> String {
    var edits = definition.message.entries.filter { removed.contains($0.field.name) }.compactMap(removal)
    for (entry, change) in zip(layers, changes) {
      switch change {
      case .kept: break
      case .without(let fields): edits += fields.flatMap { entry.value.message?.all($0) ?? [] }.compactMap(removal)
      case .replaced(let message): edits += TextExtent.of(entry).map { [($0, text(message, entry.field))] } ?? []
      case .removed: edits += removal(entry).map { [$0] } ?? []
      }
    }
    var bytes = file.bytes
    for edit in edits.sorted(by: { $0.0.lowerBound > $1.0.lowerBound }) {
      bytes.replaceSubrange(edit.0, with: Array(edit.1.utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func removal(_ entry: Message.Entry) -> (Range<Int>, String)? {
    TextExtent.of(entry).map { (TextExtent.wholeLines($0, in: file.bytes), "") }
  }

  private func text(_ layer: Message, _ field: FieldSchema) -> String {
    var net = Message(definition.message.schema)
    net.entries = [Message.Entry(field, .message(layer))]
    return String(TextPrinter.print(net).dropLast())
  }
}
