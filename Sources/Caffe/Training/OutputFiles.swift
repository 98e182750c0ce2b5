import CaffeCore
import CaffeGraph
import CaffeHDF5
import CaffeLayers
import CaffePlan
import CaffeTraining
import Synchronization

/// The files that the HDF5Output layers of a run's nets write: one batch after the other, each file there once it is finished.
public final class OutputFiles: Sendable {
  private let layers = Mutex<[OutputLayer]>([])

  public init() {}

  /// Writes what the last passes gave, and puts all files in their places. The end of a run: without it no file appears.
  ///
  /// - Throws: `HDF5Error`.
  public func finish() throws {
    try layers.withLock { layers in
      for layer in layers { try layer.finish() }
      layers = []
    }
  }

  /// The HDF5Output layers of a net.
  ///
  /// - Parameter start: where the data begin: a run before this one may have written the files, and other ranks would as well.
  /// - Throws: `HDF5Error` when two layers have the same file, a run that goes on would replace one, or several ranks would write it.
  func layers(of session: Session, _ start: DataStart) throws -> [OutputLayer] {
    let goesOn = start.passes > 0
    let found = session.plan.graph.nodes.filter { $0.definition.type == HDF5OutputLayer.type }.map { node in
      OutputLayer(
        path: node.definition.parameters(HDF5OutputParameters.self).fileName ?? "", values: node.bottoms, session: session)
    }
    try layers.withLock { layers in
      for layer in found {
        guard !layers.contains(where: { $0.path == layer.path }) else {
          throw HDF5Error(path: layer.path, "two HDF5Output layers write it; give one of them another file_name, or a phase")
        }
        guard start.shard.isWhole else {
          throw HDF5Error(
            path: layer.path, "each of \(start.shard.count) ranks would write it; let a single process run nets with HDF5Output")
        }
        guard !goesOn || !FilePlace.exists(layer.path) else {
          throw HDF5Error(
            path: layer.path, "it holds what this run wrote before it was stopped, and would be replaced; move it away first")
        }
        layers.append(layer)
      }
    }
    return found
  }
}

/// An HDF5Output layer's file, and what it takes from its net.
///
/// It takes the bottoms' values of a pass when the next one begins, for only then is it sure that the pass was made.
// A net is run by one thread at a time, and the file is finished when that is over.
final class OutputLayer: @unchecked Sendable {
  let path: String
  private let values: [Int]
  private let session: Session
  private var file: HDF5Writer?
  /// The passes that had been made when this was asked last; nil before the first.
  private var passes: Int?

  /// - Parameter values: the graph's values that become the datasets `data` and `label`.
  init(path: String, values: [Int], session: Session) {
    (self.path, self.values, self.session) = (path, values, session)
  }

  /// Notes that a pass is about to be made, and takes the values of the one before.
  ///
  /// - Throws: `HDF5Error`.
  func prepare() throws {
    try take()
    passes = session.iteration
  }

  func finish() throws {
    try take()
    passes = nil
    try file?.commit()
    file = nil
  }

  private func take() throws {
    guard let passes, session.iteration > passes else { return }
    let file = try file ?? HDF5Writer(path: path)
    self.file = file
    for (value, name) in zip(values, ["data", "label"]) {
      // A Filter may have let no item through.
      if let tensor = session.output(ofValue: value), tensor.shape.count > 0 { try file.append(tensor, to: name) }
    }
  }
}
