#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Numbers as C and C++ programs print them, so that log parsers read ours.
public enum NumberText {
  /// As a C++ stream prints a float: six significant digits (`%g`).
  public static func general(_ value: Float) -> String { format("%g", Double(value)) }

  /// As a C++ stream prints a double.
  public static func general(_ value: Double) -> String { format("%g", value) }

  /// With a number of digits behind the point.
  public static func fixed(_ value: Double, digits: Int) -> String { format("%.\(digits)f", value) }

  /// A size as people read it: `1.8 MB`, of a million bytes each.
  public static func megabytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1e6, digits: 1) + " MB" }

  private static func format(_ format: String, _ value: Double) -> String {
    var bytes = [CChar](repeating: 0, count: 400)
    let count = withVaList([value]) { vsnprintf(&bytes, bytes.count, format, $0) }
    return String(decoding: bytes.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
