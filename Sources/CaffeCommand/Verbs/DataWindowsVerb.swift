import ArgumentParser
import Caffe
import CaffeCore
import CaffeData

struct WindowsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "windows",
    abstract: "Make a window file, which WindowData layers train on, of pictures whose objects are known.",
    discussion: """
      The truth is a CSV file with the columns filename, class, ymin, xmin, ymax, xmax (rows and columns of pixels from 0, maxima \
      outside). A picture's windows are its objects and those that selective search finds; each gets the class of the object that it \
      overlaps most, and the overlap. A class is its line in the labels, counted from 0; the first is the background.

      Example: caffe data windows scenes/train.csv windows.txt --labels scenes/labels.txt
      """)

  @Argument(help: "What there is to see, and in which pictures.") var truth: String
  @Argument(help: "The window file to write.") var output: String
  @Option(help: "Names of the classes, one a line, beginning with the background.") var labels: String
  @Option(help: "Where windows come from: selective-search or selective-search-quality.")
  var proposals = RegionProposals.selectiveSearch
  @OptionGroup var pool: ThreadOptions

  func run() throws {
    let maker = try WindowFileMaker(truth: truth, labels: labels, proposals: proposals)
    let output = try VerbOutput(output, reading: [truth, labels] + maker.picturePaths)
    try Conversion().run("windows", output: output.path) { progress, shouldStop in
      let summary = try maker.write(
        to: output.path, threads: pool.count, progress: progress, shouldStop: shouldStop)
      print("pictures: \(summary.pictures)")
      print("windows: \(summary.windows), of which \(summary.foreground) overlap an object by half or more")
    }
  }
}
