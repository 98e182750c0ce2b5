/// A call to the HDF5 library that failed, or a file that holds what is not accepted: where and why.
public struct HDF5Error: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file's path.
  public let path: String
  /// The dataset, group or attribute inside; nil when the file itself is meant.
  public let object: String?
  /// What is wrong and what to do.
  public let message: String

  public init(path: String, object: String? = nil, _ message: String) {
    self.path = path
    self.object = object
    self.message = message
  }

  /// `weights.h5: data/conv1/0: cannot read it: filter returned failure`
  public var description: String {
    let place = object.map { "\(path): \($0)" } ?? path
    return "\(place): \(message)"
  }
}
