import CaffeCore
import CaffeGraph
import CaffePlan

extension NetGraph {
  /// Sees to it that the net has blobs of these names.
  ///
  /// - Throws: `RunError` with the nearest name.
  func check(blobs: [String]) throws(RunError) {
    for name in blobs where value(named: name) == nil {
      let near = nearest(to: name, among: blobNames).map { "; did you mean \"\($0)\"?" } ?? ""
      throw RunError("the net has no blob \"\(name)\"\(near)")
    }
  }
}
