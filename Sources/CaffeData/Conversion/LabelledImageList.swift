import CaffeCore

/// A text file that names an image and a whole number as its label in each line, split at the last space as Caffe does.
struct LabelledImageList {
  /// One line.
  struct Entry {
    let name: String
    let label: Int
  }

  /// The most bytes of a list: 1 GiB.
  private static let maximumBytes = 1 << 30

  let entries: [Entry]

  /// - Throws: `FileError` when the file cannot be read, `DataFileError` with the line that is wrong, or when there is none.
  init(contentsOf path: String) throws {
    let bytes = try FileBytes.read(path, limit: LabelledImageList.maximumBytes)
    var entries: [Entry] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      let text = LabelledImageList.trimmed(line)
      if !text.isEmpty { entries.append(try LabelledImageList.entry(text, place: "\(path):\(index + 1)")) }
    }
    guard !entries.isEmpty else { throw DataFileError(path: path, "the list names no images") }
    self.entries = entries
  }

  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line
    while let last = line.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\r") || last == UInt8(ascii: "\t") {
      line.removeLast()
    }
    return line
  }

  private static func entry(_ text: ArraySlice<UInt8>, place: String) throws(DataFileError) -> Entry {
    let space = text.lastIndex { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    guard let space, let label = Int32(String(decoding: text[(space + 1)...], as: UTF8.self)) else {
      throw DataFileError(path: place, "a line is an image's path, a space and a whole number as label")
    }
    return Entry(name: String(decoding: text[..<space], as: UTF8.self), label: Int(label))
  }

  /// The entries in an order that depends on the seed alone.
  func shuffled(seed: UInt64) -> [Entry] {
    var random = SequentialRandom(RandomStream(seed: seed))
    return entries.shuffled(using: &random)
  }
}
