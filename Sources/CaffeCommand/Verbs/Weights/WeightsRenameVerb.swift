import ArgumentParser
import CaffeFormat
import CaffeHDF5

struct WeightsRenameVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename", abstract: "Write weights with layers under other names.",
    discussion: "Example: caffe weights rename lenet.caffemodel base.caffemodel ip2=ip2_old")

  @Argument(help: "Weights, a model's directory or name.") var input: String
  @Argument(help: "Weights to write.") var output: String
  @Argument(help: "Old and new names of layers, as OLD=NEW.") var names: [LayerRenaming]

  func validate() throws {
    let old = names.map(\.old)
    if let twice = old.first(where: { name in old.count { $0 == name } > 1 }) {
      throw ValidationError("\(twice) is renamed twice")
    }
  }

  func run() throws {
    let input = try NamedModel.path(input, .weights)
    let output = try VerbOutput(output, reading: [input])
    let weights = try WeightSet.load(path: input)
    try weights.renaming(Dictionary(names.map { ($0.old, $0.new) }) { $1 }).save(path: output.path)
    output.note()
  }
}

/// `old=new` on the command line.
struct LayerRenaming: ExpressibleByArgument {
  let old: String
  let new: String

  init?(argument: String) {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts.contains("") else { return nil }
    (old, new) = (parts[0], parts[1])
  }
}
