import CaffeCore
import CaffeZoo
import Foundation
import Testing

/// A bare repository and working copies of it.
private final class PublishedIndex {
  let folder: ScratchFolder
  let environment: [String: String]
  var bare: String { folder.file("zoo.git") }

  init() throws {
    folder = try ScratchFolder()
    var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GIT_") }
    for (role, name) in [("AUTHOR", "Ada"), ("COMMITTER", "Ada")] {
      environment["GIT_\(role)_NAME"] = name
      environment["GIT_\(role)_EMAIL"] = "ada@example.org"
    }
    environment["HOME"] = folder.path
    environment["GIT_CONFIG_NOSYSTEM"] = "1"
    self.environment = environment
    try git(["init", "--quiet", "--bare", "--initial-branch=master", bare], in: folder.path)
  }

  @discardableResult
  func git(_ arguments: [String], in directory: String) throws -> String {
    let outcome = try ChildProgram("git", environment: environment).run(arguments, in: directory)
    #expect(outcome.status == 0, "\(String(decoding: outcome.errors, as: UTF8.self))")
    return String(decoding: outcome.output, as: UTF8.self)
  }

  func clone(_ name: String) throws -> IndexRepository {
    try IndexRepository.clone(try RepositoryAddress(bare), to: folder.file(name), environment: environment)
  }

  /// The index that the bare repository has now.
  func published() throws -> ZooIndex {
    try IndexReader.read(SourceFile(name: "published", text: try git(["show", "master:index.yaml"], in: bare))).index
  }
}

extension IndexRepository {
  fileprivate func edit(_ change: (ZooIndex) throws -> ZooIndex) throws {
    try IndexRepository.write(try change((try? read().index) ?? ZooIndex()), in: directory)
  }

  @discardableResult
  fileprivate func publish(preferring side: IndexMerge.Side? = nil) throws -> Publication {
    try publish(preferring: side) { ["Model-Zoo.md": Array(WikiPage($0).markdown.utf8)] }
  }
}

private let hasGit = (try? ChildProgram("git")) != nil

@Suite("An index in a git repository", .enabled(if: hasGit, "git is not installed"))
struct IndexRepositoryTests {
  @Test("is published with its pages, and published again only when it changed")
  func publish() throws {
    let zoo = try PublishedIndex()
    let copy = try zoo.clone("a")
    try copy.edit { try $0.adding(IndexSamples.entry("cats")) }
    let first = try copy.publish()
    #expect(first.isNew && first.merges == 0)
    #expect(try zoo.published().entries.map(\.name) == ["cats"])
    #expect(try zoo.git(["log", "--format=%s"], in: zoo.bare) == "Index: add cats\n")
    #expect(try zoo.git(["show", "master:Model-Zoo.md"], in: zoo.bare).contains("### cats"))
    let second = try copy.publish()
    #expect(!second.isNew && second.commit == first.commit)
  }

  @Test(
    "keeps both edits of two publishers, of whom neither knew of the other, also in an empty repository",
    arguments: [true, false])
  func twoPublishers(isEmpty: Bool) throws {
    let zoo = try PublishedIndex()
    if !isEmpty {
      let copy = try zoo.clone("first")
      try copy.edit { try $0.adding(IndexSamples.entry("cats")) }
      try copy.publish()
    }
    let (a, b) = (try zoo.clone("a"), try zoo.clone("b"))
    try a.edit { try $0.adding(IndexSamples.entry("ants")) }
    try b.edit { try $0.adding(IndexSamples.entry("bees")) }
    try a.publish()
    #expect(try b.publish().merges == 1)
    #expect(try zoo.published().entries.map(\.name) == ["ants", "bees"] + (isEmpty ? [] : ["cats"]))
    let page = try zoo.git(["show", "master:Model-Zoo.md"], in: zoo.bare)
    #expect(page.contains("### ants") && page.contains("### bees") && !page.contains("<<<<"))
  }

  @Test("keeps every edit of publishers who push at the same time")
  func race() async throws {
    let zoo = try PublishedIndex()
    let names = ["ants", "bees", "cats"]
    let copies = try names.map { try zoo.clone($0) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (name, copy) in zip(names, copies) {
        group.addTask {
          try copy.edit { try $0.adding(IndexSamples.entry(name)) }
          try copy.publish()
        }
      }
      try await group.waitForAll()
    }
    #expect(try zoo.published().entries.map(\.name) == names)
  }

  @Test("explains edits that cannot go together, keeps both, and takes a side when told")
  func conflict() throws {
    let zoo = try PublishedIndex()
    let a = try zoo.clone("a")
    try a.edit { try $0.adding(IndexSamples.entry("cats")) }
    try a.publish()
    let b = try zoo.clone("b")
    try a.edit { try $0.updating(IndexSamples.entry("cats") { $0.license = "MIT" }) }
    try b.edit { try $0.updating(IndexSamples.entry("cats") { $0.license = "GPL-3.0" }) }
    try a.publish()
    let failure = try #require(throws: IndexMerge.Failure.self) { try b.publish() }
    #expect(failure.description.contains("  cats: license: here GPL-3.0, there MIT\n"))
    #expect(try zoo.published()["cats"]?.license == "MIT")
    #expect(try b.read().index["cats"]?.license == "GPL-3.0")
    #expect(try b.publish(preferring: .ours).merges == 1)
    #expect(try zoo.published()["cats"]?.license == "GPL-3.0")
  }

