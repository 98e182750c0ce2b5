import ArgumentParser
import CaffeCore
import CaffeZoo

struct ZooCacheVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache", abstract: "The weights that were fetched, kept by their checksums.",
    discussion: "Example: caffe zoo cache list", subcommands: [List.self, Add.self, Clear.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What the cache holds, and where.", discussion: "Example: caffe zoo cache list")
    @Flag(help: "Print JSON.") var json = false

    private struct Result: Encodable {
      let path: String
      let files: [ContentCache.Item]
      /// Bytes of unfinished downloads.
      let unfinished: Int
    }

    func run() throws {
      let cache = try PersonalZoo.make().cache
      let result = Result(path: cache.path, files: try cache.items(), unfinished: try cache.partialBytes())
      if json { return try JSONOutput.print(result) }
      for item in result.files { print("\(item.sha256)  \(NumberText.megabytes(item.size))") }
      let total = result.files.reduce(0) { $0 + $1.size }
      let unfinished = result.unfinished > 0 ? ", \(NumberText.megabytes(result.unfinished)) unfinished" : ""
      print("\(result.files.count) files, \(NumberText.megabytes(total))\(unfinished), in \(result.path)")
    }
  }

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put weights that you have from elsewhere where models find them by their checksums.",
      discussion: "Example: caffe zoo cache add bvlc_googlenet.caffemodel")
    @Argument(help: "Files of weights.") var files: [String]
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let cache = try PersonalZoo.make().cache
      let items = try files.map { try cache.add($0) }
      if json { return try JSONOutput.print(items) }
      for (file, item) in zip(files, items) { print("\(file): \(NumberText.megabytes(item.size)), SHA-256 \(item.sha256)") }
    }
  }

  struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Empty the cache; pulled models keep their weights.", discussion: "Example: caffe zoo cache clear")
    @Flag(help: "Print JSON.") var json = false

    func run() throws {
      let cleared = try PersonalZoo.make().cache.clear()
      if json { return try JSONOutput.print(cleared) }
      print("\(cleared.files) files removed, \(NumberText.megabytes(cleared.bytes))")
    }
  }
}
