/// Transformation parameters that contradict each other or the picture they meet: what, and what to do.
public struct TransformError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, with the sizes met.
  public let description: String

  public init(_ description: String) { self.description = description }
}
