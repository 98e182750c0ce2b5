import CaffeCore

/// A layer whose tops have as many items as the values ask for ends a level: what reads them, and what reads that, is planned once
/// their shapes are known. Nets without such layers have one level.
extension Program {
  /// The level of each operation: how many value-dependent shapes must be known, one after the other, before it can be planned.
  public var levels: [Int] {
    var ofValue = [Int](repeating: 0, count: valueCount)
    return operations.map { operation in
      let level = operation.inputs.map { ofValue[$0] }.max() ?? 0
      for (place, output) in operation.outputs.enumerated() {
        ofValue[output] = level + (operation.signature.varyingTops.contains(place) ? 1 : 0)
      }
      return level
    }
  }

  /// How values pass between levels.
  public struct Borders: Sendable {
    /// The level of each operation.
    public let levels: [Int]
    /// The level whose operations make each value; nil for inputs of the net.
    public let makers: [Int: Int]
    /// Per level, the values it reads that no operation of its own makes, in order: inputs of the net or of lower levels.
    public let reads: [[Int]]
    /// Per level, the values of its own that later levels read, in order; the net's inputs are the first level's own.
    public let gives: [[Int]]

    /// The number of levels.
    public var count: Int { reads.count }
  }

  /// The levels and what passes between them.
  public var borders: Borders {
    let levels = levels
    let count = (levels.max() ?? 0) + 1
    var makers: [Int: Int] = [:]
    for (operation, level) in zip(operations, levels) { for output in operation.outputs { makers[output] = level } }
    var reads = [Set<Int>](repeating: [], count: count)
    for (operation, level) in zip(operations, levels) {
      for input in operation.inputs where makers[input] != level { reads[level].insert(input) }
    }
    let gives = (0..<count).map { level in
      Set(reads[(level + 1)...].joined()).filter { makers[$0, default: 0] == level }.sorted()
    }
    return Borders(levels: levels, makers: makers, reads: reads.map { $0.sorted() }, gives: gives)
  }
}
