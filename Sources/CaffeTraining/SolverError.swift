/// A solver that cannot be, or a training that cannot go on.
public struct SolverError: Error, Sendable, CustomStringConvertible {
  public let description: String
  /// The field of the solver's file to point at.
  public let field: String?

  public init(_ description: String, field: String? = nil) {
    self.description = description
    self.field = field
  }
}
