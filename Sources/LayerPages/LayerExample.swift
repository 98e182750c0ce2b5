import CaffeCore

/// The example in a layer's doc comment: a net's text, whose first comments say what is put into it.
///
/// ```
/// # x: 2x3x4
/// # label: 2 labels 5
/// # weight: 2x3x4 in 0...1
/// ```
struct LayerExample {
  /// What is put into a blob.
  enum Values: Equatable {
    case any
    /// Whole numbers from 0 to one less than the bound.
    case labels(below: Int)
    case within(ClosedRange<Float>)
  }

  /// A blob that the layer is given.
  struct Input: Equatable {
    let name: String
    let shape: Shape
    let values: Values
  }

  /// An example that cannot be read.
  struct Mistake: Error, Equatable, CustomStringConvertible {
    let description: String
  }

  let inputs: [Input]
  /// The example with Input layers in place of the comments: a net.
  let net: String

  /// - Parameter text: the example as it stands in the comment.
  /// - Throws: `Mistake` when one of its comments says no blob.
  init(_ text: String) throws {
    var inputs: [Input] = []
    let lines = try text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      guard line.hasPrefix("#") else { return String(line) }
      let input = try LayerExample.input(line.dropFirst())
      inputs.append(input)
      return LayerExample.layer(input)
    }
    self.inputs = inputs
    net = lines.joined(separator: "\n")
  }

  private static func layer(_ input: Input) -> String {
    let dims = input.shape.dims.map { "dim: \($0)" }.joined(separator: " ")
    return "layer { name: \"in \(input.name)\" type: \"Input\" top: \"\(input.name)\" input_param { shape { \(dims) } } }"
  }

  private static func input(_ line: Substring) throws -> Input {
    let words = line.split(separator: " ")
    guard words.count == 2 || words.count == 4, words[0].last == ":", words[0].count > 1 else {
      throw Mistake(description: "\"#\(line)\" is not \"# blob: 2x3\", \"# blob: 2 labels 5\" or \"# blob: 2x3 in 0...1\"")
    }
    let dims = words[1].split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
    let shape = try Shape(validating: dims)
    guard words.count == 4 else { return Input(name: String(words[0].dropLast()), shape: shape, values: .any) }
    return Input(name: String(words[0].dropLast()), shape: shape, values: try values(words[2], words[3]))
  }

  private static func values(_ kind: Substring, _ argument: Substring) throws -> Values {
    if kind == "labels", let bound = Int(argument), bound > 0 { return .labels(below: bound) }
    let bounds = argument.split(separator: "...").compactMap { Float($0) }
    guard kind == "in", bounds.count == 2, bounds[0] < bounds[1] else {
      throw Mistake(description: "\"\(kind) \(argument)\" is not \"labels 5\" or \"in 0...1\"")
    }
    return .within(bounds[0]...bounds[1])
  }
}
