import CaffeCore
import CaffeFormat
import CaffeHDF5
import Foundation
import Testing

@Suite("Weights from the command line", .enabled(if: Program.isBuilt))
struct WeightsTests {
  /// Two layers, as binary and as HDF5.
  private static func writeWeights(in folder: Workplace) throws {
    let first = WeightSet.Layer(
      name: "ip1", type: "InnerProduct",
      blobs: [BlobRecord(try Tensor([2, 2], values: [1, 2, 3, 6])), BlobRecord(try Tensor([2], values: [0, -1]))])
    let second = WeightSet.Layer(name: "a/b", type: "Scale", blobs: [BlobRecord(try Tensor([1], values: [.nan]))])
    let weights = WeightSet(name: "tiny", layers: [first, second])
    try weights.write(path: folder.file("a.caffemodel"))
    try weights.writeHDF5(path: folder.file("a.caffemodel.h5"))
  }

  private static func names(_ path: String, in folder: Workplace) throws -> [String] {
    try WeightSet.load(path: folder.file(path)).layers.map(\.name)
  }

  @Test("list shows shapes and what the numbers are like")
  func list() throws {
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    let outcome = try Program.run("weights", "list", "a.caffemodel", in: folder)
    #expect(outcome.code == 0 && outcome.words.isEmpty, "\(outcome.words)")
    #expect(
      outcome.results == """
        layer  type          blob  shape  numbers  min  max  mean  deviation  zeros  not finite
        ip1    InnerProduct  0     2x2    4        1    6    3     1.87083
        ip1    InnerProduct  1     2      2        -1   0    -0.5  0.5        1
        a/b    Scale         0     1      1        0    0    0     0                 1

        2 layers, 7 numbers

        """)
  }

  @Test("list --json is the same of both kinds of file, but for what HDF5 does not tell")
  func json() throws {
    struct Listing: Decodable {
      struct Layer: Decodable { let name: String, type: String, blobs: [Blob] }
      struct Blob: Decodable { let shape: [Int], count: Int, statistics: [String: Double] }
      let layers: [Layer], parameters: Int
    }
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    for (file, type) in [("a.caffemodel", "InnerProduct"), ("a.caffemodel.h5", "")] {
      let outcome = try Program.run("weights", "list", "--json", file, in: folder)
      let listing = try JSONDecoder().decode(Listing.self, from: Data(outcome.results.utf8))
      let layer = try #require(listing.layers.first { $0.name == "ip1" })
      #expect(listing.parameters == 7 && layer.type == type && layer.blobs.map(\.count) == [4, 2])
      #expect(layer.blobs[0].statistics["mean"] == 3 && layer.blobs[1].statistics["zeros"] == 1)
    }
  }

  @Test("diff of the same numbers ends with 0, of others with 1 and says where")
  func difference() throws {
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    let same = try Program.run("weights", "diff", "a.caffemodel", "a.caffemodel.h5", in: folder)
    #expect(same.code == 0 && same.results == "3 of 3 blobs agree\n", "\(same.words)")
    let changed = WeightSet.Layer(
      name: "ip1", blobs: [BlobRecord(try Tensor([2, 2], values: [1, 2, 3.5, 6])), BlobRecord(Tensor([3]))])
    try WeightSet(layers: [changed, .init(name: "new", blobs: [BlobRecord(Tensor([1]))])]).write(path: folder.file("b"))
    let other = try Program.run("weights", "diff", "a.caffemodel", "b", in: folder)
    #expect(other.code == 1 && other.words.isEmpty)
    #expect(
      other.results == """
        only in a.caffemodel: a/b
        only in b: new
        ip1, blob 0: 2x2, numbers differ by up to 0.5
        ip1, blob 1: shape 2 and 3
        0 of 2 blobs agree

        """)
    try WeightSet(layers: [WeightSet.Layer(name: "ip1", blobs: [changed.blobs[0]])]).write(path: folder.file("c"))
    let close = try Program.run("weights", "diff", "b", "c", "--tolerance", "1", in: folder)
    #expect(close.code == 1 && close.results.contains("ip1, blob 1: only in b\n1 of 2 blobs agree"), "\(close.results)")
  }

  @Test("rename and extract write what was asked, of either kind", arguments: ["out.caffemodel", "out.caffemodel.h5"])
  func surgery(output: String) throws {
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    let renamed = try Program.run("weights", "rename", "a.caffemodel", output, "ip1=fc", "a/b=ip1", in: folder)
    #expect(renamed.code == 0 && renamed.words == "Wrote \(output)\n" && renamed.results.isEmpty, "\(renamed.words)")
    #expect(try Set(Self.names(output, in: folder)) == ["fc", "ip1"])
    #expect(try WeightSet.load(path: folder.file(output))["fc"]?[0].tensor.values == [1, 2, 3, 6])
    let extracted = try Program.run("weights", "extract", output, "new/part", "fc", in: folder)
    #expect(extracted.code == 0 && extracted.words == "Wrote new/part\n", "folders are made")
    #expect(try Self.names("new/part", in: folder) == ["fc"])
  }

  @Test(
    "the file that is read is not written over, whatever it is called",
    arguments: [
      ["weights", "extract", "a.caffemodel", "OUT", "ip1"], ["weights", "rename", "a.caffemodel", "OUT", "ip1=x"],
      ["convert", "a.caffemodel", "OUT"], ["weights", "convolve", "deploy.prototxt", "a.caffemodel", "new", "OUT"],
      ["upgrade", "net", "--binary", "a.caffemodel", "OUT"],
    ])
  func overwriting(arguments: [String]) throws {
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    let before = try folder.bytes("a.caffemodel")
    try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "a.caffemodel")
    let names = [
      ("a.caffemodel", "it is the file that is read"), ("./a.caffemodel", "it is a.caffemodel, the file that is read,"),
      ("link", "it is a.caffemodel, the file that is read,"),
    ]
    for (output, what) in names {
      let outcome = try Program.run(arguments.map { $0 == "OUT" ? output : $0 }, in: folder)
      #expect(outcome.code == 1)
      #expect(outcome.words == "caffe: \(output): \(what) and would be replaced; write to another name\n", "\(outcome.words)")
    }
    #expect(try folder.bytes("a.caffemodel") == before && !folder.contains("new"))
  }

  @Test(
    "layers that are not there and names that are taken are refused",
    arguments: [
      (["rename", "a.caffemodel", "new", "ip=x"], 1, "caffe: there is no layer \"ip\" in the weights, did you mean \"ip1\"?\n"),
      (
        ["rename", "a.caffemodel", "new", "ip1=a/b"], 1,
        "caffe: \"a/b\" would be the name of two layers; rename or leave out the other one too\n"
      ),
      (
        ["extract", "a.caffemodel", "new", "ip1", "ip3"], 1,
        "caffe: there is no layer \"ip3\" in the weights, did you mean \"ip1\"?\n"
      ),
      (["rename", "a.caffemodel", "new", "ip1"], 2, "Error: The value 'ip1' is invalid for '<names>'"),
      (["rename", "a.caffemodel", "new", "ip1=x", "ip1=y"], 2, "Error: ip1 is renamed twice"),
    ] as [([String], Int32, String)])
  func refused(arguments: [String], code: Int32, words: String) throws {
    let folder = try Workplace()
    try Self.writeWeights(in: folder)
    let outcome = try Program.run(["weights"] + arguments, in: folder)
    #expect(outcome.code == code && outcome.words.hasPrefix(words) && !folder.contains("new"), "\(outcome.words)")
  }
}
