import CaffeCore

/// What is wrong with a long list, of which the first lines say enough.
package struct ProblemList: Sendable {
  /// How many are told one by one.
  private static let shown = 20

  private var diagnostics = Diagnostics()
  private var count = 0

  package init() {}

  package mutating func append(_ problem: Diagnostic) {
    count += 1
    if count <= ProblemList.shown { diagnostics.append(problem) }
  }

  /// - Throws: `Diagnostics` when there is a problem.
  package func throwIfAny() throws(Diagnostics) {
    guard count > ProblemList.shown else { return try diagnostics.throwIfErrors() }
    var all = diagnostics
    all.append(Diagnostic("and \(count - ProblemList.shown) more"))
    throw all
  }
}
