/// Adds up what a layer has found in its part of a batch with what the same layer has found in the other parts, in other processes.
///
/// A sum waits for the layer's twins, so a layer that asks for one asks in every pass, whatever the values and even where it has no
/// items, and states no `Independence`. Layers do not throw: where a sum cannot be made they get NaN, and whoever runs them asks with
/// `check`.
///
/// Used by one session at a time, from the thread that runs it.
public final class BatchSum {
  private let add: ([Double]) throws -> [Double]
  private var failure: (any Error)?

  /// - Parameter add: gives the sums over all parts, for each place of a list that is as long in each of them.
  public init(_ add: @escaping ([Double]) throws -> [Double]) { self.add = add }

  /// Means over the whole batch, from those over this part of it.
  ///
  /// - Parameter items: how many values the means here are made of, 0 where this part is empty.
  /// - Returns: the means and how many values they are made of; 0 each where all parts are empty.
  public func means(_ means: [Double], of items: Int) -> (means: [Double], items: Int) {
    let sums = total(means.map { items > 0 ? $0 * Double(items) : 0 } + [Double(items)])
    let all = sums[means.count]
    return (sums.dropLast().map { all == 0 ? 0 : $0 / all }, Int(exactly: all) ?? items)
  }

  private func total(_ values: [Double]) -> [Double] {
    do {
      if failure == nil { return try add(values) }
    } catch {
      failure = error
    }
    return values.map { _ in .nan }
  }

  /// - Throws: why a sum could not be made; from then on none is, as this part is no longer in step with the others.
  public func check() throws {
    if let failure { throw failure }
  }
}
