import ArgumentParser
import CaffeData

struct ScenesVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scenes", abstract: "Draw pictures of shapes with their boxes for a detector.",
    discussion: """
      Writes HDF5 files for SSD's layers: train.h5, test.h5 and their lists; or with --pictures PNG files for R-CNN: train/, test/, \
      what there is to see in them (train.csv, test.csv) and labels.txt.

      Example: caffe data scenes scenes --samples 20
      """)

  @Argument(help: "The folder that gets the files.") var folder: String
  @Flag(help: "Write PNG files and tables instead of HDF5 files.") var pictures = false
  @Option(help: "Scenes to train with, for HDF5 a multiple of the batch; default: 2048, or 400 pictures.") var train: Int?
  @Option(help: "Scenes to test with, for HDF5 a multiple of the batch; default: 512, or 100 pictures.") var test: Int?
  @Option(help: "Scenes to write as PNG files besides; not with --pictures.") var samples = 0
  @Option(help: "Height and width in pixels; default: 64, or 256 with --pictures.") var side: Int?
  @Option(help: "The nets' batch_size: the ground truth counts its pictures in each batch; default: 32.") var batch: Int?
  @Option(help: "Another seed draws other scenes.") var seed: UInt64 = 1

  func validate() throws {
    if pictures, samples > 0 { throw ValidationError("--samples are pictures beside HDF5 files; with --pictures all are") }
    if pictures, batch != nil { throw ValidationError("--batch is for HDF5 files; pictures come in no batches") }
  }

  func run() throws {
    try Conversion().run("scenes", output: folder) { progress, shouldStop in
      if pictures {
        var options = DatabaseConversion.ScenePictureOptions()
        (options.trainingCount, options.testCount) = (train ?? options.trainingCount, test ?? options.testCount)
        (options.side, options.seed) = (side ?? options.side, seed)
        try DatabaseConversion.scenePictures(into: folder, options: options, progress: progress, shouldStop: shouldStop)
      } else {
        var options = DatabaseConversion.SceneOptions()
        (options.trainingCount, options.testCount) = (train ?? options.trainingCount, test ?? options.testCount)
        (options.sampleCount, options.batchSize) = (samples, batch ?? options.batchSize)
        (options.side, options.seed) = (side ?? options.side, seed)
        try DatabaseConversion.scenes(into: folder, options: options, progress: progress, shouldStop: shouldStop)
      }
    }
  }
}
