import CaffeCore

/// The lines of a list of pictures: a path and its labels each.
struct ImageList: Sendable {
  /// A picture and what it shows.
  struct Entry: Sendable {
    let path: String
    let labels: [Float]
    /// Counted from 1.
    let line: Int
  }

  /// The most bytes of a list.
  private static let maximumSize = 1 << 31

  let path: String
  let entries: [Entry]

  /// - Parameter labelCount: numbers at the end of each line; 0 passes over one where there is one.
  /// - Throws: `FileError` when the list cannot be read, `DataFileError` naming the line that is wrong, or when there is none.
  init(path: String, labelCount: Int) throws {
    self.path = path
    let bytes = try FileBytes.read(path, limit: ImageList.maximumSize)
    var entries: [Entry] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let line = line.trimmingBlanks
      if !line.isEmpty { entries.append(try ImageList.entry(line, number: index + 1, labelCount, path)) }
    }
    guard !entries.isEmpty else { throw DataFileError(path: path, "the list names no picture") }
    self.entries = entries
  }

  /// Labels stand behind the last blanks, so that paths may have blanks in them.
  private static func entry(
    _ line: ArraySlice<UInt8>, number: Int, _ labelCount: Int, _ path: String
  ) throws(DataFileError) -> Entry {
    var (rest, labels) = (line, [Float]())
    while labels.count < max(labelCount, 1) {
      guard let blank = rest.lastIndex(where: \.isBlank), let label = value(rest[(blank + 1)...]) else { break }
      labels.append(label)
      rest = rest[..<blank].trimmingBlanks
    }
    guard labels.count >= labelCount, !rest.isEmpty else {
      let wanted = labelCount == 1 ? "a label, which is a number," : "\(labelCount) labels, which are numbers,"
      throw DataFileError(path: "\(path):\(number)", "a line has a path and \(wanted) behind it; this one is \"\(shown(line))\"")
    }
    return Entry(
      path: String(decoding: rest, as: UTF8.self), labels: labelCount == 0 ? [] : labels.reversed(), line: number)
  }

  private static func value(_ text: ArraySlice<UInt8>) -> Float? {
    guard text.count <= 32, let value = Float(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
    return value
  }

  private static func shown(_ line: ArraySlice<UInt8>) -> String {
    String(decoding: line.prefix(80), as: UTF8.self) + (line.count > 80 ? "…" : "")
  }
}

extension UInt8 {
  fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: "\r") }
}

extension ArraySlice<UInt8> {
  fileprivate var trimmingBlanks: ArraySlice<UInt8> {
    guard let first = firstIndex(where: { !$0.isBlank }), let last = lastIndex(where: { !$0.isBlank }) else { return [] }
    return self[first...last]
  }
}
