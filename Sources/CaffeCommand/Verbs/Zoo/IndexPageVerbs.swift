import ArgumentParser
import CaffeCore
import CaffeZoo
import Foundation

struct IndexCheckVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Say everything that is wrong with an index, or should be better.",
    discussion: "Example: caffe zoo index check --index zoo.wiki")

  /// What `--json` prints.
  private struct Outcome: Encodable {
    let models: Int
    let warnings: [String]
    let advice: [String]
  }

  @Flag(help: "Print JSON.") var json = false
  @Flag(help: "Fail for what should be better, too.") var strict = false
  @OptionGroup var index: IndexOption

  func run() throws {
    let result = try IndexRepository.read(in: index.directory)
    let advice = IndexCheck.advice(on: result.index)
    if json {
      let warnings = result.warnings.map { "\($0)" }
      try JSONOutput.print(Outcome(models: result.index.entries.count, warnings: warnings, advice: advice))
    } else {
      for warning in result.warnings { Console.note("\(warning)") }
      for line in advice { Console.note("\(ZooIndex.fileName): \(TerminalText.line(line, limit: 400))") }
      let count = result.index.entries.count
      print("\(index.directory)/\(ZooIndex.fileName): ok, \(count) model\(count == 1 ? "" : "s")")
    }
    if strict, !advice.isEmpty || !result.warnings.isEmpty { throw ExitCode(1) }
  }
}

struct IndexRenderVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render", abstract: "Write an index's wiki page (Model-Zoo.md) and web page (index.html).",
    discussion: "With --bundled the pages show the index inside this program.\n\nExample: caffe zoo index render --index zoo.wiki"
  )

  @Option(help: "The directory to write to; default: the index's.") var out: String?
  @Flag(help: "Show the index inside this program.") var bundled = false
  @OptionGroup var index: IndexOption

  func run() throws {
    let directory = out ?? (bundled ? "." : index.directory)
    let list = bundled ? BundledIndex.index : try IndexRepository.read(in: index.directory).index
    let origin = bundled ? nil : (try? IndexRepository(opening: index.directory))?.origin
    for (name, bytes) in IndexPages.files(list, in: index.directory, origin: origin).sorted(by: { $0.key < $1.key }) {
      try AtomicFile.write(bytes, to: "\(directory)/\(name)")
      print("\(directory)/\(name)")
    }
  }
}

struct IndexPublishVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish", abstract: "Commit an index with its pages, merge what others published, and push.",
    discussion: """
      Others' edits are merged by model and key. What cannot go together is told; your edit is then kept and not published.

      Example: caffe zoo index publish --index zoo.wiki
      """)

  /// What `--json` prints.
  private struct Outcome: Encodable {
    let commit: String
    let merges: Int
    let isNew: Bool
  }

  @Option(name: [.short, .long], help: "The commit's message; default: which models changed.") var message: String?
  @Option(help: "Whose version counts where both changed the same: ours or theirs.") var prefer: IndexMerge.Side?
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var index: IndexOption

  func run() throws {
    let repository = try IndexRepository(opening: index.directory)
    let origin = repository.origin
    let outcome = try repository.publish(message: message, preferring: prefer) { list in
      IndexPages.files(list, in: index.directory, origin: origin)
    }
    if json { return try JSONOutput.print(Outcome(commit: outcome.commit, merges: outcome.merges, isNew: outcome.isNew)) }
    let merged = outcome.merges == 0 ? "" : ", merged with what others published"
    print(
      outcome.isNew
        ? "published \(outcome.commit.prefix(10))\(merged)" : "nothing to publish: \(outcome.commit.prefix(10)) is there already")
  }
}

extension IndexMerge.Side: ExpressibleByArgument {}

/// The pages of an index.
enum IndexPages {
  /// File names and bytes.
  static func files(_ index: ZooIndex, in directory: String, origin: String?) -> [String: [UInt8]] {
    let page = IndexPage(index, pictures: ModelPicture.all(of: index, in: directory), address: origin)
    return [
      IndexPage.fileName: Array(page.html.utf8),
      WikiPage.fileName: Array(WikiPage(index, address: origin).markdown.utf8),
    ]
  }
}
