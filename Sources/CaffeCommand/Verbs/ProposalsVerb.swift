import ArgumentParser
import Caffe
import CaffeCore
import CaffeData
import CaffeVision

struct ProposalsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proposals", abstract: "List windows of pictures (JPEG, PNG) in which objects may be, by selective search.",
    discussion: """
      The list is one that detectors read: a line of filename,ymin,xmin,ymax,xmax for each window, the most promising first, in
      pixels; rows ymin ..< ymax and columns xmin ..< xmax.

      Example: caffe proposals street.jpg > windows.csv
      """)

  /// What `--json` prints per picture.
  private struct Result: Encodable {
    struct Window: Encodable { let ymin, xmin, ymax, xmax: Double }
    let image: String
    let seconds: Double
    let windows: [Window]
  }

  @Argument(help: "Pictures.") var images: [String]
  @Flag(help: "More windows, from five colour spaces, four scales and four kinds of similarity.") var quality = false
  @Option(help: "How coarse regions are to begin with, separated by commas; default: 50,100, and 150,300 besides with --quality.")
  var k: String?
  @Option(help: "Pixels that a region has at least; default: as many as k.") var minimumRegion: Int?
  @Flag(help: "Let regions hold together by the corners of pixels too.") var diagonals = false
  @Option(help: "The width that pictures are searched at.") var width = 500
  @Option(help: "Another seed gives the windows another order.") var seed: UInt64 = 0
  @OptionGroup var pool: ThreadOptions
  @Flag(help: "Print JSON, with the seconds that each search took.") var json = false

  func validate() throws {
    _ = try search()
  }

  func run() throws {
    let search = try search()
    var results: [Result] = []
    if !json { print("filename,ymin,xmin,ymax,xmax") }
    for path in images {
      let image = try ImageDecoder.decode(contentsOf: path)
      var windows: [PictureWindow] = []
      let duration = try ContinuousClock().measure { windows = try search.windows(in: image, threads: pool.count) }
      if !json { printLines(windows, of: path) }
      if json { results.append(result(path, duration, windows)) }
    }
    if json { try JSONOutput.print(results) }
  }

  private func search() throws -> SelectiveSearch {
    var search = quality ? SelectiveSearch.quality : .fast
    if let k {
      search.ks = try k.split(separator: ",", omittingEmptySubsequences: false).map { word in
        guard let k = Int(word) else { throw ValidationError("--k \(k): whole numbers, separated by commas") }
        return k
      }
    }
    search.minimumRegion = minimumRegion
    search.joinsDiagonally = diagonals
    search.workingWidth = width
    search.seed = seed
    do {
      try search.check()
    } catch {
      throw ValidationError(error.message)
    }
    return search
  }

  private func printLines(_ windows: [PictureWindow], of path: String) {
    let name = CSVText.field(path)
    for window in windows { print("\(name),\(window.edges.joined(separator: ","))") }
  }

  private func result(_ path: String, _ duration: Duration, _ windows: [PictureWindow]) -> Result {
    Result(
      image: path, seconds: duration.inSeconds,
      windows: windows.map { .init(ymin: $0.minY, xmin: $0.minX, ymax: $0.maxY, xmax: $0.maxX) })
  }
}
