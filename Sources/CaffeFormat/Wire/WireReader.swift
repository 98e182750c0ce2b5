import CaffeCore

/// Decodes the protobuf wire format against a schema; fields the schema lacks are passed over, as protobuf does.
///
/// Nothing is allocated on the word of a length: lengths are checked against the bytes that are there, nesting and the
/// number of entries are bounded, and long runs of floats stay in the file.
package struct WireReader {
  static let maximumDepth = 50
  /// Every entry costs some hundred bytes; no published model has a tenth of this.
  static let maximumEntries = 1_000_000

  private let file: MappedFile?
  private let bytes: UnsafeRawBufferPointer
  private let path: String
  private var entries = 0

  private init(file: MappedFile?, bytes: UnsafeRawBufferPointer, path: String) {
    self.file = file
    self.bytes = bytes
    self.path = path
  }

  /// Decodes a mapped file; its packed runs stay mapped.
  ///
  /// - Throws: `WireError`.
  package static func decode(_ file: MappedFile, as schema: MessageSchema) throws -> Message {
    try file.withBytes(in: 0..<file.count) { bytes in
      var reader = WireReader(file: file, bytes: bytes, path: file.path)
      return try reader.message(schema, in: 0..<bytes.count, depth: 0)
    }
  }

  /// Decodes bytes in memory.
  ///
  /// - Parameter name: what errors call the bytes.
  /// - Throws: `WireError`.
  package static func decode(_ bytes: UnsafeRawBufferPointer, as schema: MessageSchema, name: String) throws -> Message {
    var reader = WireReader(file: nil, bytes: bytes, path: name)
    return try reader.message(schema, in: 0..<bytes.count, depth: 0)
  }

  private mutating func message(_ schema: MessageSchema, in range: Range<Int>, depth: Int) throws(WireError) -> Message {
    guard depth <= WireReader.maximumDepth else { throw failure(range.lowerBound, "messages nest too deeply") }
    var message = Message(schema)
    var position = range.lowerBound
    while position < range.upperBound {
      let start = position
      let tag = try varint(&position, range.upperBound)
      let number = Int(tag >> 3)
      guard number > 0, tag >> 3 < 1 << 29 else { throw failure(start, "field number \(tag >> 3) cannot be") }
      if let field = schema.field(numbered: number) {
        try value(of: field, wireType: Int(tag & 7), &position, range.upperBound, into: &message, depth: depth)
      } else {
        try skip(wireType: Int(tag & 7), &position, range.upperBound, start: start)
      }
    }
    return message
  }

  private mutating func value(
    of field: FieldSchema, wireType: Int, _ position: inout Int, _ end: Int, into message: inout Message, depth: Int
  ) throws(WireError) {
    entries += 1
    guard entries <= WireReader.maximumEntries else { throw failure(position, "more than \(WireReader.maximumEntries) fields") }
    switch (wireType, field.kind) {
    case (2, .message(let schema)):
      let payload = try length(&position, end)
      message.entries.append(.init(field, .message(try self.message(schema, in: payload, depth: depth + 1))))
    case (2, .string):
      let payload = try length(&position, end)
      message.entries.append(.init(field, .string(String(decoding: bytes[payload], as: UTF8.self))))
    case (2, .bytes):
      let payload = try length(&position, end)
      message.entries.append(.init(field, .bytes([UInt8](bytes[payload]))))
    case (2, _) where field.isRepeated: try packed(field, try length(&position, end), into: &message)
    case (0, _), (1, .double), (5, .float):
      let start = position
      if wireType == 5, field.isRepeated, case .float = field.kind {
        return try unpackedRun(field, &position, end, into: &message)
      }
      guard let value = try scalar(field.kind, wireType: wireType, &position, end) else {
        throw failure(start, mismatch(field, wireType))
      }
      message.entries.append(.init(field, value))
    default: throw failure(position, mismatch(field, wireType))
    }
  }

  private func mismatch(_ field: FieldSchema, _ wireType: Int) -> String {
    "field \"\(field.name)\" (\(field.kind.protoName)) cannot have wire type \(wireType)"
  }

  private func scalar(_ kind: FieldKind, wireType: Int, _ position: inout Int, _ end: Int) throws(WireError) -> FieldValue? {
    switch (wireType, kind) {
    case (0, .int32): .integer(Int64(Int32(truncatingIfNeeded: try varint(&position, end))))
    case (0, .int64): .integer(Int64(bitPattern: try varint(&position, end)))
    case (0, .uint32): .unsigned(UInt64(UInt32(truncatingIfNeeded: try varint(&position, end))))
    case (0, .uint64): .unsigned(try varint(&position, end))
    case (0, .bool): .bool(try varint(&position, end) != 0)
    case (0, .enumeration): .enumeration(Int32(truncatingIfNeeded: try varint(&position, end)))
    case (5, .float): .float(Float(bitPattern: try fixed(UInt32.self, &position, end)))
    case (1, .double): .double(Double(bitPattern: try fixed(UInt64.self, &position, end)))
    default: nil
    }
  }

  private mutating func packed(_ field: FieldSchema, _ payload: Range<Int>, into message: inout Message) throws(WireError) {
    switch field.kind {
    case .float, .double:
      let element: NumberRun.Element = if case .float = field.kind { .float } else { .double }
      guard payload.count % (element == .float ? 4 : 8) == 0 else {
        throw failure(payload.lowerBound, "a run of \(payload.count) bytes is no whole number of \(field.kind.protoName)s")
      }
      message.entries.append(.init(field, .numbers(run(payload, element))))
    default:
      var position = payload.lowerBound
      while position < payload.upperBound {
        guard let value = try scalar(field.kind, wireType: 0, &position, payload.upperBound) else {
          throw failure(position, mismatch(field, 2))
        }
        entries += 1
        guard entries <= WireReader.maximumEntries else {
          throw failure(position, "more than \(WireReader.maximumEntries) fields")
        }
        message.entries.append(.init(field, value))
      }
    }
  }

  private func run(_ payload: Range<Int>, _ element: NumberRun.Element) -> NumberRun {
    if let file { return NumberRun(file, payload, element) }
    return NumberRun(bytes: [UInt8](bytes[payload]), element)
  }

  /// Floats that were not packed come one tag each; they are gathered so that a million of them is one entry.
  private func unpackedRun(_ field: FieldSchema, _ position: inout Int, _ end: Int, into message: inout Message) throws(WireError)
  {
    var floats = [Float(bitPattern: try fixed(UInt32.self, &position, end))]
    let tag = UInt64(field.number) << 3 | 5
    while position < end {
      var next = position
      guard try varint(&next, end) == tag else { break }
      position = next
      floats.append(Float(bitPattern: try fixed(UInt32.self, &position, end)))
    }
    message.entries.append(.init(field, .numbers(NumberRun(floats))))
  }

  // MARK: Bytes

  private func varint(_ position: inout Int, _ end: Int) throws(WireError) -> UInt64 {
    let start = position
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { throw failure(start, "the file ends inside a number") }
      let byte = bytes[position]
      position += 1
      guard shift < 63 || byte <= 1 else { break }
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
    }
    throw failure(start, "a number is longer than 64 bits")
  }

  private func fixed<I: FixedWidthInteger>(_ type: I.Type, _ position: inout Int, _ end: Int) throws(WireError) -> I {
    let size = MemoryLayout<I>.size
    guard end - position >= size else { throw failure(position, "the file ends inside a number") }
    defer { position += size }
    return I(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: I.self))
  }

  private func length(_ position: inout Int, _ end: Int) throws(WireError) -> Range<Int> {
    let start = position
    let length = try varint(&position, end)
    guard length <= UInt64(end - position) else {
      throw failure(start, "a length of \(length) bytes, but only \(end - position) are left; the file is cut off or damaged")
    }
    defer { position += Int(length) }
    return position..<position + Int(length)
  }

  private func skip(wireType: Int, _ position: inout Int, _ end: Int, start: Int) throws(WireError) {
    switch wireType {
    case 0: _ = try varint(&position, end)
    case 1: _ = try fixed(UInt64.self, &position, end)
    case 2: _ = try length(&position, end)
    case 5: _ = try fixed(UInt32.self, &position, end)
    default: throw failure(start, "wire type \(wireType) is not used by Caffe; this is no protobuf file of Caffe's")
    }
  }

  private func failure(_ offset: Int, _ message: String) -> WireError { WireError(path: path, offset: offset, message: message) }
}
