import CaffeCore

/// Encodes messages in the protobuf wire format, fields by ascending number as protobuf's own writer does.
package struct WireWriter {
  /// Where the bytes go, in pieces.
  package typealias Sink = (UnsafeRawBufferPointer) throws -> Void

  private let sink: Sink

  /// Streams a message into a sink; nothing of the size of the weights is built in memory.
  package static func write(_ message: Message, to sink: @escaping Sink) throws {
    try WireWriter(sink: sink).fields(message)
  }

  /// The bytes of a message.
  package static func bytes(_ message: Message) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(size(message))
    try? write(message) { bytes.append(contentsOf: $0) }  // this sink does not throw
    return bytes
  }

  /// Writes a message to a file that appears whole or not at all.
  ///
  /// - Throws: `FileError`.
  package static func write(_ message: Message, path: String) throws {
    let file = try AtomicFile(path: path)
    try write(message) { bytes in try file.write(bytes) }
    try file.commit()
  }

  private func fields(_ message: Message) throws {
    var entries = message.ordered[...]
    while let entry = entries.first {
      let run = entry.field.isPacked ? entries.prefix { $0.field.number == entry.field.number } : entries.prefix(1)
      if entry.field.isPacked {
        try packed(entry.field, run)
      } else {
        try single(entry)
      }
      entries = entries.dropFirst(run.count)
    }
  }

  private func packed(_ field: FieldSchema, _ run: ArraySlice<Message.Entry>) throws {
    try varint(UInt64(field.number) << 3 | 2)
    try varint(UInt64(run.reduce(0) { $0 + WireWriter.payload($1.value) }))
    for entry in run { try scalar(entry.value) }
  }

  private func single(_ entry: Message.Entry) throws {
    let number = UInt64(entry.field.number) << 3
    switch entry.value {
    case .numbers(let run) where !entry.field.isPacked:
      for float in run.floats {
        try varint(number | 5)
        try scalar(.float(float))
      }
    case .message, .string, .bytes, .numbers:
      try varint(number | 2)
      try varint(UInt64(WireWriter.payload(entry.value)))
      try scalar(entry.value)
    case .float:
      try varint(number | 5)
      try scalar(entry.value)
    case .double:
      try varint(number | 1)
      try scalar(entry.value)
    case .integer, .unsigned, .bool, .enumeration:
      try varint(number)
      try scalar(entry.value)
    }
  }

  private func scalar(_ value: FieldValue) throws {
    switch value {
    case .integer(let value): try varint(UInt64(bitPattern: value))
    case .unsigned(let value): try varint(value)
    case .bool(let value): try varint(value ? 1 : 0)
    case .enumeration(let value): try varint(UInt64(bitPattern: Int64(value)))
    case .float(let value): try withUnsafeBytes(of: value.bitPattern.littleEndian, sink)
    case .double(let value): try withUnsafeBytes(of: value.bitPattern.littleEndian, sink)
    case .string(let value): try Array(value.utf8).withUnsafeBytes(sink)
    case .bytes(let value): try value.withUnsafeBytes(sink)
    case .numbers(let run): try run.withBytes(sink)
    case .message(let message): try fields(message)
    }
  }

  private func varint(_ value: UInt64) throws {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
    try bytes.withUnsafeBytes(sink)
  }

  // MARK: Sizes

  private static func varintSize(_ value: UInt64) -> Int { max(1, (64 - value.leadingZeroBitCount + 6) / 7) }

  /// The encoded size of a value without its tag and length.
  private static func payload(_ value: FieldValue) -> Int {
    switch value {
    case .integer(let value): varintSize(UInt64(bitPattern: value))
    case .unsigned(let value): varintSize(value)
    case .bool: 1
    case .enumeration(let value): varintSize(UInt64(bitPattern: Int64(value)))
    case .float: 4
    case .double: 8
    case .string(let value): value.utf8.count
    case .bytes(let value): value.count
    case .numbers(let run): run.withBytes { $0.count }
    case .message(let message): size(message)
    }
  }

  /// The encoded size of a message.
  private static func size(_ message: Message) -> Int {
    var total = 0
    var packed: [Int: Int] = [:]
    for entry in message.entries {
      let tag = varintSize(UInt64(entry.field.number) << 3)
      let payload = payload(entry.value)
      switch entry.value {
      case _ where entry.field.isPacked: packed[entry.field.number, default: 0] += payload
      case .numbers(let run): total += run.count * (tag + 4)
      case .message, .string, .bytes: total += tag + varintSize(UInt64(payload)) + payload
      default: total += tag + payload
      }
    }
    return total + packed.reduce(0) { $0 + varintSize(UInt64($1.key) << 3) + varintSize(UInt64($1.value)) + $1.value }
  }
}
