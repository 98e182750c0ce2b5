import CaffeCore
import CaffeData
import CaffeHDF5
import CaffeTesting
import Foundation
import Testing

@Suite("Objects in pictures on the command line", .enabled(if: Program.isBuilt))
struct DetectTests {
  /// A net that puts out the means of the channels, which are red for class 2, and a picture with a red square.
  private static func workplace() throws -> Workplace {
    let folder = try Workplace()
    try folder.write(
      """
      layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 8 dim: 3 dim: 16 dim: 16 } } }
      layer { name: "pool" type: "Pooling" bottom: "data" top: "mean" pooling_param { pool: AVE global_pooling: true } }
      """, to: "means.prototxt")
    try Data([0xA2, 0x06, 0x06, 0x0A, 0x04] + Array("pool".utf8)).write(to: URL(filePath: folder.file("means.caffemodel")))
    try folder.write("blue\ngreen\nred, \"bright\"\n", to: "labels.txt")
    let pixels = (0..<100 * 80).flatMap { index -> [UInt8] in
      let (x, y) = (index % 100, index / 100)
      return (20..<60).contains(x) && (10..<50).contains(y) ? [0, 0, 250] : [0, 0, 0]
    }
    let image = try Image(width: 100, height: 80, channels: 3, pixels: pixels)
    for name in ["square.png", "other.png"] {
      try Data(ImageEncoder.encode(image, as: .png)).write(to: URL(filePath: folder.file(name)))
    }
    try folder.write(
      "filename,ymin,xmin,ymax,xmax\nsquare.png,10,20,50,60\nsquare.png,10,20,50,100\nother.png,60,0,80,80\n", to: "w.csv")
    return folder
  }

  private static let model = [
    "detect", "means.prototxt", "--weights", "means.caffemodel", "--labels", "labels.txt", "--context-pad", "0",
    "--score-threshold", "100",
  ]

  @Test("windows of a list are scored, and what is found is said, written and drawn")
  func found() throws {
    let folder = try Self.workplace()
    let outputs = ["--windows", "w.csv", "--csv", "scores.csv", "--h5", "scores.h5", "--draw", "drawn.svg"]
    let outcome = try Program.run(Self.model + outputs, in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    #expect(
      outcome.results == """
        ---------- Objects in square.png ----------
        250.0000 - "red, "bright"" - ymin 10.0, xmin 20.0, ymax 50.0, xmax 60.0
        ---------- Objects in other.png ----------
        none

        """)
    #expect(outcome.words.contains("square.png: 2 windows in ") && outcome.words.contains("suppression"))
    let rows = String(decoding: try folder.bytes("scores.csv"), as: UTF8.self).split(separator: "\n")
    #expect(rows.count == 4 && rows[0] == "filename,ymin,xmin,ymax,xmax,class0,class1,class2")
    #expect(rows[1] == "square.png,10.0,20.0,50.0,60.0,0.0,0.0,250.0" && rows[3].hasPrefix("other.png,60.0,0.0,80.0,80.0,0.0"))
    let frame = try HDF5Reader(path: folder.file("scores.h5"))
    let values = try frame.tensor("df/block0_values")
    // A row per column of the table: ymin of the three windows first, their third class last.
    #expect(values.shape == [7, 3] && values.values.prefix(3) == [10, 10, 60] && values[18] == 250 && values[1 * 3 + 1] == 20)
    #expect(folder.contains("drawn-square.svg") && folder.contains("drawn-other.svg"))
  }

