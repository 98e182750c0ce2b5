import ArgumentParser
import Caffe
import CaffeCore
import CaffeData
import CaffeTraining

struct ExtractFeaturesVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract-features", abstract: "Write what blobs hold for a net's data: Caffe's extract_features.",
    discussion: """
      Runs the net in its TEST phase. A database gets a Datum with float_data for each item, under the keys 0000000000, 0000000001 \
      and so on; hdf5 writes one dataset named as the blob, npy an array for numpy. An output's ending (.h5, .hdf5, .npy, .lmdb, \
      .leveldb) says its kind too.

      Example: caffe extract-features lenet.caffemodel train_val.prototxt ip1,prob ip1_lmdb,prob_lmdb 10 lmdb
      """)

  @Argument(help: "Weights: .caffemodel or .caffemodel.h5.") var weights: String
  @Argument(help: "The net's prototxt with its data, a model's directory or name.") var net: String
  @Argument(help: "The blobs, separated by commas.") var blobs: String
  @Argument(help: "An output for each, separated by commas.") var outputs: String
  @Argument(help: "How many batches.") var batches: Int
  @Argument(help: "The outputs' kind: lmdb, leveldb, hdf5 or npy; default: as their endings say, else lmdb.")
  var format: FeatureFormat?
  @Argument(help: "CPU or GPU, accepted and ignored: this engine runs on the CPU.") var mode = "CPU"
  @Argument(help: "A GPU's number, accepted and ignored.") var device: String?
  @Flag(help: "Print what was written as JSON.") var json = false
  @OptionGroup var engine: InferenceOptions

  func validate() throws {
    let paths = outputs.split(separator: ",").map(String.init)
    for path in paths {
      guard let format, let ending = FeatureFormat(path: path), ending != format else { continue }
      throw ValidationError("\(path) ends as \(ending.rawValue) does, and \(format.rawValue) is asked for; leave one of them out")
    }
    guard batches > 0 else { throw ValidationError("there must be at least 1 batch") }
    guard pairs.count == paths.count, pairs.count == blobs.split(separator: ",").count, !pairs.isEmpty
    else { throw ValidationError("there must be as many outputs as blobs, separated by commas") }
    guard Set(pairs.map(\.path)).count == pairs.count else { throw ValidationError("two blobs have the same output") }
  }

  private var pairs: [FeatureExtraction.Output] {
    zip(blobs.split(separator: ","), outputs.split(separator: ",").map(String.init)).map {
      .init(blob: String($0), path: $1, format: format ?? FeatureFormat(path: $1) ?? .lmdb)
    }
  }

  func run() throws {
    let ranks = try Job.join()
    let (net, weights) = try (NamedModel.path(net, .training), NamedModel.path(weights, .weights))
    for output in pairs { _ = try VerbOutput(output.path, reading: [net, weights]) }
    let extraction = try FeatureExtraction(
      net: net, weights: weights, outputs: pairs,
      options: engine.netOptions(phase: .TEST), ranks: ranks,
      fingerprint: Job.fingerprint([
        "option": engine.fingerprint, "list of blobs": blobs, "list of outputs": outputs, "number of batches": "\(batches)",
      ]))
    if mode.uppercased() == "GPU" { Console.note("GPU is ignored: this engine runs on the CPU.") }
    try Conversion().run("features, batches") { progress, shouldStop in
      let summaries = try extraction.run(
        batches: batches, progress: progress, shouldStop: { try RankAgreement(ranks).agreed(on: shouldStop()) })
      guard ranks?.isFirst ?? true else { return }
      if json { return try JSONOutput.print(summaries) }
      for summary in summaries {
        print("\(summary.blob): \(summary.items) items of \(Shape(summary.shape)) in \(summary.path)")
      }
    }
  }
}

extension FeatureFormat: ExpressibleByArgument {}
