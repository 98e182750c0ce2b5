import CaffeCore

/// A file that a verb writes, which is none of those it reads: where the two are one, what was read would be lost.
struct VerbOutput {
  let path: String

  /// - Parameter inputs: the files that the verb reads.
  /// - Throws: `OverwrittenInput` when the output is one of them, under whatever name.
  init(_ path: String, reading inputs: [String]) throws(OverwrittenInput) {
    self.path = path
    for input in inputs where FilePlace.isSame(path, input) { throw OverwrittenInput(output: path, input: input) }
  }

  /// Says that it is there.
  func note() { VerbOutput.note(path) }

  static func note(_ paths: String...) { Console.note("Wrote \(paths.joined(separator: ", "))") }
}

/// An output that is the file which was read.
struct OverwrittenInput: Error, CustomStringConvertible {
  let output, input: String

  var description: String {
    let what = output == input ? "it is the file that is read" : "it is \(input), the file that is read,"
    return "\(output): \(what) and would be replaced; write to another name"
  }
}
