/// A text whose places can be pointed at: a prototxt, a readme, a list file.
public final class SourceFile: Sendable {
  /// The name shown in messages, usually the path the user gave.
  public let name: String
  public let bytes: [UInt8]
  private let lineStarts: [Int]

  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var starts = [0]
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(index + 1) }
    lineStarts = starts
  }

  public convenience init(name: String, text: String) { self.init(name: name, bytes: Array(text.utf8)) }

  /// Line and column, both counted from 1; columns count bytes.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return (low + 1, offset - lineStarts[low] + 1)
  }

  /// How many lines there are; a text that ends with a line's end has an empty one behind it.
  public var lineCount: Int { lineStarts.count }

  /// The byte offset at which a line (counted from 1) begins.
  public func start(ofLine number: Int) -> Int { lineStarts[number - 1] }

  /// The text of a line (counted from 1) without its end.
  public func line(_ number: Int) -> String { String(decoding: lineBytes(number), as: UTF8.self) }

  func lineBytes(_ number: Int) -> ArraySlice<UInt8> {
    let start = lineStarts[number - 1]
    let end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
    let line = bytes[start..<max(start, end)]
    return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
  }
}

/// A stretch of a `SourceFile`.
public struct SourceLocation: Sendable {
  public let file: SourceFile
  /// Byte offset of the first character.
  public let offset: Int
  /// Bytes covered, at least 1 when shown.
  public let length: Int

  public init(file: SourceFile, offset: Int, length: Int) {
    self.file = file
    self.offset = offset
    self.length = length
  }

  public var line: Int { file.position(of: offset).line }
  public var column: Int { file.position(of: offset).column }
}

extension SourceLocation: CustomStringConvertible {
  /// `lenet.prototxt:57:11`
  public var description: String {
    let (line, column) = file.position(of: offset)
    return "\(file.name):\(line):\(column)"
  }
}

/// One thing that is wrong, where, and what to do about it.
public struct Diagnostic: Error, Sendable {
  public enum Severity: String, Sendable { case error, warning, note }

  public let severity: Severity
  public let message: String
  public let location: SourceLocation?
  /// A hint set beside the marker: the nearest name, the file to edit.
  public let hint: String?

  public init(
    _ message: String, at location: SourceLocation? = nil, hint: String? = nil, severity: Severity = .error
  ) {
    self.severity = severity
    self.message = message
    self.location = location
    self.hint = hint
  }
}

extension Diagnostic: CustomStringConvertible {
  /// `file:line:column: error: message`, then the line with the place underlined.
  public var description: String {
    let hint = hint.map { Diagnostic.printable($0) }
    let text = "\(severity.rawValue): \(Diagnostic.printable(message))"
    guard let location else { return text + (hint.map { "\n  \($0)" } ?? "") }
    return "\(Diagnostic.printable(location.description)): \(text)\n\(excerpt(of: location))" + (hint.map { "  \($0)" } ?? "")
  }

  /// The most bytes of a line that are shown before the place and after its beginning.
  private static let reach = (before: 120, after: 80)

  /// The line, or of a long one the part around the place, and the marker under it.
  private func excerpt(of location: SourceLocation) -> String {
    let (line, column) = location.file.position(of: location.offset)
    let bytes = location.file.lineBytes(line)
    let place = min(bytes.startIndex + column - 1, bytes.endIndex)
    let lead = bytes[max(bytes.startIndex, place - Diagnostic.reach.before)..<place]
    let rest = bytes[place..<min(bytes.endIndex, place + Diagnostic.reach.after)]
    let head = (lead.startIndex > bytes.startIndex ? "…" : "") + Diagnostic.printable(String(decoding: lead, as: UTF8.self))
    let tail = Diagnostic.printable(String(decoding: rest, as: UTF8.self)) + (rest.endIndex < bytes.endIndex ? "…" : "")
    let marked = String(decoding: rest.prefix(max(0, location.length)), as: UTF8.self).unicodeScalars.count
    let gutter = String(repeating: " ", count: max(5 - String(line).count, 0)) + String(line)
    let blank = String(head.unicodeScalars.map { $0 == "\t" ? "\t" : " " })
    return "\(gutter) | \(head)\(tail)\n      | \(blank)^" + String(repeating: "~", count: max(0, marked - 1))
  }

  /// The text with what would steer a terminal replaced: control characters but the tab, and marks that turn the
  /// direction of writing. A byte order mark is left out.
  private static func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars where scalar != "\u{FEFF}" {
      let category = scalar.properties.generalCategory
      result.append((category == .control || category == .format) && scalar != "\t" ? "?" : scalar)
    }
    return String(result)
  }
}

/// Everything that is wrong with one input, found in one go.
public struct Diagnostics: Error, Sendable, CustomStringConvertible {
  public private(set) var items: [Diagnostic]

  public init(_ items: [Diagnostic] = []) { self.items = items }

  public var hasErrors: Bool { items.contains { $0.severity == .error } }

  public mutating func append(_ diagnostic: Diagnostic) { items.append(diagnostic) }
  public mutating func append(contentsOf other: Diagnostics) { items += other.items }

  /// Ends the stage that collected these when one of them is an error.
  ///
  /// - Throws: itself.
  public func throwIfErrors() throws(Diagnostics) { if hasErrors { throw self } }

  public var description: String { items.map(\.description).joined(separator: "\n") }
}

extension Diagnostics: Collection {
  public var startIndex: Int { items.startIndex }
  public var endIndex: Int { items.endIndex }
  public func index(after index: Int) -> Int { index + 1 }
  public subscript(index: Int) -> Diagnostic { items[index] }
}
