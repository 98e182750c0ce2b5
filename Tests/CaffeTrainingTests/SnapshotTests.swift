import CaffeCore
import CaffeFormat
import CaffeHDF5
import CaffeTesting
import CaffeTraining
import Foundation
import Testing

@Suite("Snapshots")
struct SnapshotTests {
  private static let settings = "momentum: 0.9 weight_decay: 0.001 iter_size: 2 snapshot: 4 max_iter: 8"

  @Test("let training go on to the very bytes of a run without a break", arguments: ["fixed", "step"])
  func exact(policy: String) throws {
    let training = try SmallTraining()
    let settings = Self.settings + (policy == "step" ? " lr_policy: 'step' gamma: 0.5 stepsize: 3" : "")
    try training.solver(settings).solve()
    #expect(
      training.files == [
        "small_iter_4.caffemodel", "small_iter_4.resume", "small_iter_4.solverstate", "small_iter_8.caffemodel",
        "small_iter_8.resume", "small_iter_8.solverstate",
      ])
    let unbroken = try ["small_iter_8.caffemodel", "small_iter_8.solverstate"].map(training.bytes)
    for name in ["small_iter_8.caffemodel", "small_iter_8.solverstate"] { try training.remove(name) }
    try training.solver(settings, from: "small_iter_4.solverstate").solve()
    #expect(try ["small_iter_8.caffemodel", "small_iter_8.solverstate"].map(training.bytes) == unbroken)
    #expect(try training.bytes("small_iter_4.caffemodel") != unbroken[0])
  }

  @Test("in HDF5 hold the same numbers and can be gone on from")
  func hdf5() throws {
    let (binary, hdf5) = (try SmallTraining(), try SmallTraining())
    try binary.solver(Self.settings).solve()
    try hdf5.solver(Self.settings + " snapshot_format: HDF5").solve()
    let expected = try WeightSet.load(path: binary.folder.file("small_iter_8.caffemodel"))
    func tensors(_ set: WeightSet) -> [String: [Tensor]] {
      Dictionary(uniqueKeysWithValues: set.layers.map { ($0.name, $0.blobs.map(\.tensor)) })
    }
    #expect(try tensors(WeightSet.load(path: hdf5.folder.file("small_iter_8.caffemodel.h5"))) == tensors(expected))
    try hdf5.remove("small_iter_8.caffemodel.h5")
    try hdf5.solver(Self.settings + " snapshot_format: HDF5", from: "small_iter_4.solverstate.h5").solve()
    #expect(try tensors(WeightSet.load(path: hdf5.folder.file("small_iter_8.caffemodel.h5"))) == tensors(expected))
  }

  @Test("hold the weights, the net without data to test on, and the memory of the solver")
  func content() throws {
    let training = try SmallTraining()
    let solver = try training.solver(Self.settings)
    try solver.step(3)
    let paths = try solver.snapshot()
    let weights = try WeightSet.read(path: paths.weights)
    let own = try solver.net.session.weights.weightSet()
    #expect(weights.name == "small")
    #expect(weights.layers.map(\.name) == ["conv", "fc"])
    for layer in own.layers { #expect(weights[layer.name]?.map(\.tensor) == layer.blobs.map(\.tensor)) }
    let state = try SolverState.read(path: paths.state)
    #expect(state.iteration == 3)
    #expect(state.learnedNet == paths.weights)
    #expect(state.history.map(\.shape) == own.layers.flatMap { $0.blobs.map(\.shape) })
    #expect(state.history.allSatisfy { $0.tensor.values.contains { $0 != 0 } })
  }

  @Test("with snapshot_diff hold the gradients too")
  func diffs() throws {
    let training = try SmallTraining()
    let solver = try training.solver("max_iter: 2 snapshot_diff: true")
    try solver.step(2)
    let blobs = try WeightSet.read(path: try solver.snapshot().weights).layers.flatMap(\.blobs)
    #expect(blobs.count == 4 && blobs.allSatisfy { $0.diff?.count == $0.shape.count })
  }

  @Test("that cannot be written leave the earlier one whole and no litter")
  func failure() throws {
    let training = try SmallTraining()
    let solver = try training.solver(Self.settings)
    try solver.step(2)
    try solver.snapshot()
    let before = try training.files.map(training.bytes)
    try solver.step(1)
    try FileManager.default.createDirectory(
      atPath: training.folder.file("small_iter_3.caffemodel/x"), withIntermediateDirectories: true)
    #expect(throws: FileError.self) { try solver.snapshot() }
    #expect(
      training.files == ["small_iter_2.caffemodel", "small_iter_2.resume", "small_iter_2.solverstate", "small_iter_3.caffemodel"])
    #expect(try training.files.prefix(3).map(training.bytes) == before)
    // A folder that cannot be is told before the training begins; one that merely is not there is made.
    let file = training.folder.file("small_iter_2.caffemodel")
    #expect(throws: FileError.self) { try training.solver(Self.settings + " snapshot_prefix: '\(file)/x'") }
    _ = try training.solver(Self.settings + " snapshot_prefix: '\(training.folder.file("new/deep/x"))'")
    #expect(FilePlace.isDirectory(training.folder.file("new/deep")))
  }

  @Test("that fail on the way are only told when training is to go on; the last must be written")
  func goingOn() throws {
    let training = try SmallTraining()
    let solver = try training.solver("max_iter: 6 snapshot: 2")
    solver.stopsOnSnapshotError = false
    try FileManager.default.createDirectory(
      atPath: training.folder.file("small_iter_2.solverstate/x"), withIntermediateDirectories: true)
    try solver.solve()
    #expect(solver.iteration == 6)
    #expect(training.lines.count { $0.hasPrefix("This snapshot failed, and the training goes on: ") } == 1)
    #expect(training.files.contains("small_iter_4.solverstate") && training.files.contains("small_iter_6.solverstate"))
    let last = try training.solver("max_iter: 8 snapshot: 8")
    last.stopsOnSnapshotError = false
    try FileManager.default.createDirectory(
      atPath: training.folder.file("small_iter_8.caffemodel/x"), withIntermediateDirectories: true)
    #expect(throws: FileError.self) { try last.solve() }
  }

  @Test("that were moved go on with the weights beside them, not with others of that name")
  func moved() throws {
    let training = try SmallTraining()
    let solver = try training.solver(Self.settings)
    try solver.step(3)
    let paths = try solver.snapshot()
    let folder = training.folder.file("moved")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    for path in [paths.weights, paths.state] {
      try FileManager.default.moveItem(atPath: path, toPath: "\(folder)/\(URL(filePath: path).lastPathComponent)")
    }
    try solver.step(1)
    let others = try solver.snapshot()
    try FileManager.default.moveItem(atPath: others.weights, toPath: paths.weights)
    let again = try training.solver(Self.settings, from: "moved/small_iter_3.solverstate")
    let expected = try WeightSet.read(path: "\(folder)/small_iter_3.caffemodel").layers.flatMap { $0.blobs.map(\.tensor) }
    #expect(try again.net.session.weights.weightSet().layers.flatMap { $0.blobs.map(\.tensor) } == expected)
    for path in [paths.weights, "\(folder)/small_iter_3.caffemodel"] { try FileManager.default.removeItem(atPath: path) }
    let error = #expect(throws: SolverError.self) { try training.solver(Self.settings, from: "moved/small_iter_3.solverstate") }
    #expect(
      error?.description.hasSuffix("which are neither there nor beside it; put them beside it") == true,
      "\(error?.description ?? "")")
  }

  @Test("of another net are refused")
  func otherNet() throws {
    let training = try SmallTraining()
    let solver = try training.solver(Self.settings)
    let wrong = SolverState(iteration: 1, learnedNet: nil, history: [BlobRecord(Tensor([3]))], currentStep: 0)
    let count = #expect(throws: SolverError.self) { try solver.restore(wrong) }
    #expect(count?.description.hasPrefix("the solver state has 1 history blobs, this net and solver type need 4") == true)
    let shapes = SolverState(iteration: 1, learnedNet: nil, history: (0..<4).map { _ in BlobRecord(Tensor([3])) }, currentStep: 0)
    let shape = #expect(throws: SolverError.self) { try solver.restore(shapes) }
    #expect(shape?.description.hasPrefix("history blob 0 has shape 3, parameter 0 of layer \"conv\" has 12x2x3x3") == true)
  }
}
