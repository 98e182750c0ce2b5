import CaffeCore
import CaffeData
import CaffeFormat
import CaffeHDF5
import Foundation
import Testing

@Suite("Features from the command line", .enabled(if: Program.isBuilt))
struct FeatureTests {
  /// A place with digits and weights: `ip1` holds the sum of the pixels, 16 times.
  private static func place() throws -> Workplace {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    let first = WeightSet.Layer(
      name: "ip1", blobs: [BlobRecord(Tensor([16, 784], repeating: 1)), BlobRecord(Tensor([16]))])
    let second = WeightSet.Layer(name: "ip2", blobs: [BlobRecord(Tensor([10, 16])), BlobRecord(Tensor([10]))])
    try WeightSet(name: "tiny", layers: [first, second]).write(path: folder.file("tiny.caffemodel"))
    return folder
  }

  /// The records of a database in the order of their keys.
  private static func records(_ name: String, in folder: Workplace) throws -> [(key: String, datum: Datum, bytes: [UInt8])] {
    let snapshot = try LMDBSnapshot(path: folder.file(name))
    var cursor = snapshot.makeCursor()
    return try (0..<snapshot.count).map { _ in
      try cursor.next { (String(decoding: $0, as: UTF8.self), try Datum(bytes: $1, name: name), Array($1)) }
    }
  }

  @Test("databases get a record of floats for each item, in Caffe's form")
  func databases() throws {
    let folder = try Self.place()
    let outcome = try Program.run(
      "extract-features", "tiny.caffemodel", "net.prototxt", "data,ip1", "pixels,sums", "3", "lmdb", "GPU", "0", "--threads", "1",
      in: folder)
    #expect(outcome.code == 0 && outcome.words == "GPU is ignored: this engine runs on the CPU.\n", "\(outcome.words)")
    #expect(outcome.results == "data: 24 items of 1x28x28 in pixels\nip1: 24 items of 16 in sums\n")
    let digits = try Self.records("digits/test_lmdb", in: folder)
    let (pixels, sums) = try (Self.records("pixels", in: folder), Self.records("sums", in: folder))
    #expect(pixels.map(\.key) == (0..<24).map { "00000000" + ($0 < 10 ? "0" : "") + "\($0)" })
    #expect(sums.map(\.key) == pixels.map(\.key))
    for (index, record) in pixels.enumerated() {
      #expect(record.datum.floatData == digits[index].datum.data.map { Float($0) * 0.00390625 })
      #expect(record.datum.channels == 1 && record.datum.height == 28 && record.datum.width == 28)
    }
    for (index, record) in sums.enumerated() {
      let sum = digits[index].datum.data.reduce(Float(0)) { $0 + Float($1) } / 256
      #expect(record.datum.floatData.count == 16 && record.datum.floatData.allSatisfy { abs($0 - sum) < 1e-3 * sum })
      #expect(record.datum.channels == 16 && record.datum.height == 1 && record.datum.width == 1)
      // Caffe's message says that these floats are not packed: each has its own tag.
      #expect(record.bytes.count == 6 + 5 * 16 && record.bytes[6] == 6 << 3 | 5)
    }
  }

  @Test("arrays hold all items: HDF5 under the blob's name, npy as numpy lays them out")
  func arrays() throws {
    let folder = try Self.place()
    for format in ["hdf5", "npy"] {
      let outcome = try Program.run(
        "extract-features", "tiny.caffemodel", "net.prototxt", "ip1", "ip1.\(format)", "2", format, "--json", "--threads", "1",
        in: folder)
      #expect(outcome.code == 0 && outcome.results.contains("\"items\" : 16"), "\(outcome.words)")
    }
    let rows = try HDF5Reader(path: folder.file("ip1.hdf5")).tensor("ip1")
    #expect(rows.shape == [16, 16] && rows[0] == rows[15] && rows[0] != rows[255])
    let bytes = try folder.bytes("ip1.npy")
    let header = "\u{93}NUMPY\u{1}\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (16, 16, ), }"
    #expect(String(bytes: bytes.prefix(header.count), encoding: .isoLatin1) == header)
    #expect(bytes.count == 128 + 4 * 256 && bytes[127] == UInt8(ascii: "\n"))
    let values = bytes.dropFirst(128).withUnsafeBytes { raw in
      (0..<256).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
    }
    #expect(values == rows.values)
  }

