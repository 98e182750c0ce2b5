import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffeLayers

/// A net's or a solver's file brought to today's form: Caffe's upgrade tools.
public struct FileUpgrade: Sendable {
  /// Whose file it is.
  public enum Kind: String, Sendable, CaseIterable { case net, solver }

  /// How a message is stored.
  public enum Encoding: Sendable {
    case text
    /// The wire format of a caffemodel; blobs are kept.
    case binary
  }

  private let path: String
  private let before: Message
  private let after: Message

  /// Reads a file and upgrades what it says.
  ///
  /// - Throws: `FileError`, `WrongFileKind`, `Diagnostics` for a text that is wrong or cannot be upgraded, `WireError` for a binary file that is
  ///   damaged.
  public init(path: String, kind: Kind, encoding: Encoding = .text, registry: LayerRegistry = .standard) throws {
    self.path = path
    let schema = kind == .net ? registry.schema.net : registry.schema.solver
    let wanted: FileKind = encoding == .binary ? .weights : kind == .net ? .net : .solver
    before = try wanted.reading(path) {
      switch encoding {
      case .text: try TextParser.read(SourceFile(path: path), as: schema, allowsUnknown: registry.schema.allowsUnknown).message
      case .binary: try WireReader.decode(MappedFile(path: path), as: schema)
      }
    }
    after = try kind == .net ? NetUpgrade.upgrade(before, schema: registry.schema) : NetUpgrade.upgradeSolver(before)
  }

  /// Whether the file is of an older form than today's.
  public var isNeeded: Bool { before != after }

  /// Writes the upgraded message; the file appears whole or not at all.
  ///
  /// - Throws: `FileError`.
  public func write(to path: String, encoding: Encoding = .text) throws {
    switch encoding {
    case .text: try AtomicFile.write(Array(TextPrinter.print(after).utf8), to: path)
    case .binary: try WireWriter.write(after, path: path)
    }
  }

  /// What changes, as `diff -u` writes it: both sides in the printer's layout and without blobs, so that nothing but the upgrade
  /// shows.
  public func difference(to path: String?) -> String {
    UnifiedDiff.text(
      from: FileUpgrade.text(before), named: self.path, to: FileUpgrade.text(after), named: path ?? "\(self.path) (upgraded)")
  }

  private static func text(_ message: Message) -> String {
    var message = message
    for index in message.entries.indices {
      guard var layer = message.entries[index].value.message, layer.has("blobs") || layer.has("layer") else { continue }
      layer.remove("blobs")
      for place in layer.entries.indices {
        guard var inner = layer.entries[place].value.message, inner.has("blobs") else { continue }
        inner.remove("blobs")
        layer.entries[place].value = .message(inner)
      }
      message.entries[index].value = .message(layer)
    }
    return TextPrinter.print(message)
  }
}
