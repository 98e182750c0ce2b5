import ArgumentParser
import Caffe
import CaffeZoo

struct ZooNewVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Begin a model's directory from a net and its weights.",
    discussion: """
      Copies the files, works out checksums and pre-processing, and writes a readme.md with places to fill in, which
      `caffe zoo check` lists. A directory that exists is never written into.

      Example: caffe zoo new my_net --deploy deploy.prototxt --weights my_net.caffemodel --train-val train_val.prototxt \
      --license BSD-2-Clause
      """)

  @Argument(help: "The directory to make.") var directory: String
  @Option(help: "The net for use.") var deploy: String
  @Option(help: "Its weights: .caffemodel or .caffemodel.h5.") var weights: String
  @Option(help: "The net it was trained with; its transform_param says how pictures are prepared.") var trainVal: String?
  @Option(help: "The solver it was trained with.") var solver: String?
  @Option(help: "Names of the classes, one a line.") var labels: String?
  @Option(help: "What people call the model; default: the directory's name.") var name: String?
  @Option(help: "The licence's SPDX name, such as BSD-2-Clause, or a sentence.") var license: String?
  @Option(help: "Where the weights will be: https://…") var url: String?
  @Option(help: "What the model does: classification, detection, segmentation …") var task: String?
  @Option(help: "Who made it (may be repeated).") var author: [String] = []
  @Option(help: "A picture; the model's answers to it become the readme's `verify` (may be repeated).") var verify: [String] = []
  @OptionGroup var engine: EngineOptions

  func run() throws {
    var model = NewModel(deploy: deploy, weights: weights)
    (model.training, model.solver, model.labels, model.url) = (trainVal, solver, labels, url)
    model.pictures = verify
    model.frontMatter.name = name
    model.frontMatter.license = license
    model.frontMatter.task = task
    model.frontMatter.authors = author
    model.options = engine.netOptions(phase: .TEST)
    try model.create(at: directory)
    print("\(directory): written; fill in \(directory)/readme.md, then run: caffe zoo check \(directory)")
  }
}
