import CaffeGraph

/// Lets a convolution add another blob to its output as it writes it: what an Eltwise behind it did, as residual nets have it.
enum FuseSum: Pass {
  static let name = "fuse-sum"
  static let summary = "sums of a convolution and another blob are computed where the convolution is made"

  static func run(_ program: inout Program) {
    guard program.purpose == .inference else { return }
    let reads = program.readCounts
    var makers = program.makers
    var absorbed: Set<Int> = []
    for (index, sum) in program.operations.enumerated() {
      guard let (maker, addend) = maker(of: sum, makers, in: program, reads) else { continue }
      program.operations[maker].inputs.append(addend)
      program.operations[maker].addsLastInput = true
      program.operations[maker].outputs = sum.outputs
      program.operations[maker].names += sum.names
      makers[sum.outputs[0]] = maker
      absorbed.insert(index)
    }
    program.remove(absorbed)
  }

  /// The later of the two makers, if it is a convolution whose output is nobody else's business, and the blob that it shall add.
  private static func maker(
    of sum: Program.Operation, _ makers: [Int: Int], in program: Program, _ reads: [Int: Int]
  ) -> (Int, Int)? {
    guard case .sum([1, 1])? = sum.signature.primitive, sum.inputs.count == 2, sum.inputs[0] != sum.inputs[1] else { return nil }
    let places = sum.inputs.map { makers[$0] }
    let later = places[0] ?? -1 > places[1] ?? -1 ? 0 : 1
    let addend = sum.inputs[1 - later]
    guard let maker = places[later], program.isPrivate(sum.inputs[later], readCounts: reads),
      case .convolution? = program.operations[maker].signature.primitive, program.operations[maker].relu == nil,
      program.operations[maker].inputs.count == 1, program.operations[maker].outputs.count == 1,
      program.operations[maker].inputs[0] != addend,
      program.shape(addend) == program.shape(sum.inputs[later])
    else { return nil }
    return (maker, addend)
  }
}
