import ArgumentParser
import Caffe
import CaffeCore
import CaffeData

struct DataVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Make training data.",
    discussion: "Example: caffe data digits demo",
    subcommands: [
      ImagesVerb.self, MeanVerb.self, MNISTVerb.self, CIFAR10Verb.self, DigitsVerb.self, PairsVerb.self, TextVerb.self,
      ScenesVerb.self, WindowsVerb.self, DataSpeedVerb.self,
    ])
}

/// What kind of database a conversion writes.
struct DatabaseOptions: ParsableArguments {
  @Option(help: "The kind of database that is written: lmdb or leveldb.") var backend = DatabaseKind.lmdb
}

extension DatabaseKind: ExpressibleByArgument {}

struct DigitsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits", abstract: "Draw a set of handwriting-like digits as databases.",
    discussion: "Example: caffe data digits demo --samples 20")

  @Argument(help: "The folder that gets train_lmdb and test_lmdb (or _leveldb).") var folder: String
  @Option(help: "Digits to train with.") var train = 60_000
  @Option(help: "Digits to test with.") var test = 10_000
  @Option(help: "Digits to write as PNG files besides.") var samples = 0
  @Option(help: "Another seed draws other digits.") var seed: UInt64 = 1
  @OptionGroup var output: DatabaseOptions

  func run() throws {
    var options = DatabaseConversion.DigitOptions()
    options.trainingCount = train
    options.testCount = test
    options.sampleCount = samples
    options.seed = seed
    options.kind = output.backend
    try Conversion().run("digits", output: folder) {
      try DatabaseConversion.digits(into: folder, options: options, progress: $0, shouldStop: $1)
    }
  }
}

struct MNISTVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mnist", abstract: "Convert the files of MNIST (gzip too) to databases.",
    discussion: "Example: caffe data mnist downloads/mnist examples/mnist")

  @Argument(help: "The folder with train-images-idx3-ubyte and the other three.") var source: String
  @Argument(help: "The folder that gets train_lmdb and test_lmdb (or _leveldb).") var folder: String
  @OptionGroup var output: DatabaseOptions

  func run() throws {
    try Conversion().run("mnist", output: folder) {
      try DatabaseConversion.mnist(from: source, into: folder, as: output.backend, progress: $0, shouldStop: $1)
    }
  }
}

struct CIFAR10Verb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cifar10", abstract: "Convert the binary version of CIFAR-10 (gzip too) to databases.",
    discussion: "Example: caffe data cifar10 downloads/cifar-10-batches-bin examples/cifar10")

  @Argument(help: "The folder with data_batch_1.bin to data_batch_5.bin and test_batch.bin.") var source: String
  @Argument(help: "The folder that gets train_lmdb, test_lmdb (or _leveldb) and mean.binaryproto.") var folder: String
  @OptionGroup var output: DatabaseOptions

  func run() throws {
    try Conversion().run("cifar10", output: folder) {
      try DatabaseConversion.cifar10(from: source, into: folder, as: output.backend, progress: $0, shouldStop: $1)
    }
  }
}

struct PairsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pairs", abstract: "Pair the pictures of a database for a siamese net.",
    discussion: "Example: caffe data pairs digits/train_lmdb pairs/train_lmdb --count 60000")

  @Argument(help: "The database with the pictures.") var source: String
  @Argument(help: "The database to make; label 1 marks pairs of one class.") var output: String
  @OptionGroup var database: DatabaseOptions
  @Option(help: "How many pairs; default: as many as there are pictures.") var count: Int?
  @Option(help: "Another seed makes other pairs.") var seed: UInt64 = 1

  func run() throws {
    try Conversion().run("pairs", output: output) {
      try DatabaseConversion.pairs(
        of: source, into: output, as: database.backend, count: count, seed: seed, progress: $0, shouldStop: $1)
    }
  }
}

struct TextVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text", abstract: "Make texts up for a character-level recurrent net, as HDF5 files.",
    discussion: "Prints the texts' entropy, which no model's loss stays below. Example: caffe data text text")

  @Argument(help: "The folder that gets train.h5, test.h5, their lists and characters.txt.") var folder: String
  @Option(help: "Texts that are read side by side.") var streams = 32
  @Option(help: "Characters of each training text.") var train = 20_000
  @Option(help: "Characters of each test text.") var test = 2_000
  @Option(help: "Another seed makes other texts.") var seed: UInt64 = 1

  func run() throws {
    var options = DatabaseConversion.TextOptions()
    (options.streams, options.trainingSteps, options.testSteps, options.seed) = (streams, train, test, seed)
    let summary = try DatabaseConversion.text(into: folder, options: options)
    print("characters: \(summary.characters.count)")
    print("entropy: \(NumberText.fixed(summary.entropy, digits: 4)) nats per character")
    print("begins:\(summary.beginning)")
  }
}
