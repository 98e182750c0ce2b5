import CaffeCore
import CaffeFormat
import CaffeHDF5
import Foundation
import Testing

@Suite("Files of numbers on the command line", .enabled(if: Program.isBuilt))
struct TensorFileTests {
  /// Weights that fit the tiny net.
  private static func writeWeights(in folder: Workplace) throws {
    let first = WeightSet.Layer(
      name: "ip1", blobs: [BlobRecord(Tensor([16, 784], repeating: 0.25)), BlobRecord(Tensor([16], repeating: 1))])
    let values = (0..<160).map { Float($0) / 8 }
    let second = WeightSet.Layer(
      name: "ip2", blobs: [BlobRecord(try Tensor([10, 16], values: values)), BlobRecord(Tensor([10]))])
    try WeightSet(name: "tiny", layers: [first, second]).write(path: folder.file("tiny.caffemodel"))
  }

  private static func writeInput(_ tensors: [String: Tensor], to name: String, in folder: Workplace) throws {
    let writer = try HDF5Writer(path: folder.file(name))
    for (name, tensor) in tensors { try writer.write(tensor, to: name) }
    try writer.commit()
  }

  @Test("convert to HDF5 and back gives equal blobs and says what was written")
  func convert() throws {
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    for names in [["tiny.caffemodel", "tiny.caffemodel.h5"], ["tiny.caffemodel.h5", "back.caffemodel"]] {
      let outcome = try Program.run(["convert"] + names, in: folder)
      #expect(outcome.code == 0 && outcome.words == "Wrote \(names[1])\n" && outcome.results.isEmpty, "\(outcome.words)")
    }
    let before = try WeightSet.read(path: folder.file("tiny.caffemodel"))
    #expect(HDF5Reader.isHDF5(path: folder.file("tiny.caffemodel.h5")))
    let after = try WeightSet.read(path: folder.file("back.caffemodel"))
    #expect(after.layers.map(\.name) == ["ip1", "ip2"])
    for layer in before.layers { #expect(after[layer.name]?.map(\.tensor) == layer.blobs.map(\.tensor)) }
  }

  @Test("run writes the outputs")
  func run() throws {
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    try Self.writeInput(["input/data": Tensor([2, 1, 28, 28], repeating: 0)], to: "in.h5", in: folder)
    let outcome = try Program.run(
      "run", "deploy.prototxt", "--weights", "tiny.caffemodel", "--input", "in.h5", "--output", "out.h5", in: folder)
    #expect(outcome.code == 0 && outcome.results.isEmpty, "\(outcome.words)")
    let result = try HDF5Reader(path: folder.file("out.h5")).tensor("top/prob")
    #expect(result.shape == [2, 10])
    #expect(result.values.prefix(10).max() == result[9] && result[9] > 0.99)
  }

  /// An input file that does not fit the tiny net; nil is one that is no HDF5 file.
  private static let wrongInputs: [(tensors: [String: Tensor]?, words: String)] = [
    (["input/dta": Tensor([2, 1, 28, 28])], "\"dta\""), (["input/data": Tensor([2, 1, 28, 27])], "ip1"),
    (["output/data": Tensor([2, 1, 28, 28])], "input/data"), (["input": Tensor([2])], "input"), (nil, "not an HDF5 file"),
  ]

  @Test("run refuses inputs that do not fit, and writes nothing", arguments: wrongInputs.indices)
  func wrongInput(index: Int) throws {
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    let (tensors, words) = Self.wrongInputs[index]
    if let tensors { try Self.writeInput(tensors, to: "in.h5", in: folder) } else { try folder.write("numbers", to: "in.h5") }
    let outcome = try Program.run(
      "run", "deploy.prototxt", "--weights", "tiny.caffemodel", "--input", "in.h5", "--output", "out.h5", in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.results.isEmpty)
    #expect(outcome.words.contains(words), "\(outcome.words)")
    #expect(!folder.contains("out.h5"))
  }

  @Test("folders that are not there are made", arguments: ["new/deep/new.h5", "new/new.caffemodel"])
  func folders(output: String) throws {
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    #expect(try Program.run("convert", "tiny.caffemodel", output, in: folder).code == 0)
    #expect(folder.contains(output))
  }

  @Test("a folder that cannot be is named", arguments: ["deploy.prototxt/new.caffemodel", "deploy.prototxt/new.h5"])
  func unwritable(output: String) throws {
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    let outcome = try Program.run("convert", "tiny.caffemodel", output, in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.words.hasPrefix("caffe: \(output): cannot "), "\(outcome.words)")
    #expect(outcome.words.contains("Not a directory"), "\(outcome.words)")
    #expect(outcome.words.split(separator: "\n").count == 1)
  }

  @Test(
    "a full disk is named, and the file that stood there stays whole",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")), arguments: ["kept.caffemodel", "kept.caffemodel.h5"])
  func fullDisk(output: String) throws {
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    #expect(try Program.run("convert", "tiny.caffemodel", output, in: folder).code == 0)
    let before = try folder.bytes(output)
    let outcome = try Program.runOnFullDisk(["convert", "tiny.caffemodel", output], output: output, in: folder)
    #expect(outcome.code == 1)
    #expect(
      outcome.words.hasPrefix("caffe: \(output): cannot ") && outcome.words.contains("No space left on device"),
      "\(outcome.words)")
    #expect(try folder.bytes(output) == before)
    #expect(try !folder.hasLeftovers)
  }
}
