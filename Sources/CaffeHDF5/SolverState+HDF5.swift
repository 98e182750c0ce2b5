import CaffeCore
import CaffeFormat

extension SolverState {
  /// Reads a solver state of either kind, told apart by content.
  ///
  /// - Throws: `WrongFileKind`, `HDF5Error`, `FileError`, `WireError` or `BlobError`.
  public static func load(path: String) throws -> SolverState {
    try FileKind.solverState.reading(path) { HDF5Reader.isHDF5(path: path) ? try SolverState(hdf5: path) : try read(path: path) }
  }

  private init(hdf5 path: String) throws {
    let file = try HDF5Reader(path: path)
    guard file.contains("iter"), file.contains("history") else {
      throw HDF5Error(path: path, object: nil, "this is no solver state: it has no \"iter\" and \"history\"")
    }
    let iteration = try file.integer("iter")
    guard (0...Int(Int32.max)).contains(iteration) else {
      throw HDF5Error(path: path, object: "iter", "\(iteration) is no number of iterations")
    }
    self.init(
      iteration: iteration, learnedNet: file.contains("learned_net") ? try? file.string("learned_net") : nil,
      history: try file.children(of: "history").map { BlobRecord(try file.tensor("history/\($0)")) },
      currentStep: file.contains("current_step") ? try file.integer("current_step") : 0)
  }

  /// Writes Caffe's HDF5 solver state; the file appears whole or not at all.
  ///
  /// - Throws: `HDF5Error`.
  public func writeHDF5(path: String) throws {
    let file = try HDF5Writer(path: path)
    try file.write(iteration, to: "iter")
    if let learnedNet { try file.write(learnedNet, to: "learned_net") }
    try file.write(currentStep, to: "current_step")
    for (index, blob) in history.enumerated() { try file.write(blob.tensor, to: "history/\(index)") }
    try file.commit()
  }
}