  @Test("leaves others' pages of the same repository as they are")
  func otherPages() throws {
    let zoo = try PublishedIndex()
    let (a, b) = (try zoo.clone("a"), try zoo.clone("b"))
    try a.edit { try $0.adding(IndexSamples.entry("cats")) }
    try a.publish()
    try zoo.git(["pull", "--quiet", "origin", "master"], in: b.directory)
    try Data("hello\n".utf8).write(to: URL(filePath: "\(b.directory)/Home.md"))
    try zoo.git(["add", "Home.md"], in: b.directory)
    try zoo.git(["commit", "--quiet", "-m", "Home"], in: b.directory)
    try zoo.git(["push", "--quiet", "origin", "HEAD:master"], in: b.directory)
    try a.edit { try $0.adding(IndexSamples.entry("dogs")) }
    try a.publish()
    #expect(try zoo.git(["show", "master:Home.md"], in: zoo.bare) == "hello\n")
    #expect(try zoo.published().entries.map(\.name) == ["cats", "dogs"])
  }

  @Test("is not read or written over a link in the repository", arguments: ["index.yaml", "Model-Zoo.md"])
  func links(name: String) throws {
    let zoo = try PublishedIndex()
    let secret = zoo.folder.file("secret")
    try Data("format: 1\nmodels: {}\n".utf8).write(to: URL(filePath: secret))
    let author = try zoo.clone("author")
    try author.edit { $0 }
    try? FileManager.default.removeItem(atPath: "\(author.directory)/\(name)")
    try FileManager.default.createSymbolicLink(atPath: "\(author.directory)/\(name)", withDestinationPath: secret)
    try zoo.git(["add", "."], in: author.directory)
    try zoo.git(["commit", "--quiet", "-m", "links"], in: author.directory)
    try zoo.git(["push", "--quiet", "origin", "HEAD:master"], in: author.directory)
    let copy = try zoo.clone("copy")
    let error = try #require(throws: ZooError.self) {
      _ = try copy.read()
      try copy.publish()
    }
    #expect(error.description == "\(copy.directory)/\(name) is a symbolic link, which is not followed\n  replace it by a file")
    #expect(try String(contentsOfFile: secret, encoding: .utf8) == "format: 1\nmodels: {}\n")
  }

  @Test("runs no hooks of the working copy")
  func hooks() throws {
    let zoo = try PublishedIndex()
    let copy = try zoo.clone("a")
    let trace = zoo.folder.file("ran")
    for hook in ["pre-commit", "post-commit", "pre-push", "post-merge", "commit-msg"] {
      let path = "\(copy.directory)/.git/hooks/\(hook)"
      try FileManager.default.createDirectory(atPath: "\(copy.directory)/.git/hooks", withIntermediateDirectories: true)
      try Data("#!/bin/sh\ntouch '\(trace)'\n".utf8).write(to: URL(filePath: path))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    try copy.edit { try $0.adding(IndexSamples.entry("cats")) }
    try copy.publish()
    #expect(!FileManager.default.fileExists(atPath: trace))
  }

  @Test(
    "is not looked for where git would run a program or take an option",
    arguments: ["--upload-pack=touch x", "ext::sh -c id", "-x", "fd::3", "ftp://example.org/x", "", "a\u{1B}[2Jb"])
  func addresses(text: String) { #expect(throws: ZooError.self) { try RepositoryAddress(text) } }

  @Test("that cannot be reached is told in git's words, without passwords")
  func unreachable() throws {
    let zoo = try PublishedIndex()
    let gone = try #require(throws: ZooError.self) {
      try IndexRepository.clone(
        try RepositoryAddress(zoo.folder.file("gone.git")), to: zoo.folder.file("x"), environment: zoo.environment)
    }
    #expect(gone.message == "git clone failed: fatal: repository '\(zoo.folder.file("gone.git"))' does not exist")
    let refused = try #require(throws: ZooError.self) {
      try IndexRepository.clone(
        try RepositoryAddress("http://ada:secret@127.0.0.1:1/x.git"), to: zoo.folder.file("y"), environment: zoo.environment)
    }
    #expect(!refused.description.contains("secret") && refused.advice == "check the address and the network")
  }

  @Test("needs git, and says so")
  func noGit() throws {
    let error = try #require(throws: ZooError.self) { try IndexRepository(opening: "/", environment: ["PATH": "/nowhere"]) }
    #expect(error.description == "git is not installed\n  install it: an index lives in a git repository")
  }

  @Test("can be subscribed to, refreshed and left")
  func subscriptions() throws {
    let zoo = try PublishedIndex()
    let author = try zoo.clone("author")
    try author.edit { try $0.adding(IndexSamples.entry("cats")) }
    try author.publish()
    let places = try ZooPlaces(environment: ["HOME": zoo.folder.path])
    let list = try IndexSubscriptions().adding("community", try RepositoryAddress(zoo.bare))
    try list.write(places)
    #expect(try IndexSubscriptions(places) == list)
    #expect(try IndexCatalogue.load(places).problems.count == 1)
    try IndexSubscriptions.refresh(list.items[0], places: places)
    #expect(try IndexCatalogue.load(places).catalogue.entry(named: "cats").fullName == "community/cats")
    try author.edit { try $0.adding(IndexSamples.entry("dogs")) }
    try author.publish()
    try IndexSubscriptions.refresh(list.items[0], places: places)
    let loaded = try IndexCatalogue.load(places)
    #expect(loaded.problems.isEmpty && loaded.catalogue.search(["dogs"]).count == 2)
    let misspelt = try #require(throws: ZooError.self) { try list.removing("comunity") }
    #expect(misspelt.description == "there is no index named comunity\n  nearest name: community")
    #expect(try list.removing("community") == IndexSubscriptions())
    #expect(throws: ZooError.self) { try list.adding("bundled", try RepositoryAddress(zoo.bare)) }
  }
}