  @Test("what is printed for machines is what the evaluation reads")
  func evaluation() throws {
    let folder = try Self.workplace()
    let outcome = try Program.run(Self.model + ["square.png", "--windows", "w.csv", "--json"], in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    try folder.write(outcome.results, to: "found.json")
    try folder.write(
      "filename,class,ymin,xmin,ymax,xmax\nsquare.png,\"red, \"\"bright\"\"\",10,20,50,60\nsquare.png,blue,0,0,9,9\n",
      to: "truth.csv")
    let table = try Program.run("evaluate-detections", "truth.csv", "found.json", in: folder)
    #expect(table.code == 0, "\(table.words)")
    let lines = table.results.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(
      lines == [
        "class objects answers VOC 2007 VOC 2012 COCO COCO 0.5 COCO 0.75", "blue 1 0 0.0000 0.0000 0.0000 0.0000 0.0000",
        "red, \"bright\" 1 1 1.0000 1.0000 1.0000 1.0000 1.0000", "mean 0.5000 0.5000 0.5000 0.5000 0.5000",
      ])
  }

  @Test("settings of crops and suppression have their effect")
  func settings() throws {
    let folder = try Self.workplace()
    func results(_ arguments: String...) throws -> String {
      let outcome = try Program.run(Self.model + ["square.png", "--windows", "near.csv"] + arguments, in: folder)
      #expect(outcome.code == 0, "\(outcome.words)")
      return outcome.results
    }
    // They overlap by 1280/1920, which is 0.6667; with 1 added by 1353/2009, which is 0.6735.
    try folder.write("filename,ymin,xmin,ymax,xmax\nsquare.png,10,20,50,60\nsquare.png,10,12,50,52\n", to: "near.csv")
    #expect(try results().contains("250.0000") && results().split(separator: "\n").count == 2)
    #expect(try results("--nms", "0.67").split(separator: "\n").count == 3)
    #expect(try results("--nms", "0.67", "--nms-area", "plus-one").split(separator: "\n").count == 2)
    #expect(try results("--background-class", "2").contains("none"))
    // 40 columns and 40 rows fill the crop; as a square nothing changes, and with surroundings black comes in.
    #expect(try results("--crop-mode", "square").contains("red"))
    #expect(try !results("--context-pad", "4", "--geometry", "rcnn").contains("250.0000"))
    let quality = try Program.run(Self.model + ["square.png", "--proposals", "selective-search-quality"], in: folder)
    #expect(quality.code == 0 && quality.results.contains("red"), "\(quality.words)")
  }

  @Test("selective search finds the square, the same for any number of threads and in another process")
  func proposals() throws {
    let folder = try Self.workplace()
    let outcomes = try ["1", "2", "7", "1"].map { threads in
      try Program.run(Self.model + ["square.png", "--csv", "\(threads).csv", "--threads", threads], in: folder)
    }
    #expect(outcomes.allSatisfy { $0.code == 0 && $0.results == outcomes[0].results }, "\(outcomes[0].words)")
    #expect(outcomes[0].results.contains("red"), "\(outcomes[0].results)")
    #expect(try folder.bytes("1.csv") == folder.bytes("2.csv") && folder.bytes("1.csv") == folder.bytes("7.csv"))
  }

  @Test("mistakes are named, all at once, and nothing is written")
  func mistakes() throws {
    let folder = try Self.workplace()
    func words(_ arguments: String..., code: Int32 = 1) throws -> String {
      let outcome = try Program.run(Self.model + arguments, in: folder)
      #expect(outcome.code == code && outcome.results.isEmpty, "\(outcome.results)")
      return outcome.words
    }
    try folder.write(
      "filename,ymin,xmin,ymax,xmax\nsquare.png,10,20,50,60\nsquare.png,50,20,10,60\nsquare.png,5,5,5,9\nsquare.png,80,0,90,9\n",
      to: "bad.csv")
    let bad = try words("square.png", "--windows", "bad.csv", "--csv", "scores.csv")
    #expect(bad.contains("bad.csv:3:1: error: the window ymin 50, xmin 20, ymax 10, xmax 60 of square.png is reversed"), "\(bad)")
    #expect(bad.contains("bad.csv:4:1: error: the window ymin 5, xmin 5, ymax 5, xmax 9 of square.png has no area"))
    #expect(
      bad.contains("bad.csv:5:1: error: the window ymin 80, xmin 0, ymax 90, xmax 9 of square.png lies outside of the picture"))
    #expect(!folder.contains("scores.csv"))
    try folder.write("filename,ymin,xmin,ymax,xmax\n", to: "empty.csv")
    #expect(try words("--windows", "empty.csv").contains("empty.csv names no picture"))
    #expect(try words("square.png", "--windows", "empty.csv").contains("empty.csv has no windows of square.png"))
    try folder.write("no picture", to: "broken.png")
    #expect(try words("broken.png").contains("broken.png: neither a JPEG nor a PNG image"))
    // The others are looked at all the same.
    let half = try Program.run(Self.model + ["broken.png", "square.png", "--json"], in: folder)
    #expect(half.code == 1 && half.words.contains("broken.png: neither"), "\(half.words)")
    #expect(half.results.contains("\"image\" : \"square.png\"") && !half.results.contains("broken"), "\(half.results)")
    #expect(try words("gone.png", "away.png").contains("away.png: No such file or directory"))
    #expect(try words(code: 2).contains("give pictures, or --windows with a list that names some"))
    #expect(try words("square.png", "--csv", "a", "--h5", "a", code: 2).contains("two outputs have the name a"))
    #expect(try words("square.png", "--csv", "means.prototxt").contains("means.prototxt: it is the file that is read"))
    #expect(try words("square.png", "--csv", ".").contains(".: cannot write it as a file: Is a directory"))
    #expect(try words("square.png", "--csv", "labels.txt").contains("labels.txt: it is the file that is read"))
    #expect(try words("square.png", "--background-class=-1", code: 2).contains("classes count from 0"))
    #expect(try words("square.png", "--nms", "2", code: 2).contains("--nms 2.0: an overlap lies between 0 and 1"))
    #expect(try words("square.png", "--draw", "a.gif", code: 2).contains("--draw a.gif: the name must end in .png or .svg"))
  }

  @Test("a window file is made of scenes whose shapes are known, and a WindowData layer reads it")
  func windowFile() throws {
    let folder = try Workplace()
    let draw = ["data", "scenes", "scenes", "--pictures", "--train", "3", "--test", "1", "--side", "128"]
    #expect(try Program.run(draw, in: folder).code == 0)
    let made = try Program.run(
      "data", "windows", "scenes/train.csv", "windows.txt", "--labels", "scenes/labels.txt", in: folder)
    #expect(made.code == 0 && made.results.hasPrefix("pictures: 3\nwindows: "), "\(made.words)")
    let file = String(decoding: try folder.bytes("windows.txt"), as: UTF8.self)
    #expect(file.hasPrefix("# 0\nscenes/train/0.png\n3\n128\n128\n"), "\(file.prefix(80))")
    let truths = String(decoding: try folder.bytes("scenes/train.csv"), as: UTF8.self).split(separator: "\n").dropFirst()
    // Each object is a window of its own, with an overlap of 1.
    #expect(file.split(separator: "\n").count { $0.contains(" 1.0000 ") } >= truths.count)
    try folder.write(
      """
      layer { name: "windows" type: "WindowData" top: "data" top: "label" transform_param { crop_size: 16 }
        window_data_param { source: "windows.txt" batch_size: 8 } }
      layer { name: "sum" type: "Reduction" bottom: "data" top: "sum" }
      """, to: "read.prototxt")
    #expect(try Program.run("time", "--model", "read.prototxt", "--iterations", "1", in: folder).code == 0)
    let other = try Program.run("data", "windows", "scenes/train.csv", "w.txt", "--labels", "scenes/train.csv", in: folder)
    #expect(
      other.code == 1 && other.words.contains("is not in scenes/train.csv behind its first line, the background"),
      "\(other.words)")
  }
}
