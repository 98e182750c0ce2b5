import ArgumentParser
import CaffeCore

/// `data=1,3,224,224`: a blob's shape on the command line.
struct ShapeArgument: ExpressibleByArgument {
  let blob: String
  let shape: Shape

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    let dims = parts[1].split(omittingEmptySubsequences: false, whereSeparator: { $0 == "," || $0 == "x" }).map { Int($0) }
    guard !dims.contains(nil), let shape = try? Shape(validating: dims.compactMap { $0 }) else { return nil }
    blob = String(parts[0])
    self.shape = shape
  }
}

/// The flag that gives shapes the file does not.
struct ShapeOptions: ParsableArguments {
  @Option(name: .customLong("input-shape"), help: "A blob's shape, as data=1,3,224,224 (may be repeated).")
  var inputShape: [ShapeArgument] = []

  var shapes: [String: Shape] { Dictionary(inputShape.map { ($0.blob, $0.shape) }) { $1 } }
}
