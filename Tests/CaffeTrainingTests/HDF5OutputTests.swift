import Caffe
import CaffeCore
import CaffeFormat
import CaffeHDF5
import CaffeTesting
import CaffeTraining
import Foundation
import Testing

@Suite("Layers that write HDF5 files")
struct HDF5OutputTests {
  /// Two rows of numbers that grow from pass to pass, doubled, and their labels.
  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let writer = try HDF5Writer(path: folder.file("rows.h5"))
    try writer.write(Tensor([6, 3], values: (0..<18).map { Float($0) }), to: "x")
    try writer.write(Tensor([6], values: [0, 1, 2, 3, 4, 5]), to: "label")
    try writer.commit()
    try Data("rows.h5\n".utf8).write(to: URL(filePath: folder.file("list.txt")))
    let net = """
      layer { name: 'rows' type: 'HDF5Data' top: 'x' top: 'label'
        hdf5_data_param { source: '\(folder.file("list.txt"))' batch_size: 2 } }
      layer { name: 'twice' type: 'Power' bottom: 'x' top: 'y' power_param { scale: 2 } }
      layer { name: 'keep' type: 'HDF5Output' bottom: 'y' bottom: 'label'
        hdf5_output_param { file_name: '\(folder.file("kept.h5"))' } }
      """
    try Data(net.utf8).write(to: URL(filePath: folder.file("net.prototxt")))
    return folder
  }

  @Test("a run that goes on does not replace what it wrote before")
  func goingOn() throws {
    let folder = try Self.folder()
    let (net, role) = (
      SolverDefinition.NetSource.file(folder.file("net.prototxt")), NetRole(state: NetState(), isTraining: false)
    )
    let first = NetWorkshop(file: folder.file("net.prototxt"))
    _ = try Scoring(net: first.build(net, state: role, startingAt: DataStart())).run(iterations: 1)
    try first.outputs.finish()
    let error = #expect(throws: HDF5Error.self) {
      try NetWorkshop(file: folder.file("net.prototxt")).build(net, state: role, startingAt: DataStart(passes: 1))
    }
    #expect(error?.description.contains("kept.h5: it holds what this run wrote before it was stopped") == true)
    _ = try NetWorkshop(file: folder.file("net.prototxt")).build(net, state: role, startingAt: DataStart())
  }

  @Test("the batches of a test stand one behind the other, once the run is over")
  func test() throws {
    let folder = try Self.folder()
    let workshop = NetWorkshop(file: folder.file("net.prototxt"))
    let net = try workshop.build(net: folder.file("net.prototxt"), phase: .TEST, purpose: .inference)
    _ = try Scoring(net: net).run(iterations: 3)
    #expect(!FileManager.default.fileExists(atPath: folder.file("kept.h5")))
    try workshop.outputs.finish()
    let reader = try HDF5Reader(path: folder.file("kept.h5"))
    #expect(try reader.tensor("data") == Tensor([6, 3], values: (0..<18).map { Float(2 * $0) }))
    #expect(try reader.tensor("label") == Tensor([6], values: [0, 1, 2, 3, 4, 5]))
  }

  @Test("a run that is given up leaves no file")
  func abandoned() throws {
    let folder = try Self.folder()
    do {
      let workshop = NetWorkshop(file: folder.file("net.prototxt"))
      let net = try workshop.build(net: folder.file("net.prototxt"), phase: .TEST, purpose: .inference)
      _ = try Scoring(net: net).run(iterations: 3)
    }
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["list.txt", "net.prototxt", "rows.h5"])
  }

  @Test("two layers with one file are refused")
  func twice() throws {
    let made = try Self.folder()
    let again = """
      layer { name: 'again' type: 'HDF5Output' bottom: 'y' bottom: 'label'
        hdf5_output_param { file_name: '\(made.file("kept.h5"))' } }
      """
    let text = try String(contentsOfFile: made.file("net.prototxt"), encoding: .utf8) + again
    try Data(text.utf8).write(to: URL(filePath: made.file("net.prototxt")))
    let error = #expect(throws: HDF5Error.self) {
      let workshop = NetWorkshop(file: made.file("net.prototxt"))
      _ = try workshop.build(net: made.file("net.prototxt"), phase: .TEST, purpose: .inference)
    }
    #expect(
      error.map { "\($0)" }
        == "\(made.file("kept.h5")): two HDF5Output layers write it; give one of them another file_name, or a phase")
  }
}
