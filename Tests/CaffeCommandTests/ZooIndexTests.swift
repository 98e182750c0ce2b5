import Foundation
import Testing

@Suite("Keeping an index from the command line", .enabled(if: Program.isBuilt))
struct ZooIndexTests {
  /// Runs with all homes in the folder.
  private func caffe(_ arguments: String..., in folder: Workplace) throws -> Program.Outcome {
    let homes = ["HOME=\(folder.path)", "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "XDG_CACHE_HOME=", "GIT_CONFIG_NOSYSTEM=1"]
    let who = ["AUTHOR", "COMMITTER"].flatMap { ["GIT_\($0)_NAME=Ada", "GIT_\($0)_EMAIL=ada@example.org"] }
    return try Running("/usr/bin/env", homes + who + [#require(Program.path), "zoo", "index"] + arguments, in: folder).outcome()
  }

  private func git(_ arguments: String..., in folder: Workplace) throws {
    #expect(try Running("/usr/bin/env", ["git"] + arguments, in: folder).outcome().code == 0)
  }

  private static let hasGit = FileManager.default.isExecutableFile(atPath: "/usr/bin/git")

  @Test("a model is added, published, subscribed to and listed", .enabled(if: hasGit, "git is not installed"))
  func story() throws {
    let folder = try Workplace()
    try git("init", "--quiet", "--bare", "--initial-branch=master", "zoo.git", in: folder)
    try git("clone", "--quiet", "zoo.git", "copy", in: folder)
    let added = try caffe("add", "lenet", "--name", "digits", "--by", "Ada", "--index", "copy", in: folder)
    #expect(added.code == 0 && added.results == "added digits: LeNet on MNIST\n", "\(added.words)")
    let again = try caffe("add", "lenet", "--name", "digits", "--by", "Ada", "--index", "copy", in: folder)
    #expect(
      again.code == 1
        && again.words.hasPrefix("caffe: the index has a model named digits already: LeNet on MNIST (added by Ada on "))
    let checked = try caffe("check", "--index", "copy", in: folder)
    #expect(checked.code == 0 && checked.results == "copy/index.yaml: ok, 1 model\n")
    let published = try caffe("publish", "--index", "copy", in: folder)
    #expect(published.code == 0 && published.results.hasPrefix("published "), "\(published.words)")
    #expect(folder.contains("copy/Model-Zoo.md") && folder.contains("copy/index.html"))
    let subscribed = try caffe("subscribe", "community", "zoo.git", in: folder)
    #expect(subscribed.code == 0 && subscribed.results == "subscribed to community: 1 model\n", "\(subscribed.words)")
    let listed = try caffe("list", in: folder)
    #expect(
      listed.results.split(separator: "\n").count == 3 && listed.results.contains("\ncommunity  1       \(folder.path)/zoo.git"))
    #expect(try caffe("refresh", in: folder).results == "community: 1 model\n")
    #expect(try caffe("unsubscribe", "community", in: folder).results == "unsubscribed from community\n")
    let removed = try caffe("remove", "digit", "--index", "copy", in: folder)
    #expect(removed.code == 1 && removed.words == "caffe: the index has no model named digit\n  nearest name: digits\n")
    #expect(try caffe("remove", "digits", "--index", "copy", in: folder).results == "removed digits\n")
    #expect(!folder.contains("copy/pictures/digits.svg"))
  }

  @Test("an entry can be had as JSON")
  func json() throws {
    struct Entry: Decodable {
      let name: String
      let title: String
      let source: String
    }
    let folder = try Workplace()
    let outcome = try caffe("add", "bvlc_googlenet", "--name", "googlenet", "--by", "Ada", "--json", in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    let entry = try JSONDecoder().decode(Entry.self, from: Data(outcome.results.utf8))
    #expect(entry.name == "googlenet" && entry.title == "BVLC GoogleNet Model" && entry.source == "inside the caffe program")
  }

  @Test("the bundled index becomes pages")
  func render() throws {
    let folder = try Workplace()
    let outcome = try caffe("render", "--bundled", "--out", ".", in: folder)
    #expect(outcome.code == 0 && outcome.results == "./Model-Zoo.md\n./index.html\n", "\(outcome.words)")
    #expect(String(decoding: try folder.bytes("index.html"), as: UTF8.self).contains("data-name=\"bvlc_googlenet\""))
  }

  @Test("what is no index, and what is no model, is told")
  func refusals() throws {
    let folder = try Workplace()
    #expect(
      try caffe("check", in: folder).words
        == "caffe: . has no index.yaml\n  the first model makes one: caffe zoo index add SOURCE --name NAME\n")
    #expect(
      try caffe("add", "lenett", "--name", "x", "--by", "Ada", in: folder).words
        == "caffe: lenett is neither a directory nor a gist, an archive or a bundled model\n  nearest bundled model: lenet\n")
    #expect(
      try caffe("publish", in: folder).words.hasPrefix("caffe: . is no working copy of a git repository\n"))
    let hostile = try caffe("subscribe", "x", "ext::sh -c id", in: folder)
    #expect(
      hostile.words == "caffe: \"ext::sh -c id\" is no address of a git repository: it names a program to run\n"
        + "  such as https://github.com/USER/REPOSITORY.wiki.git\n")
  }
}
