import ArgumentParser
import Caffe
import CaffeCore
import CaffeZoo
import Foundation

struct IndexAddVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add a model to an index.",
    discussion: """
      The entry comes from the model's readme.md. A directory must have been published (gist_id and gist_revision in its front \
      matter). The model's drawing is kept in pictures/ when Graphviz is installed.

      Example: caffe zoo index add 034c6ac3865563b69e60 --name flickr_style
      """)

  @Argument(help: "A model's directory, a gist, an archive's address, or a bundled model's name.") var source: String
  @Option(help: "The short name others pull it by.") var name: String
  @Option(help: "One sentence about it; default: the readme's first.") var summary: String?
  @Option(help: "Who adds it; default: git's user.name.") var by: String?
  @Flag(help: "Print the entry as JSON.") var json = false
  @OptionGroup var index: IndexOption

  func run() throws {
    let model = try IndexSource.model(source)
    let entry = try IndexEntry(
      from: model, name: name, summary: summary, addedBy: try by ?? IndexSource.person(), on: IndexSource.today)
    try IndexRepository.write(try index.readOrBegin().adding(entry), in: index.directory)
    try ModelPicture.keep(model, for: entry, in: index.directory)
    try IndexOutput.report(entry, "added", json: json)
  }
}

struct IndexUpdateVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "Read a model's entry anew from where the model is.",
    discussion: "Who added the model, and when, stays.\n\nExample: caffe zoo index update flickr_style")

  @Argument(help: "The model's name in the index.") var name: String
  @Option(help: "Where the model is now; default: where the entry says.") var source: String?
  @Option(help: "One sentence about it; default: the old one.") var summary: String?
  @Flag(help: "Print the entry as JSON.") var json = false
  @OptionGroup var index: IndexOption

  func run() throws {
    let old = try index.readOrBegin()
    let entry = try old.entry(named: name)
    let model = try source.map { try IndexSource.model($0) } ?? IndexSource.latest(entry.source)
    var new = try IndexEntry(
      from: model, name: name, summary: summary ?? entry.summary, addedBy: entry.added?.by ?? IndexSource.person(),
      on: entry.added?.on ?? IndexSource.today)
    new.others = entry.others
    try IndexRepository.write(try old.updating(new), in: index.directory)
    try ModelPicture.keep(model, for: new, in: index.directory)
    try IndexOutput.report(new, new == entry ? "unchanged" : "updated", json: json)
  }
}

struct IndexRemoveVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Remove a model from an index; git keeps the old entry.",
    discussion: "Example: caffe zoo index remove lenet")

  @Argument(help: "The model's name in the index.") var name: String
  @OptionGroup var index: IndexOption

  func run() throws {
    let old = try index.readOrBegin()
    let entry = try old.entry(named: name)
    try IndexRepository.write(try old.removing(name), in: index.directory)
    try IndexRepository.writePicture(nil, of: entry, in: index.directory)
    print("removed \(name)")
  }
}

/// Where a model for an index comes from, and who says so.
enum IndexSource {
  /// A model by what was typed: a directory, the name of a bundled model, a gist or an archive.
  static func model(_ text: String) throws -> FetchedModel {
    let fetch = try PersonalZoo.make().fetch
    if Folder.isThere(text) { return try published(try fetch.fetch(.directory(text)), fetch) }
    if let model = BundledModels.model(named: text) { return model }
    if let source = try ModelZoo.source(text) { return try fetch.fetch(source) }
    let near = nearest(to: text, among: BundledModels.names)
    throw ZooError(
      "\(TerminalText.line(text)) is neither a directory nor a gist, an archive or a bundled model",
      advice: near.map { "nearest bundled model: \($0)" })
  }

  /// A directory as the gist has it that it was published as: what others will pull.
  private static func published(_ local: FetchedModel, _ fetch: ModelFetch) throws -> FetchedModel {
    let matter = Readme(SourceFile(name: "readme.md", bytes: local.readme ?? [])).frontMatter
    guard let id = matter.gistID, let gist = GistReference(id) else { return local }
    do { return try fetch.fetch(.gist(GistReference(id: gist.id, revision: matter.gistRevision))) } catch let failure
      as HTTPFailure
    {
      Console.note("the gist could not be looked at (\(failure)); the entry says what \(local.source.title) says")
      return local
    }
  }

  /// The newest state of a model that is listed already.
  static func latest(_ source: ModelSource) throws -> FetchedModel {
    let fetch = try PersonalZoo.make().fetch
    return switch source {
    case .gist(let gist): try fetch.fetch(.gist(GistReference(id: gist.id, owner: gist.owner, host: gist.host)))
    case .archive(let url, _): try fetch.fetch(.archive(url: url, sha256: nil))
    case .bundled, .directory: try fetch.fetch(source)
    }
  }

  /// The name that git commits with.
  static func person() throws -> String {
    let git = try? ChildProgram("git")
    let outcome = try? git?.run(["config", "user.name"])
    let name = outcome.map { String(decoding: $0.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) } ?? ""
    guard !name.isEmpty else {
      throw ZooError("it is not known who you are", advice: "give --by NAME, or tell git: git config --global user.name NAME")
    }
    return name
  }

  /// The day in UTC.
  static var today: String { Date.now.formatted(.iso8601.year().month().day()) }
}
