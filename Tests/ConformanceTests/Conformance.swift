import Caffe
import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffeLayers
import CaffePlan
import CaffeTesting
import Foundation
import Testing

/// Caffe's own results, beside the checkout.
enum Conformance {
  static let folder: String? = Checkout().shared.map { $0 + "/conformance" }

  /// A way to run a net.
  struct Setting: Sendable, CustomTestStringConvertible {
    let engine: NetOptions.Engine
    let without: Set<String>

    var testDescription: String {
      "\(engine.rawValue), without \(without.isEmpty ? "no pass" : without.sorted().joined(separator: ", "))"
    }

    var options: NetOptions {
      var options = NetOptions()
      options.engine = engine
      options.threads = 1
      options.withoutPasses = without
      return options
    }

    /// Both backends with all passes and with none.
    static let few = both { [[], Set(Passes.names)] }
    /// Also with each pass left out in turn.
    static let all = both { [[], Set(Passes.names)] + Passes.names.map { [$0] } }

    private static func both(_ passes: () -> [Set<String>]) -> [Setting] {
      NetOptions.Engine.allCases.flatMap { engine in passes().map { Setting(engine: engine, without: $0) } }
    }
  }

  /// Runs one of Caffe's nets on its inputs and compares all that Caffe kept.
  ///
  /// - Parameter groups: the groups of the file with expected values, by what they are compared with.
  /// - Returns: what differs.
  static func differences(_ net: String, weights: String?, values: String, _ setting: Setting, tops: String = "top") throws
    -> [String]
  {
    let file = try HDF5Reader(path: values)
    var run = TensorRun(net: net, weights: weights)
    run.options = setting.options
    run.backward = file.contains("bottom_diff") || file.contains("param_diff")
    run.blobs = try blobs(file, tops)
    let result = try run.run(input: values)
    return try [
      compare(file, tops, result.tops), compare(file, "bottom_diff", result.bottomDiffs),
      compare(file, "param_diff", result.parameterDiffs),
      compare(file, "param_after", result.parametersAfter),
    ].flatMap { $0 }
  }

  private static func blobs(_ file: HDF5Reader, _ group: String) throws -> [String] {
    file.contains(group) ? try file.datasets(under: group) : []
  }

  private static func compare(_ file: HDF5Reader, _ group: String, _ actual: [String: Tensor]) throws -> [String] {
    let names = try blobs(file, group)
    let expected = Dictionary(uniqueKeysWithValues: try names.map { ($0, try file.tensor("\(group)/\($0)")) })
    return Tolerance().mismatches(actual, expected, "\(group)/")
  }
}
