import CaffeCore

/// The content of a message: entries in the order of the file, each with the place it came from.
///
/// One type serves prototxt and binary files alike; typed parameter structs are read from it (`ProtoMessage`).
public struct Message: Sendable {
  /// One `name: value`; a repeated field has one entry per element, but a packed run of floats is a single one.
  public struct Entry: Sendable {
    public let field: FieldSchema
    public var value: FieldValue
    /// Where the field's name stands; nil when it came from a binary file or was made here.
    public let nameLocation: SourceLocation?
    /// Where the value stands.
    public let valueLocation: SourceLocation?

    public init(_ field: FieldSchema, _ value: FieldValue, name: SourceLocation? = nil, value location: SourceLocation? = nil) {
      self.field = field
      self.value = value
      nameLocation = name
      valueLocation = location
    }
  }

  public let schema: MessageSchema
  public var entries: [Entry] = []

  public init(_ schema: MessageSchema) { self.schema = schema }

  /// All entries of a field.
  public func all(_ name: String) -> [Entry] { entries.filter { $0.field.name == name } }

  /// The entry that counts for a singular field: the last.
  public func last(_ name: String) -> Entry? { entries.last { $0.field.name == name } }

  public func has(_ name: String) -> Bool { entries.contains { $0.field.name == name } }

  /// The messages in a repeated message field.
  public func messages(_ name: String) -> [Message] { all(name).compactMap { $0.value.message } }

  /// The text of a string field.
  public func string(_ name: String) -> String? { last(name)?.value.string }

  /// The texts of a repeated string field.
  public func strings(_ name: String) -> [String] { all(name).compactMap { $0.value.string } }

  /// Adds a value to a field of the schema; a name the schema lacks is a mistake in this program.
  public mutating func append(_ name: String, _ value: FieldValue, from origin: Entry? = nil) {
    guard let field = schema.field(named: name) else { preconditionFailure("\(schema.name) has no field \(name)") }
    entries.append(Entry(field, value, name: origin?.nameLocation, value: origin?.valueLocation))
  }

  /// Replaces all entries of a singular field by one.
  public mutating func set(_ name: String, _ value: FieldValue, from origin: Entry? = nil) {
    remove(name)
    append(name, value, from: origin)
  }

  public mutating func remove(_ name: String) { entries.removeAll { $0.field.name == name } }

  /// Lets `body` change the message in a singular field, which is made when absent.
  public mutating func modify(_ name: String, _ body: (inout Message) -> Void) {
    guard case .message(let inner)? = schema.field(named: name)?.kind else {
      preconditionFailure("\(schema.name) has no message \(name)")
    }
    let origin = last(name)
    var message = origin?.value.message ?? Message(inner)
    body(&message)
    if let index = entries.lastIndex(where: { $0.field.name == name }) {
      entries[index].value = .message(message)
    } else {
      append(name, .message(message))
    }
  }
}

extension Message: Equatable {
  /// Equal content: the order of different fields, the places in the file and whether numbers came as one run do not
  /// count.
  public static func == (a: Message, b: Message) -> Bool {
    guard a.schema === b.schema else { return false }
    return isEqual(a.ordered, b.ordered) || isEqual(a.elements, b.elements)
  }

  private static func isEqual(_ a: [Entry], _ b: [Entry]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.field.number == $1.field.number && $0.value == $1.value }
  }

  /// The ordered entries, runs of numbers as one entry per number.
  private var elements: [Entry] {
    ordered.flatMap { entry in entry.value.numbers.map { run in run.elements.map { Entry(entry.field, $0) } } ?? [entry] }
  }

  /// The entries by field number, elements of a repeated field in their order.
  public var ordered: [Entry] {
    entries.enumerated().sorted { ($0.element.field.number, $0.offset) < ($1.element.field.number, $1.offset) }.map(\.element)
  }
}

/// A field's value.
public enum FieldValue: Sendable, Equatable {
  case integer(Int64)
  case unsigned(UInt64)
  case float(Float)
  case double(Double)
  case bool(Bool)
  case string(String)
  case bytes([UInt8])
  case enumeration(Int32)
  case message(Message)
  /// A run of packed floats or doubles, possibly still in the file.
  case numbers(NumberRun)

  public var message: Message? { if case .message(let message) = self { message } else { nil } }
  public var string: String? { if case .string(let string) = self { string } else { nil } }
  public var enumeration: Int32? { if case .enumeration(let number) = self { number } else { nil } }
  public var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
  public var float: Float? { if case .float(let float) = self { float } else { nil } }
  public var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
  public var numbers: NumberRun? { if case .numbers(let run) = self { run } else { nil } }
  /// The value of any integer kind.
  public var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .unsigned(let value): Int64(exactly: value)
    default: nil
    }
  }
}
