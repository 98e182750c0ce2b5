import CaffeFormat

/// A Datum read where it lies: its pixels stay in the mapped database.
///
/// `Datum` copies them and builds a message first; training reads every record of every epoch, so that this small reader
/// of the same wire format pays. Valid as long as the bytes it was made from.
struct DatumView {
  private(set) var channels = 0
  private(set) var height = 0
  private(set) var width = 0
  private(set) var label = 0
  private(set) var isEncoded = false
  /// C×H×W bytes, or an encoded image when `isEncoded`.
  private(set) var data = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// C×H×W floats, used when `data` is empty.
  private(set) var floats: [Float] = []

  /// Field numbers of Datum.
  private enum Field {
    static let channels: UInt64 = 1
    static let height: UInt64 = 2
    static let width: UInt64 = 3
    static let data: UInt64 = 4
    static let label: UInt64 = 5
    static let floatData: UInt64 = 6
    static let encoded: UInt64 = 7
  }

  /// - Throws: `DatumError` when the bytes are no Datum.
  init(_ bytes: UnsafeRawBufferPointer) throws(DatumError) {
    var cursor = ByteCursor(bytes)
    while !cursor.isAtEnd {
      let tag = try DatumView.varint(&cursor)
      switch tag & 7 {
      case 0: number(try DatumView.varint(&cursor), field: tag >> 3)
      case 1: _ = try DatumView.take(8, &cursor)
      case 2: run(try DatumView.take(try DatumView.varint(&cursor), &cursor), field: tag >> 3)
      case 5: float(try DatumView.take(4, &cursor), field: tag >> 3)
      default: throw DatumError("it is no Datum (wire type \(tag & 7) at byte \(cursor.position))")
      }
    }
  }

  private mutating func number(_ value: UInt64, field: UInt64) {
    let number = Int(Int32(truncatingIfNeeded: value))
    switch field {
    case Field.channels: channels = number
    case Field.height: height = number
    case Field.width: width = number
    case Field.label: label = number
    case Field.encoded: isEncoded = value != 0
    default: break
    }
  }

  private mutating func run(_ content: UnsafeRawBufferPointer, field: UInt64) {
    switch field {
    case Field.data: data = content.bindMemory(to: UInt8.self)
    case Field.floatData:
      for start in stride(from: 0, to: content.count - 3, by: 4) { floats.append(DatumView.float(content, at: start)) }
    default: break
    }
  }

  private mutating func float(_ content: UnsafeRawBufferPointer, field: UInt64) {
    if field == Field.floatData { floats.append(DatumView.float(content, at: 0)) }
  }

  private static func float(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Float {
    Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
  }

  private static func varint(_ cursor: inout ByteCursor) throws(DatumError) -> UInt64 {
    guard let value = cursor.varint() else {
      throw DatumError("it is no Datum: a number at byte \(cursor.position) does not end")
    }
    return value
  }

  private static func take(_ count: UInt64, _ cursor: inout ByteCursor) throws(DatumError) -> UnsafeRawBufferPointer {
    guard let run = cursor.take(count) else {
      throw DatumError("it is cut short: \(count) bytes are claimed at byte \(cursor.position), \(cursor.remaining) are left")
    }
    return run
  }
}

/// What is wrong with a record, without its place; `RecordError` adds that.
struct DatumError: Error {
  let message: String

  init(_ message: String) { self.message = message }
}
