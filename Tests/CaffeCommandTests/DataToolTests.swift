import CaffeData
import CaffeFormat
import Foundation
import Testing

@Suite("Databases from the command line", .enabled(if: Program.isBuilt))
struct DataToolTests {
  private static func writePhotos(in folder: Workplace) throws {
    let image = try Image(width: 4, height: 2, channels: 1, pixels: [0, 100, 50, 50, 100, 200, 50, 54])
    try Data(ImageEncoder.encode(image, as: .png)).write(to: URL(filePath: folder.file("a.png")))
    try folder.write("hello", to: "text.png")
    try folder.write("a.png 3\ntext.png 4\n", to: "list.txt")
  }

  private static func firstRecord(_ path: String, in folder: Workplace) throws -> Datum {
    var cursor = try LMDBSnapshot(path: folder.file(path)).makeCursor()
    return try cursor.next { try Datum(bytes: $1, name: path) }
  }

  @Test("images takes Caffe's flags as gflags take them, and names what it passes over")
  func images() throws {
    let folder = try Workplace()
    try Self.writePhotos(in: folder)
    let outcome = try Program.run(
      "data", "images", "--gray=true", "-resize_height=1", "--resize_width", "2", "-noshuffle", "--encoded=false", "./",
      "list.txt",
      "db", "-backend", "lmdb", in: folder)
    #expect(outcome.code == 0 && outcome.results == "1 images written, 1 passed over\n", "\(outcome.words)")
    #expect(
      outcome.words
        == "passed over: ./text.png: neither a JPEG nor a PNG image: it begins with the bytes 68 65 6c 6c 6f\n")
    let datum = try Self.firstRecord("db", in: folder)
    #expect(datum.data == [100, 51] && datum.label == 3 && datum.channels == 1 && datum.height == 1 && datum.width == 2)
    let again = try Program.run("data", "images", ".", "list.txt", "db", in: folder)
    #expect(again.code == 1)
    #expect(again.words == "caffe: db: something exists there already; remove it or choose another name\n")
  }

  @Test("images --json and mean --json are results for machines")
  func json() throws {
    struct Images: Decodable { let written: Int, skipped: [[String: String]] }
    struct Mean: Decodable { let shape: [Int], channelMeans: [Float] }
    let folder = try Workplace()
    try Self.writePhotos(in: folder)
    let images = try Program.run("data", "images", "", "list.txt", "db", "--json", "--gray", in: folder)
    let outcome = try JSONDecoder().decode(Images.self, from: Data(images.results.utf8))
    #expect(outcome.written == 1 && outcome.skipped.first?["file"] == "text.png")
    let plain = try Program.run("data", "mean", "db", "mean.binaryproto", "-backend=lmdb", in: folder)
    #expect(plain.code == 0 && plain.results == "mean_value channel [0]: 75.5\n", "\(plain.words)")
    #expect(try MeanImage(contentsOf: folder.file("mean.binaryproto")).tensor.shape == [1, 2, 4])
    let mean = try JSONDecoder().decode(
      Mean.self, from: Data(try Program.run("data", "mean", "db", "--json", in: folder).results.utf8))
    #expect(mean.shape == [1, 2, 4] && mean.channelMeans == [75.5])
  }

  @Test(
    "wrong calls end with 2",
    arguments: [
      (["--resize_width", "3"], "--resize_width and --resize_height go together"),
      (["--encode_type", "gif"], "it is jpg or png"),
      (["--backend", "sqlite"], "sqlite"),
    ])
  func wrong(arguments: [String], words: String) throws {
    let outcome = try Program.run(["data", "images", ".", "list.txt", "db"] + arguments, in: try Workplace())
    #expect(outcome.code == 2 && outcome.words.contains(words), "\(outcome.words)")
  }
}
