import CaffeCore

/// A Swift struct that is the typed form of a message.
///
/// It lists its fields once; text and binary reading and writing, the linter, the reference pages and the generated
/// .proto follow from that list.
public protocol ProtoMessage: Sendable, FieldConvertible {
  /// The message with nothing set: every property at its protobuf default.
  init()
  /// The protobuf message's name.
  static var messageName: String { get }
  /// The fields, each tied to a property.
  static var fields: [Field<Self>] { get }
  /// Made once per type: `static let schema = makeSchema()`.
  static var schema: MessageSchema { get }
}

extension ProtoMessage {
  /// The schema that the list of fields amounts to.
  public static func makeSchema() -> MessageSchema { MessageSchema(messageName, fields.map(\.schema)) }

  /// Reads the properties from a message of the same schema; absent fields keep their defaults.
  public init(_ message: Message) {
    self.init()
    for field in Self.fields { field.read(message, &self) }
  }

  /// The message with every property that differs from its default.
  public var message: Message {
    var message = Message(Self.schema)
    for field in Self.fields { field.write(self, &message) }
    return message
  }

  public static var fieldKind: FieldKind { .message(schema) }
  public init?(_ value: FieldValue, kind: FieldKind) {
    guard let message = value.message else { return nil }
    self.init(message)
  }
  public func fieldValue(kind: FieldKind) -> FieldValue { .message(message) }
}

/// A field of `Root`: its schema and the property that holds it.
public struct Field<Root: Sendable>: Sendable {
  public let schema: FieldSchema
  fileprivate let read: @Sendable (Message, inout Root) -> Void
  fileprivate let write: @Sendable (Root, inout Message) -> Void
}

extension Field where Root: ProtoMessage {
  /// A singular field with a default: the property's value in `Root()`.
  ///
  /// - Parameter ignored: for a field that is read and not acted upon, what it asked for.
  public init<V: FieldConvertible & Equatable>(
    _ name: String, _ number: Int, _ property: WritableKeyPath<Root, V> & Sendable, as kind: FieldKind = V.fieldKind,
    ignored: String? = nil
  ) {
    let initial = Root()[keyPath: property]
    schema = FieldSchema(name, number, kind, default: initial.fieldValue(kind: kind).prototxt(kind), ignored: ignored)
    read = { message, root in
      if let value = message.last(name).flatMap({ V($0.value, kind: kind) }) { root[keyPath: property] = value }
    }
    write = { root, message in
      let value = root[keyPath: property]
      if value != initial { message.append(name, value.fieldValue(kind: kind)) }
    }
  }

  /// A singular field whose absence means something: nil.
  public init<V: FieldConvertible>(
    _ name: String, _ number: Int, _ property: WritableKeyPath<Root, V?> & Sendable, as kind: FieldKind = V.fieldKind,
    ignored: String? = nil
  ) {
    schema = FieldSchema(name, number, kind, ignored: ignored)
    read = { message, root in
      if let value = message.last(name).flatMap({ V($0.value, kind: kind) }) { root[keyPath: property] = value }
    }
    write = { root, message in
      if let value = root[keyPath: property] { message.append(name, value.fieldValue(kind: kind)) }
    }
  }

  /// A repeated field.
  public init<V: FieldConvertible>(
    _ name: String, _ number: Int, _ property: WritableKeyPath<Root, [V]> & Sendable, as kind: FieldKind = V.fieldKind,
    packed: Bool = false, ignored: String? = nil
  ) {
    schema = FieldSchema(name, number, kind, repeated: true, packed: packed, ignored: ignored)
    read = { message, root in root[keyPath: property] = message.all(name).flatMap { V.elements($0.value, kind: kind) } }
    write = { root, message in
      for value in root[keyPath: property] { message.append(name, value.fieldValue(kind: kind)) }
    }
  }
}

/// A Swift type that can stand in a field.
public protocol FieldConvertible: Sendable {
  static var fieldKind: FieldKind { get }
  init?(_ value: FieldValue, kind: FieldKind)
  func fieldValue(kind: FieldKind) -> FieldValue
}

extension FieldConvertible {
  /// The elements of a repeated field's entry; a packed run has many.
  static func elements(_ value: FieldValue, kind: FieldKind) -> [Self] {
    if case .numbers(let run) = value { return run.floats.compactMap { Self(.float($0), kind: kind) } }
    return Self(value, kind: kind).map { [$0] } ?? []
  }
}

extension Int: FieldConvertible {
  public static var fieldKind: FieldKind { .int32 }
  public init?(_ value: FieldValue, kind: FieldKind) {
    guard let integer = value.integer else { return nil }
    self = Int(integer)
  }
  public func fieldValue(kind: FieldKind) -> FieldValue {
    switch kind {
    case .uint32, .uint64: .unsigned(UInt64(self))
    default: .integer(Int64(self))
    }
  }
}

extension Float: FieldConvertible {
  public static var fieldKind: FieldKind { .float }
  public init?(_ value: FieldValue, kind: FieldKind) {
    guard let float = value.float else { return nil }
    self = float
  }
  public func fieldValue(kind: FieldKind) -> FieldValue { .float(self) }
}

extension Bool: FieldConvertible {
  public static var fieldKind: FieldKind { .bool }
  public init?(_ value: FieldValue, kind: FieldKind) {
    guard let bool = value.bool else { return nil }
    self = bool
  }
  public func fieldValue(kind: FieldKind) -> FieldValue { .bool(self) }
}

extension String: FieldConvertible {
  public static var fieldKind: FieldKind { .string }
  public init?(_ value: FieldValue, kind: FieldKind) {
    guard let string = value.string else { return nil }
    self = string
  }
  public func fieldValue(kind: FieldKind) -> FieldValue { .string(self) }
}

extension [UInt8]: FieldConvertible {
  public static var fieldKind: FieldKind { .bytes }
  public init?(_ value: FieldValue, kind: FieldKind) {
    guard let bytes = value.bytes else { return nil }
    self = bytes
  }
  public func fieldValue(kind: FieldKind) -> FieldValue { .bytes(self) }
}

/// A Swift enum with protobuf's numbers, its cases spelled as in prototxt.
public protocol ProtoEnum: FieldConvertible, CaseIterable, Hashable, RawRepresentable where RawValue == Int32 {
  static var schema: EnumSchema { get }
}

extension ProtoEnum {
  /// The schema that the cases amount to; call it once per type.
  public static func makeSchema(_ name: String) -> EnumSchema {
    EnumSchema(name, allCases.map { (name: String(describing: $0), number: $0.rawValue) })
  }
  public static var fieldKind: FieldKind { .enumeration(schema) }
  public init?(_ value: FieldValue, kind: FieldKind) {
    guard let number = value.enumeration else { return nil }
    self.init(rawValue: number)
  }
  public func fieldValue(kind: FieldKind) -> FieldValue { .enumeration(rawValue) }
}
