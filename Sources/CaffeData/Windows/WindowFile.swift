import CaffeCore

/// A window file: pictures, each with labelled windows and their overlaps with objects.
///
/// For each picture: `#` and its number, its path, channels, height, width, the number of its windows; then for each window
/// its label, overlap, and x1 y1 x2 y2, both ends inside. Words are separated by blanks and line ends.
package struct WindowFile: Sendable {
  package struct Window: Sendable {
    /// The picture's place in `pictures`.
    package let picture: Int
    /// 0 for background.
    package let label: Int
    /// With the object it shows best: intersection over union.
    package let overlap: Float
    /// In pixels, both ends inside.
    package let box: PixelRange
    /// Where it stands in the file, counted from 1.
    package let line: Int

    /// The same without its object.
    var asBackground: Window { Window(picture: picture, label: 0, overlap: overlap, box: box, line: line) }
  }

  /// The most bytes of a window file.
  private static let maximumSize = 1 << 31

  package let path: String
  package private(set) var pictures: [String] = []
  package private(set) var windows: [Window] = []

  /// - Throws: `FileError` when the file cannot be read, `DataFileError` naming the line that is wrong.
  package init(contentsOf path: String) throws {
    try self.init(path: path, bytes: try FileBytes.read(path, limit: WindowFile.maximumSize))
  }

  /// - Throws: `DataFileError`, as above.
  init(path: String, bytes: [UInt8]) throws {
    self.path = path
    var words = WindowFileWords(path: path, bytes: bytes)
    while let mark = words.next() {
      guard mark == "#" else { throw words.error("a picture begins with \"# NUMBER\", this with \"\(mark)\"") }
      _ = try words.integer("a picture's number")
      pictures.append(try words.text("a picture's path"))
      for side in ["channels", "height", "width"] { _ = try words.integer("the picture's \(side)") }
      let count = try words.integer("the number of windows")
      guard count >= 0 else { throw words.error("\(count) is no number of windows") }
      for _ in 0..<count { windows.append(try window(&words)) }
    }
    guard !pictures.isEmpty else { throw DataFileError(path: path, "the file names no picture") }
  }

  private func window(_ words: inout WindowFileWords) throws -> Window {
    let label = try words.integer("a window's label")
    let overlap = try words.number("a window's overlap")
    let line = words.line
    let ends = try ["x1", "y1", "x2", "y2"].map { try words.integer("a window's \($0)") }
    let box = PixelRange(left: ends[0], top: ends[1], right: ends[2], bottom: ends[3])
    guard box.isSound else { throw words.error("the window \(box) is none: x1 and y1 come before x2 and y2") }
    return Window(picture: pictures.count - 1, label: label, overlap: overlap, box: box, line: line)
  }
}

/// The words of a window file, one after the other.
struct WindowFileWords {
  private let path: String
  private var rest: ArraySlice<UInt8>
  /// The line of the word that came last.
  private(set) var line = 1

  init(path: String, bytes: [UInt8]) {
    self.path = path
    rest = bytes[...]
  }

  /// The next word; nil at the end.
  mutating func next() -> String? {
    while let first = rest.first, first <= UInt8(ascii: " ") {
      if first == UInt8(ascii: "\n") { line += 1 }
      rest.removeFirst()
    }
    let word = rest.prefix { $0 > UInt8(ascii: " ") }
    rest = rest.dropFirst(word.count)
    return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
  }

  mutating func text(_ what: String) throws(DataFileError) -> String {
    guard let word = next() else { throw error("the file ends where \(what) should stand") }
    return word
  }

  mutating func integer(_ what: String) throws(DataFileError) -> Int {
    let word = try text(what)
    guard let value = Int32(word) else { throw error("\(what) is a whole number, not \"\(word.prefix(80))\"") }
    return Int(value)
  }

  mutating func number(_ what: String) throws(DataFileError) -> Float {
    let word = try text(what)
    guard let value = Float(word), value.isFinite else { throw error("\(what) is a number, not \"\(word.prefix(80))\"") }
    return value
  }

  func error(_ message: String) -> DataFileError { DataFileError(path: "\(path):\(line)", message) }
}
