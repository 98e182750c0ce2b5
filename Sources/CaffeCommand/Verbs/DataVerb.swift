import ArgumentParser
import Caffe
import CaffeCore
import CaffeData

struct DataVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Make training databases.",
    discussion: "Example: caffe data digits demo",
    subcommands: [DigitsVerb.self, MNISTVerb.self, CIFAR10Verb.self, MeanVerb.self])
}

/// Shows how far a conversion is, and lets Ctrl-C stop it with nothing left behind.
private struct Conversion {
  private let line = ProgressLine()

  func run(_ name: String, _ body: (@escaping DatabaseConversion.Progress, @escaping () -> Bool) throws -> Void) throws {
    Signals.install()
    let line = line
    defer { line.clear() }
    do {
      try body({ done, total in line.draw("\(name): \(done) of \(total)") }, { Signals.isInterrupted })
    } catch is CancellationError {
      line.clear()
      Console.note("caffe: stopped; nothing was written")
      throw ExitCode(130)
    }
  }
}

struct DigitsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits", abstract: "Draw a set of handwriting-like digits as LMDB databases.",
    discussion: "Example: caffe data digits demo --samples 20")

  @Argument(help: "The folder that gets train_lmdb and test_lmdb.") var folder: String
  @Option(help: "Digits to train with.") var train = 60_000
  @Option(help: "Digits to test with.") var test = 10_000
  @Option(help: "Digits to write as PNG files besides.") var samples = 0
  @Option(help: "Another seed draws other digits.") var seed: UInt64 = 1

  func run() throws {
    var options = DatabaseConversion.DigitOptions()
    options.trainingCount = train
    options.testCount = test
    options.sampleCount = samples
    options.seed = seed
    try Conversion().run("digits") { try DatabaseConversion.digits(into: folder, options: options, progress: $0, shouldStop: $1) }
  }
}

struct MNISTVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnist", abstract: "Convert the files of MNIST (gzip too) to LMDB databases.",
    discussion: "Example: caffe data mnist downloads/mnist examples/mnist")

  @Argument(help: "The folder with train-images-idx3-ubyte and the other three.") var source: String
  @Argument(help: "The folder that gets train_lmdb and test_lmdb.") var folder: String

  func run() throws {
    try Conversion().run("mnist") { try DatabaseConversion.mnist(from: source, into: folder, progress: $0, shouldStop: $1) }
  }
}

struct CIFAR10Verb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cifar10", abstract: "Convert the binary version of CIFAR-10 (gzip too) to LMDB databases.",
    discussion: "Example: caffe data cifar10 downloads/cifar-10-batches-bin examples/cifar10")

  @Argument(help: "The folder with data_batch_1.bin to data_batch_5.bin and test_batch.bin.") var source: String
  @Argument(help: "The folder that gets train_lmdb, test_lmdb and mean.binaryproto.") var folder: String

  func run() throws {
    try Conversion().run("cifar10") { try DatabaseConversion.cifar10(from: source, into: folder, progress: $0, shouldStop: $1) }
  }
}

struct MeanVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mean", abstract: "Compute the mean image of an LMDB database.",
    discussion: "Example: caffe data mean examples/cifar10/train_lmdb mean.binaryproto")

  @Argument(help: "The database.") var database: String
  @Argument(help: "The file to write; without it only the means are printed.") var output: String?

  func run() throws {
    try Conversion().run("mean") { progress, shouldStop in
      let mean = try MeanImage.compute(database: database, progress: progress, shouldStop: shouldStop)
      if let output { try mean.write(to: output) }
      for (channel, value) in mean.channelMeans.enumerated() {
        print("mean_value channel [\(channel)]: \(NumberText.general(value))")
      }
    }
  }
}
