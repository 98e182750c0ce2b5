import Synchronization

/// What may stand in a message: the counterpart of one `message { … }` of a .proto file, as a value.
///
/// Schemas are compared by identity: each is made once, by the type that declares it.
public final class MessageSchema: Sendable {
  /// The protobuf message's name, such as `ConvolutionParameter`.
  public let name: String
  /// The fields by ascending number.
  public let fields: [FieldSchema]
  private let byName: [String: FieldSchema]
  private let byNumber: [Int: FieldSchema]

  public init(_ name: String, _ fields: [FieldSchema]) {
    self.name = name
    self.fields = fields.sorted { $0.number < $1.number }
    byName = Dictionary(fields.map { ($0.name, $0) }) { first, _ in first }
    byNumber = Dictionary(fields.map { ($0.number, $0) }) { first, _ in first }
  }

  /// The field of that prototxt name.
  public func field(named name: String) -> FieldSchema? { byName[name] }
  /// The field of that wire number.
  public func field(numbered number: Int) -> FieldSchema? { byNumber[number] }
}

/// One field of a message.
public struct FieldSchema: Sendable {
  /// The name in prototxt, `kernel_size`.
  public let name: String
  /// The number on the wire.
  public let number: Int
  public let kind: FieldKind
  public let isRepeated: Bool
  /// Whether the wire form of a repeated scalar is one length-delimited run.
  public let isPacked: Bool
  private let makeDefaultText: @Sendable () -> String?
  /// For a field that is read and not acted upon: what it asked for, as in "a cuDNN kernel".
  public let ignored: String?

  public init(
    _ name: String, _ number: Int, _ kind: FieldKind, repeated: Bool = false, packed: Bool = false,
    default defaultText: @autoclosure @escaping @Sendable () -> String? = nil, ignored: String? = nil
  ) {
    self.name = name
    self.number = number
    self.kind = kind
    isRepeated = repeated
    isPacked = packed
    makeDefaultText = defaultText
    self.ignored = ignored
  }

  /// What an absent field stands for, in prototxt spelling; nil where absence has a meaning of its own. Spelt when it is asked for,
  /// since most programs never do.
  public var defaultText: String? { makeDefaultText() }

  var isMessage: Bool { if case .message = kind { true } else { false } }
}

/// The type of a field's values.
public enum FieldKind: Sendable {
  case int32, int64, uint32, uint64, float, double, bool, string, bytes
  case enumeration(EnumSchema)
  case message(MessageSchema)

  /// The word a .proto file uses for it.
  public var protoName: String {
    switch self {
    case .int32: "int32"
    case .int64: "int64"
    case .uint32: "uint32"
    case .uint64: "uint64"
    case .float: "float"
    case .double: "double"
    case .bool: "bool"
    case .string: "string"
    case .bytes: "bytes"
    case .enumeration(let schema): schema.name
    case .message(let schema): schema.name
    }
  }
}

/// The names and numbers of a protobuf enum.
public final class EnumSchema: Sendable {
  public let name: String
  private let list: @Sendable () -> [(name: String, number: Int32)]
  private let listed = Mutex<[(name: String, number: Int32)]?>(nil)

  /// - Parameter cases: listed when somebody asks: finding the names of a Swift enum's cases takes long, and most files use few enums.
  public init(_ name: String, _ cases: @autoclosure @escaping @Sendable () -> [(name: String, number: Int32)]) {
    self.name = name
    list = cases
  }

  /// Cases in declaration order.
  public var cases: [(name: String, number: Int32)] {
    listed.withLock { listed in
      if let listed { return listed }
      let cases = list()
      listed = cases
      return cases
    }
  }

  public func number(of name: String) -> Int32? { cases.first { $0.name == name }?.number }
  public func name(of number: Int32) -> String? { cases.first { $0.number == number }?.name }
}
