/// Settings of a data source that contradict each other or the pictures they meet: what, and what to do.
public struct DataSettingsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, with the sizes met.
  public let description: String

  public init(_ description: String) { self.description = description }
}
