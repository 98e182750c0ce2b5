import CaffeCore
import CaffeData
import Foundation
import Testing

@Suite("Curves from the command line", .enabled(if: Program.isBuilt))
struct PlotTests {
  private static let caffe = """
    I1123 16:57:43.480699 25115 solver.cpp:239] Iteration 0 (0 iter/s, 1s/100 iters), loss = 2.3
    I1123 16:57:43.480699 25115 sgd_solver.cpp:112] Iteration 0, lr = 0.01
    I1123 16:57:43.480699 25115 solver.cpp:239] Iteration 100 (0 iter/s, 1s/100 iters), loss = 0.3
    I1123 16:57:43.480699 25115 solver.cpp:347] Iteration 100, Testing net (#0)
    I1123 16:57:44.674054 25115 solver.cpp:414]     Test net output #0: accuracy = 0.9
    I1123 16:57:45.480699 25115 solver.cpp:239] Iteration 200 (0 iter/s, 1s/100 iters), loss = nan

    """
  private static let machine = """
    {"event":"train","iteration":0,"loss":2.3,"rate":0.01,"outputs":{"loss":2.3}}
    {"event":"snapshot","iteration":50,"file":"x"}
    {"event":"train","iteration":100,"loss":0.3,"rate":0.01}
    {"event":"test","iteration":100,"net":0,"outputs":{"accuracy":0.9}}
    {"event":"train","iteration":200,"loss":"NaN"}

    """

  @Test("Caffe's log and the log for machines give the same picture")
  func same() throws {
    let folder = try Workplace()
    try folder.write(Self.caffe, to: "run.log")
    try folder.write(Self.machine, to: "run.jsonl")
    for (log, picture) in [("run.log", "a.svg"), ("run.jsonl", "b.svg")] {
      let outcome = try Program.run("plot", log, "-o", picture, in: folder)
      #expect(outcome.code == 0 && outcome.words == "Wrote \(picture)\n" && outcome.results.isEmpty, "\(outcome.words)")
    }
    let text = String(decoding: try folder.bytes("a.svg"), as: UTF8.self)
    #expect(try folder.bytes("a.svg") == folder.bytes("b.svg"))
    #expect(text.contains(">training loss<") && text.contains(">test accuracy<") && !text.contains("learning rate"))
    let all = try Program.run("plot", "run.log", "run.jsonl", "-o", "c.svg", "--curves", "rate", in: folder)
    #expect(all.code == 0)
    let both = String(decoding: try folder.bytes("c.svg"), as: UTF8.self)
    #expect(both.contains(">run.log: learning rate<") && both.contains(">run.jsonl: learning rate<"), "\(both)")
  }

  @Test("a log that two trainings wrote has two curves, neither of which goes back")
  func appended() throws {
    let folder = try Workplace()
    try folder.write(Self.caffe + Self.caffe, to: "run.log")
    try folder.write(Self.machine + Self.machine, to: "run.jsonl")
    for log in ["run.log", "run.jsonl"] {
      #expect(try Program.run("plot", log, "-o", "new/a.svg", "--curves", "rate", in: folder).code == 0)
      let text = String(decoding: try folder.bytes("new/a.svg"), as: UTF8.self)
      #expect(text.contains(">run (1): learning rate<") && text.contains(">run (2): learning rate<"), "\(text)")
      #expect(try Program.run("plot", log, "-o", "a.svg", "--curves", "loss", in: folder).code == 0)
      let lines = String(decoding: try folder.bytes("a.svg"), as: UTF8.self).matches(of: #/points="([^"]+)"/#).map(\.output.1)
      #expect(lines.count >= 2)
      for line in lines {
        let columns = line.split(separator: " ").compactMap { $0.split(separator: ",").first.flatMap { Double($0) } }
        #expect(columns == columns.sorted())
      }
    }
    let report = try Program.run("report", "--log", "run.log", "--out", "deep/report", in: folder)
    #expect(
      report.code == 0 && report.words == "Wrote deep/report/curves.svg\nWrote deep/report/report.html\n", "\(report.words)")
    #expect(String(decoding: try folder.bytes("deep/report/curves.svg"), as: UTF8.self).contains(">run 2: training loss<"))
  }

  @Test(
    "a PNG has two pixels for each of the picture's",
    .enabled(if: (try? ChildProgram("rsvg-convert")) != nil, "the program rsvg-convert is not installed"))
  func png() throws {
    let folder = try Workplace()
    try folder.write(Self.caffe, to: "run.log")
    let outcome = try Program.run("plot", "run.log", "-o", "run.png", in: folder)
    #expect(outcome.code == 0 && outcome.words == "Wrote run.png\n", "\(outcome.words)")
    let image = try ImageDecoder.decode(contentsOf: folder.file("run.png"))
    #expect(image.width == 1520 && image.height == 800)
  }

  @Test("blobs of several numbers are several curves, and numbers that no blob can hold are left out")
  func numbers() throws {
    let folder = try Workplace()
    let lines = (0..<3).map { #"{"event":"test","iteration":\#($0),"net":0,"outputs":{"top":[0.1,0.\#($0)],"sum":1.7e308}}"# }
    try folder.write(lines.joined(separator: "\n"), to: "run.jsonl")
    let outcome = try Program.run("plot", "run.jsonl", "-o", "a.svg", in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    let text = String(decoding: try folder.bytes("a.svg"), as: UTF8.self)
    #expect(text.contains(">test top[0]<") && text.contains(">test top[1]<"))
  }

  @Test("what is no log, and what is no picture, is said")
  func refused() throws {
    let folder = try Workplace()
    let none = try Program.run("plot", "deploy.prototxt", "-o", "new.svg", in: folder)
    #expect(none.code == 1 && none.words == "caffe: deploy.prototxt: no line of it is one of a training's log\n")
    let gif = try Program.run("plot", "run.log", "-o", "new.gif", in: folder)
    #expect(gif.code == 2 && gif.words.contains("-o new.gif: the name must end in .svg or .png"), "\(gif.words)")
    try folder.write(Self.caffe, to: "run.log")
    let png = try Program.run(["plot", "run.log", "-o", "new.png"], in: folder, environment: ["PATH": "/nowhere"])
    #expect(
      png.code == 1
        && png.words == "caffe: a PNG needs librsvg's program rsvg-convert, which is not installed\n"
          + "  install it (Debian: apt install librsvg2-bin, macOS: brew install librsvg), or write SVG: -o curves.svg\n"
    )
    #expect(!folder.contains("new.png"))
    let curve = try Program.run("plot", "run.log", "-o", "new.svg", "--curves", "gradient", in: folder)
    #expect(curve.code == 2 && curve.words.contains("--curves gradient: there are loss, test, train, rate"))
    let mixed = try Program.run("plot", "run.log", "-o", "new.svg", "--curves", "loss,rate", in: folder)
    #expect(mixed.code == 2 && mixed.words.contains("--curves loss,rate: rate is drawn alone, on a scale of its own"))
    #expect(!folder.contains("new.svg"))
  }
}
