import CaffeCore

/// A table with names of columns in its first line and commas between fields, as spreadsheets and pandas write it (RFC 4180):
/// a field in double quotes may hold commas, line ends and doubled quotes.
package struct CSVTable: Sendable {
  /// A field, and where it stands.
  package struct Field: Sendable {
    package let location: SourceLocation

    /// The content, without quotes around it.
    package var text: String { String(decoding: CSVField.content(location), as: UTF8.self) }
  }

  /// A line of the table.
  package struct Row: Sendable {
    fileprivate let places: [String: Int]
    fileprivate let fields: [Field]

    /// - Returns: nil when there is no such column.
    package subscript(column: String) -> Field? { places[column].map { fields[$0] } }

    /// The number in a column that the table has.
    ///
    /// - Throws: `Diagnostic` when it is none, or not finite.
    package func number(_ column: String) throws(Diagnostic) -> Double {
      guard let field = self[column] else { throw Diagnostic("there is no column \"\(column)\"") }
      let text = field.text.trimmed
      guard let value = Double(text), value.isFinite, !text.lowercased().contains("x") else {
        throw Diagnostic("\(column) is a number, not \"\(field.text.prefix(80))\"", at: field.location)
      }
      return value
    }
  }

  package let source: SourceFile
  package let columns: [String]
  package private(set) var rows: [Row] = []

  /// - Parameter needed: columns that the table must have.
  /// - Throws: `Diagnostics` for a missing column and for lines with another number of fields than the first.
  package init(_ source: SourceFile, needing needed: [String]) throws(Diagnostics) {
    self.source = source
    var reader = CSVReader(source)
    let names = reader.next() ?? []
    columns = names.map(\.text.trimmed)
    try CSVTable.check(columns, needed, names.first?.location, in: source.name)
    let places = Dictionary(columns.enumerated().map { ($1, $0) }) { first, _ in first }
    var problems = ProblemList()
    while let fields = reader.next() {
      if fields.count == columns.count {
        rows.append(Row(places: places, fields: fields))
      } else {
        problems.append(
          Diagnostic("\(fields.count) fields under \(columns.count) names of columns", at: fields.first?.location))
      }
    }
    try problems.throwIfAny()
  }

  private static func check(_ columns: [String], _ needed: [String], _ place: SourceLocation?, in name: String)
    throws(Diagnostics)
  {
    let missing = needed.filter { !columns.contains($0) }
    guard !missing.isEmpty else { return }
    throw Diagnostics([
      Diagnostic(
        "\(place == nil ? name + ": " : "")the table has no column \(missing.joined(separator: ", ")); its first line names the columns",
        at: place)
    ])
  }
}

/// Cuts a table's bytes into lines of fields. Empty lines are passed over.
private struct CSVReader {
  private static let comma = UInt8(ascii: ",")
  private static let (feed, carriage) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))

  private let source: SourceFile
  private var offset = 0

  init(_ source: SourceFile) {
    self.source = source
    if source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
  }

  mutating func next() -> [CSVTable.Field]? {
    while offset < source.bytes.count, [CSVReader.feed, CSVReader.carriage].contains(source.bytes[offset]) { offset += 1 }
    guard offset < source.bytes.count else { return nil }
    var fields = [field()]
    while offset < source.bytes.count, source.bytes[offset] == CSVReader.comma {
      offset += 1
      fields.append(field())
    }
    return fields
  }

  private mutating func field() -> CSVTable.Field {
    let start = offset
    if offset < source.bytes.count, source.bytes[offset] == CSVField.quote { skipQuoted() }
    while offset < source.bytes.count, ![CSVReader.comma, CSVReader.feed, CSVReader.carriage].contains(source.bytes[offset]) {
      offset += 1
    }
    return CSVTable.Field(location: SourceLocation(file: source, offset: start, length: offset - start))
  }

  /// Passes over what stands between quotes; two of them are one of the text.
  private mutating func skipQuoted() {
    offset += 1
    while offset < source.bytes.count {
      let isQuote = source.bytes[offset] == CSVField.quote
      offset += 1
      guard isQuote else { continue }
      guard offset < source.bytes.count, source.bytes[offset] == CSVField.quote else { return }
      offset += 1
    }
  }
}

/// The bytes of a field.
private enum CSVField {
  static let quote = UInt8(ascii: "\"")

  /// Without the quotes around it, and with one for two inside of them.
  static func content(_ location: SourceLocation) -> [UInt8] {
    let bytes = location.file.bytes[location.offset..<location.offset + location.length]
    guard bytes.first == quote else { return Array(bytes) }
    var text: [UInt8] = []
    var rest = bytes.dropFirst()
    while let byte = rest.popFirst() {
      if byte == quote {
        guard rest.first == quote else { return text + rest }
        rest.removeFirst()
      }
      text.append(byte)
    }
    return text
  }
}

extension String {
  /// Without blanks around it.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
