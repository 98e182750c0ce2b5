import ArgumentParser
import Caffe
import CaffeCore
import CaffeFormat

struct UpgradeVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "upgrade", abstract: "Bring old nets and solvers to today's form.",
    discussion: "Example: caffe upgrade net old.prototxt new.prototxt",
    subcommands: [UpgradeNetVerb.self, UpgradeSolverVerb.self])
}

struct UpgradeNetVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "net", abstract: "Upgrade a net: Caffe's upgrade_net_proto_text and upgrade_net_proto_binary.",
    discussion: """
      V0 and V1 layers, transforms within data layers and input fields become what Caffe 1.0 writes. Comments are not kept.

      Example: caffe upgrade net old.prototxt new.prototxt --diff
      """)

  @Flag(help: "Read and write the binary form: a caffemodel with its weights.") var binary = false
  @OptionGroup var upgrade: UpgradeOptions
  @Flag(help: "Pass over fields that are not known, with a warning.") var allowUnknown = false

  func run() throws {
    let encoding = binary ? FileUpgrade.Encoding.binary : .text
    let registry = allowUnknown ? NetOptions().registry.allowingUnknown() : NetOptions().registry
    try upgrade.finish(FileUpgrade(path: upgrade.input, kind: .net, encoding: encoding, registry: registry), encoding)
  }
}

struct UpgradeSolverVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solver", abstract: "Upgrade a solver: Caffe's upgrade_solver_proto_text.",
    discussion: """
      solver_type, a number's name, becomes type. Comments are not kept.

      Example: caffe upgrade solver old_solver.prototxt solver.prototxt
      """)

  @OptionGroup var upgrade: UpgradeOptions

  func run() throws { try upgrade.finish(FileUpgrade(path: upgrade.input, kind: .solver), .text) }
}

/// The files of an upgrade, and whether it is only shown.
struct UpgradeOptions: ParsableArguments {
  @Argument(help: "The file to read.") var input: String
  @Argument(help: "The file to write; not needed with --diff.") var output: String?
  @Flag(help: "Print what would change, as diff -u does, and write nothing.") var diff = false

  func validate() throws {
    if output == nil, !diff { throw ValidationError("name the file to write, or look with --diff") }
  }

  /// Shows or writes the outcome.
  func finish(_ upgrade: FileUpgrade, _ encoding: FileUpgrade.Encoding) throws {
    let file = diff ? nil : try output.map { try VerbOutput($0, reading: [input]) }
    if !upgrade.isNeeded { Console.note("\(input) has today's form already") }
    if diff { return print(upgrade.difference(to: output), terminator: "") }
    guard let file else { return }
    try upgrade.write(to: file.path, encoding: encoding)
    file.note()
  }
}