  @Test("an output's ending says its kind where no word does")
  func endings() throws {
    let folder = try Self.place()
    let outcome = try Program.run(
      "extract-features", "tiny.caffemodel", "net.prototxt", "ip1,ip1,ip1,ip1", "a.h5,b.npy,c.leveldb,d_lmdb", "1", "--threads",
      "1",
      in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    #expect(try HDF5Reader(path: folder.file("a.h5")).tensor("ip1").shape == [8, 16])
    #expect(try folder.bytes("b.npy").prefix(6) == Data([0x93] + "NUMPY".utf8))
    #expect(folder.contains("c.leveldb/CURRENT") && folder.contains("d_lmdb/data.mdb"))
  }

  @Test("an input that nothing fills is refused by the verbs that read data", arguments: ["extract-features", "test", "train"])
  func unfilled(verb: String) throws {
    let folder = try Self.place()
    try folder.write(
      "net: 'deploy.prototxt' base_lr: 0.1 lr_policy: 'fixed' max_iter: 1 snapshot_prefix: 'new'", to: "solver.prototxt")
    let arguments = [
      "extract-features": ["tiny.caffemodel", "deploy.prototxt", "ip1", "new", "1"],
      "test": ["--model", "deploy.prototxt", "--weights", "tiny.caffemodel"], "train": ["--solver", "solver.prototxt"],
    ]
    let outcome = try Program.run([verb] + (arguments[verb] ?? []), in: folder)
    #expect(outcome.code == 1 && !folder.contains("new"))
    #expect(
      outcome.words.hasSuffix(
        "caffe: nothing fills the input \"data\" of layer \"data\" (Input); put a layer in its place that reads the data, as Data, "
          + "ImageData, WindowData, MemoryData, HDF5Data\n"), "\(outcome.words)")
  }

  @Test(
    "what cannot be is refused, and nothing is left",
    arguments: [
      (["ip3", "new", "1"], 1, "caffe: the net has no blob \"ip3\"; did you mean \"ip1\"?\n"),
      (["accuracy", "new", "1"], 1, "caffe: the blob \"accuracy\" is one number for the whole batch; it has no items\n"),
      (["ip1,ip2", "new", "1"], 2, "Error: there must be as many outputs as blobs"),
      (["ip1,ip2", "new,new", "1"], 2, "Error: two blobs have the same output"),
      (["ip1", "new", "0"], 2, "Error: there must be at least 1 batch"),
      (["ip1", "deploy.prototxt/new", "1", "npy"], 1, "caffe: deploy.prototxt/new: cannot "),
      (
        ["ip1", "new.h5", "1", "lmdb"], 2, "Error: new.h5 ends as hdf5 does, and lmdb is asked for; leave one of them out"
      ),
      (
        ["ip1", "tiny.caffemodel", "1", "npy"], 1,
        "caffe: tiny.caffemodel: it is the file that is read and would be replaced; write to another name\n"
      ),
    ] as [([String], Int32, String)])
  func refused(arguments: [String], code: Int32, words: String) throws {
    let folder = try Self.place()
    let outcome = try Program.run(["extract-features", "tiny.caffemodel", "net.prototxt"] + arguments, in: folder)
    #expect(outcome.code == code && outcome.words.hasPrefix(words), "\(outcome.words)")
    #expect(try !folder.contains("new") && !folder.contains("new.h5") && !folder.hasLeftovers)
  }
}
