import CaffeData
import CaffeVision
import Foundation
import Testing

@Suite("Windows of pictures on the command line", .enabled(if: Program.isBuilt))
struct ProposalsTests {
  /// A folder with a drawn scene in a file with a comma in its name.
  private func folder() throws -> (Workplace, Image) {
    let folder = try Workplace()
    let image = SceneGenerator(side: 80, seed: 2).scene(0).image
    try Data(ImageEncoder.encode(image, as: .png)).write(to: URL(filePath: folder.file("a,b.png")))
    return (folder, image)
  }

  @Test("a line for each window, the same in two processes with other numbers of threads")
  func lines() throws {
    let (folder, image) = try folder()
    let first = try Program.run("proposals", "a,b.png", "--width", "80", "--threads", "1", in: folder)
    let second = try Program.run("proposals", "a,b.png", "--width", "80", "--threads", "7", in: folder)
    #expect(first.code == 0 && first.results == second.results, "\(first.words)")
    let lines = first.results.split(separator: "\n")
    #expect(lines.first == "filename,ymin,xmin,ymax,xmax")
    #expect(lines.contains("\"a,b.png\",0,0,80,80"))
    let windows = try SelectiveSearch(workingWidth: 80).windows(in: image, threads: 1)
    #expect(lines.count == windows.count + 1)
  }

  @Test("JSON has the seconds besides; settings come from the flags")
  func json() throws {
    let (folder, image) = try folder()
    let arguments = ["--width", "80", "--k", "40,90", "--minimum-region", "30", "--seed", "3", "--diagonals", "--json"]
    let outcome = try Program.run(["proposals", "a,b.png"] + arguments, in: folder)
    struct Answer: Decodable {
      let image: String
      let seconds: Double
      let windows: [[String: Double]]
    }
    let answer = try #require(try JSONDecoder().decode([Answer].self, from: Data(outcome.results.utf8)).first)
    let search = SelectiveSearch(ks: [40, 90], minimumRegion: 30, joinsDiagonally: true, workingWidth: 80, seed: 3)
    let windows = try search.windows(in: image, threads: 1)
    #expect(answer.image == "a,b.png" && answer.seconds > 0)
    #expect(
      answer.windows == windows.map { ["ymin": $0.minY, "xmin": $0.minX, "ymax": $0.maxY, "xmax": $0.maxX] })
  }

  @Test("wrong settings are wrong calls; a picture that is none is named")
  func refusals() throws {
    let (folder, _) = try folder()
    for (flags, words) in [
      (["--k", "a"], "--k a: whole numbers, separated by commas"), (["--k", "5"], "k is 5, and regions"),
      (["--width", "0"], "a working width of 0"), (["--threads", "0"], "--threads must be 1 to 1024"),
    ] {
      let outcome = try Program.run(["proposals", "a,b.png"] + flags, in: folder)
      #expect(outcome.code == 2 && outcome.words.contains(words), "\(outcome.words)")
    }
    try folder.write("hello", to: "text.jpg")
    let outcome = try Program.run("proposals", "text.jpg", in: folder)
    #expect(outcome.code == 1 && outcome.words.hasPrefix("caffe: text.jpg: neither a JPEG nor a PNG image"))
  }
}
