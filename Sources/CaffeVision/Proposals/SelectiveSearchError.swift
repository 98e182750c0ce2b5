/// Settings of a selective search that mean nothing: which, and what they may be.
public struct SelectiveSearchError: Error, Equatable, Sendable, CustomStringConvertible {
  public let message: String

  public var description: String { "selective search: \(message)" }
}

extension SelectiveSearch {
  /// Below, a picture of noise would have more regions than are worth the memory.
  static let smallestRegion = 16

  /// - Throws: `SelectiveSearchError` for the first setting that is out of its range.
  public func check() throws(SelectiveSearchError) {
    try require(!colorSpaces.isEmpty, "no colour space is given")
    try require(!ks.isEmpty, "no k is given")
    for k in ks { try require((1...1_000_000).contains(k), "k is \(k); it may be 1 to 1000000") }
    let smallest = SelectiveSearch.smallestRegion
    if let minimumRegion {
      try require(minimumRegion >= smallest, "regions of at least \(minimumRegion) pixels; \(smallest) is the least possible")
    } else if let k = ks.first(where: { $0 < smallest }) {
      throw SelectiveSearchError(
        message: "k is \(k), and regions have at least as many pixels; give their minimum, \(smallest) or more")
    }
    try require(!similarities.isEmpty && !similarities.contains([]), "a grouping needs at least one kind of similarity")
    try require((0...10).contains(sigma), "sigma is \(sigma); it may be 0 to 10")
    if let workingWidth { try require(workingWidth >= 1, "a working width of \(workingWidth); 1 is the least possible") }
    try require(minimumSide >= 1, "windows of at least \(minimumSide) pixels; 1 is the least possible")
  }

  private func require(_ condition: Bool, _ message: String) throws(SelectiveSearchError) {
    guard condition else { throw SelectiveSearchError(message: message) }
  }
}
