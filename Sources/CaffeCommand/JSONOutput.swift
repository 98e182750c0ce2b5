import Foundation

/// Results for machines: JSON, on stdout or in records.
enum JSONOutput {
  /// Sorted keys; numbers that are none become texts, which JSON has no other way for.
  static func encoder(isPretty: Bool) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
    return encoder
  }

  static func print(_ value: some Encodable) throws {
    let encoder = encoder(isPretty: true)
    Swift.print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}
