import CaffeCore
import CaffeData

/// The names of a net's classes, one per line: line 1 names class 0.
public struct LabelFile: Sendable, Equatable {
  /// The most bytes a file may have: 64 MiB.
  public static let maximumSize = 1 << 26

  /// The names in the order of their classes.
  public let labels: [String]

  /// Reads a file such as `synset_words.txt`.
  ///
  /// - Throws: `FileError` when it cannot be read or is larger than 64 MiB.
  public init(contentsOf path: String) throws(FileError) {
    self.init(text: String(decoding: try FileBytes.read(path, limit: LabelFile.maximumSize), as: UTF8.self))
  }

  /// The lines of a text, without spaces around them; empty lines at the end do not count.
  public init(text: String) {
    var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
      String(line.drop(while: \.isWhitespace).trimmingEnd(while: \.isWhitespace))
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    labels = lines
  }

  /// The name of a class; a class without a line is called by its number.
  public subscript(index: Int) -> String { labels.indices.contains(index) ? labels[index] : "class \(index)" }
}

extension Substring {
  fileprivate func trimmingEnd(while isUnwanted: (Character) -> Bool) -> Substring {
    var text = self
    while let last = text.last, isUnwanted(last) { text.removeLast() }
    return text
  }
}
