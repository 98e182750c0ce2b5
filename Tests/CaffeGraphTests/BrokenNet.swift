import Testing

/// A prototxt with a mistake, and what must be said of it.
struct BrokenNet: Sendable, CustomTestStringConvertible {
  let name: String
  let text: String
  /// The first line of every diagnostic, without the file's name.
  let expected: [String]
  var testDescription: String { name }

  init(_ name: String, _ text: String, expected: [String]) {
    self.name = name
    self.text = text
    self.expected = expected
  }

  static let all = texts + graphs + layers

  /// The first line of most: two blobs to work with.
  static let data = """
    layer { name: "data" type: "Input" top: "data" top: "label" input_param { shape { dim: [2, 3, 8, 8] } shape { dim: 2 } } }
    """
}
