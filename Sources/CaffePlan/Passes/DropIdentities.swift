import CaffeGraph

/// Takes out operations whose output is their input: Dropout in testing, a Flatten of what is flat.
enum DropIdentities: Pass {
  static let name = "drop-identities"
  static let summary = "layers that change nothing do not run"

  static func run(_ program: inout Program) {
    // What reads a shape that depends on values may change nothing now and something in the next pass.
    var levels = program.levels
    var index = 0
    while index < program.operations.count {
      let operation = program.operations[index]
      let (input, output) = (operation.inputs.first, operation.outputs.first)
      if levels[index] == 0, operation.signature.primitive == .view, let input, let output,
        program.shape(input) == program.shape(output)
      {
        program.operations.remove(at: index)
        levels.remove(at: index)
        program.rename(output, to: input)
      } else {
        index += 1
      }
    }
  }
}
