import CaffeCore

/// The lines of a list of pictures: a path and its labels each.
struct ImageList: Sendable {
  /// A picture and what it shows.
  struct Entry: Sendable {
    let path: String
    let labels: [Double]
    /// Counted from 1.
    let line: Int
  }

  /// The most bytes of a list.
  private static let maximumSize = 1 << 30

  let path: String
  let entries: [Entry]

  /// - Parameters:
  ///   - labelCount: numbers at the end of each line.
  ///   - needsLabels: whether they must be there; where they need not be, they are passed over.
  /// - Throws: `FileError` when the list cannot be read, `DataFileError` naming the line that is wrong, or when there is none.
  init(path: String, labelCount: Int, needsLabels: Bool = true) throws {
    self.path = path
    let bytes = try FileBytes.read(path, limit: ImageList.maximumSize)
    var entries: [Entry] = []
    var (rest, number) = (bytes[...], 0)
    while !rest.isEmpty {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest.dropFirst(line.count + 1)
      number += 1
      let words = line.trimmingBlanks
      if words.isEmpty { continue }
      entries.append(try ImageList.entry(words, number: number, labelCount, needsLabels: needsLabels, path))
    }
    guard !entries.isEmpty else { throw DataFileError(path: path, "the list names no picture") }
    self.entries = entries
  }

  /// Labels stand behind the last blanks, so that paths may have blanks in them.
  private static func entry(
    _ line: ArraySlice<UInt8>, number: Int, _ labelCount: Int, needsLabels: Bool, _ path: String
  ) throws(DataFileError) -> Entry {
    var (rest, labels) = (line, [Double]())
    while labels.count < max(labelCount, 1) {
      guard let blank = rest.lastIndex(where: \.isBlank), let label = value(rest[(blank + 1)...]) else { break }
      labels.append(label)
      rest = rest[..<blank].trimmingBlanks
    }
    guard labels.count >= labelCount || !needsLabels, !rest.isEmpty else {
      let wanted = labelCount == 1 ? "a label, which is a number," : "\(labelCount) labels, which are numbers,"
      throw DataFileError(path: "\(path):\(number)", "a line has a path and \(wanted) behind it; this one is \"\(shown(line))\"")
    }
    return Entry(
      path: String(decoding: rest, as: UTF8.self), labels: needsLabels ? labels.reversed() : [], line: number)
  }

  private static func value(_ text: ArraySlice<UInt8>) -> Double? {
    guard text.count <= 32, let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
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
