import Foundation

/// Values on their way between ranks: JSON, whose numbers keep every bit, with names for those that are none.
public enum RankRecord {
  /// - Throws: when the value cannot be written, which no value of ours is.
  public static func bytes(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return Array(try encoder.encode(value))
  }

  /// - Throws: `RankError` when it is something else.
  public static func value<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      return try decoder.decode(type, from: Data(bytes))
    } catch {
      throw RankError("another rank sent what this one does not understand; are all of the same version? (\(error))")
    }
  }
}
