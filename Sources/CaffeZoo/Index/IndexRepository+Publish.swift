import CaffeCore
import Foundation

extension IndexRepository {
  /// What a publication came to.
  public struct Publication: Sendable, Equatable {
    /// The commit that is published now.
    public let commit: String
    /// How often somebody else's edits were merged on the way.
    public let merges: Int
    /// Whether there was anything to publish.
    public let isNew: Bool
  }

  /// Pages made from an index: paths in the repository and their bytes.
  public typealias Pages = (ZooIndex) throws -> [String: [UInt8]]

  private static let mostAttempts = 5

  /// Commits the index and its pages, merges what others published in the meantime, and pushes.
  ///
  /// Others' edits are merged by model and key. Nothing is lost: what was committed here stays committed when the push
  /// does not succeed.
  ///
  /// - Parameters:
  ///   - message: the commit's subject; nil names the models that changed.
  ///   - preference: whose version counts in a conflict; nil makes conflicts an error.
  ///   - pages: makes the pages that are published with the index.
  /// - Throws: `IndexMerge.Failure` for edits that cannot go together, `ZooError` with git's reason, `Diagnostics` for an
  ///   index that is wrong on either side.
  public func publish(message: String? = nil, preferring preference: IndexMerge.Side? = nil, pages: Pages) throws -> Publication {
    let branch = try currentBranch()
    try refuseSideBranch(branch)
    let before = try commit("HEAD")
    try writeAndCommit(try read().index, message, pages)
    var merges = 0
    for attempt in 1...IndexRepository.mostAttempts {
      let theirs = try fetch(branch)
      if let theirs, try !isAncestor(theirs, of: "HEAD") {
        try merge(theirs, preference, pages)
        merges += 1
      }
      let head = try commit("HEAD") ?? ""
      if theirs == head { return Publication(commit: head, merges: merges, isNew: before != head) }
      let push = try git.attempt(["push", "--quiet", "--no-verify", "origin", "HEAD:refs/heads/\(branch)"], in: directory)
      if push.isSuccess { return Publication(commit: head, merges: merges, isNew: true) }
      guard IndexRepository.isOvertaken(push.words) else { throw Git.failure("push", push.words) }
      Thread.sleep(forTimeInterval: Double.random(in: 0.05...0.3) * Double(attempt))
    }
    throw ZooError(
      "others published faster, \(IndexRepository.mostAttempts) times in a row",
      advice: "your edit is committed here: publish again")
  }

  /// Readers see the branch that the repository shows first.
  private func refuseSideBranch(_ branch: String) throws {
    let shown = try git.attempt(["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"], in: directory)
    guard shown.isSuccess, shown.line.hasPrefix("origin/"), shown.line != "origin/\(branch)" else { return }
    let main = shown.line.dropFirst("origin/".count)
    throw ZooError("this is the branch \(branch); readers of the index see \(main)", advice: "go there with: git switch \(main)")
  }

  /// Whether a push was refused because somebody else's came first.
  private static func isOvertaken(_ words: String) -> Bool {
    ["[rejected]", "non-fast-forward", "fetch first", "cannot lock ref", "failed to update ref"]
      .contains { words.contains($0) } && !words.contains("hook declined") && !words.contains("protected branch")
  }

  private func writeAndCommit(_ index: ZooIndex, _ message: String?, _ pages: Pages) throws {
    let old = try self.index(at: "HEAD")
    let paths = try stage(index, pages)
    guard try !git.attempt(["diff", "--cached", "--quiet", "--"] + paths, in: directory).isSuccess else { return }
    let subject = message ?? IndexRepository.subject(from: old ?? ZooIndex(), to: index)
    // What else is staged is not ours to publish.
    try git.run(["commit", "--quiet", "--no-verify", "-m", subject, "--"] + paths, in: directory)
  }

  /// Writes the index, its pages and nothing else into git's staging area.
  ///
  /// - Returns: the paths.
  @discardableResult
  private func stage(_ index: ZooIndex, _ pages: Pages) throws -> [String] {
    try IndexRepository.write(index, in: directory)
    let files = try pages(index)
    for (name, bytes) in files.sorted(by: { $0.key < $1.key }) { try folder.write(bytes, to: name) }
    let pictures = try git.run(["ls-files", "--cached", "--others", "--", IndexRepository.pictures], in: directory).line
    let paths = [ZooIndex.fileName] + files.keys.sorted() + (pictures.isEmpty ? [] : [IndexRepository.pictures])
    try git.run(["add", "--all", "--"] + paths, in: directory)
    return paths
  }

  /// `Index: add lenet, remove alexnet`.
  static func subject(from old: ZooIndex, to new: ZooIndex) -> String {
    func names(_ word: String, _ entries: [IndexEntry]) -> String? {
      entries.isEmpty ? nil : "\(word) " + entries.prefix(3).map(\.name).joined(separator: ", ") + (entries.count > 3 ? " …" : "")
    }
    let parts = [
      names("add", new.entries.filter { old[$0.name] == nil }),
      names("change", new.entries.filter { entry in old[entry.name].map { $0 != entry } ?? false }),
      names("remove", old.entries.filter { new[$0.name] == nil }),
    ].compactMap { $0 }
    return "Index: " + (parts.isEmpty ? "render the pages" : parts.joined(separator: "; "))
  }

  /// The commit that the origin's branch has; nil for a branch that nobody published to.
  private func fetch(_ branch: String) throws -> String? {
    let reference = "refs/remotes/origin/\(branch)"
    let outcome = try git.attempt(
      ["fetch", "--quiet", "--no-tags", "origin", "+refs/heads/\(branch):\(reference)"], in: directory)
    if outcome.isSuccess { return try commit(reference) }
    if outcome.words.contains("couldn't find remote ref") { return nil }
    throw Git.failure("fetch", outcome.words)
  }

  /// Merges a commit: git joins the other files, `IndexMerge` the index, and the pages are made anew.
  private func merge(_ theirs: String, _ preference: IndexMerge.Side?, _ pages: Pages) throws {
    let base = try git.attempt(["merge-base", "HEAD", theirs], in: directory)
    let merged = try IndexMerge.merge(
      base: base.isSuccess ? try index(at: base.line) ?? ZooIndex() : ZooIndex(), ours: try index(at: "HEAD") ?? ZooIndex(),
      theirs: try index(at: theirs) ?? ZooIndex(), preferring: preference)
    let merge = try git.attempt(
      ["merge", "--quiet", "--no-commit", "--no-ff", "--no-verify", "--allow-unrelated-histories", theirs], in: directory)
    do {
      try settlePictures(preference ?? .ours)
      try stage(merged, pages)
      let left = try git.run(["diff", "--name-only", "--diff-filter=U"], in: directory).line
      guard left.isEmpty else {
        throw ZooError(
          "others changed files that git cannot merge: \(left.split(separator: "\n").joined(separator: ", "))",
          advice: "merge them yourself with: git pull, and publish again")
      }
      guard try git.attempt(["rev-parse", "--quiet", "--verify", "MERGE_HEAD"], in: directory).isSuccess else {
        throw Git.failure("merge", merge.words)
      }
      try git.run(["commit", "--quiet", "--no-verify", "-m", "Index: merge what others published"], in: directory)
    } catch {
      _ = try git.attempt(["merge", "--abort"], in: directory)
      throw error
    }
  }

  /// Pictures that both changed come from one side: they are drawn from the model and need no merging.
  private func settlePictures(_ side: IndexMerge.Side) throws {
    let filter = ["diff", "--name-only", "--diff-filter=U", "--", IndexRepository.pictures]
    for name in try git.run(filter, in: directory).line.split(separator: "\n") {
      _ = try git.attempt(["checkout", "--\(side.rawValue)", "--", String(name)], in: directory)
    }
  }

  private func isAncestor(_ commit: String, of other: String) throws -> Bool {
    try git.attempt(["merge-base", "--is-ancestor", commit, other], in: directory).isSuccess
  }

  private func commit(_ reference: String) throws -> String? {
    let outcome = try git.attempt(["rev-parse", "--quiet", "--verify", "\(reference)^{commit}"], in: directory)
    return outcome.isSuccess ? outcome.line : nil
  }

  /// The index at a commit; nil where it has none.
  private func index(at commit: String) throws -> ZooIndex? {
    let name = ZooIndex.fileName
    let listing = try git.attempt(["ls-tree", commit, "--", name], in: directory)
    guard listing.isSuccess, !listing.line.isEmpty else { return nil }
    guard listing.line.hasPrefix("100") else { throw ZooError("\(name) of commit \(commit.prefix(10)) is no file") }
    let bytes = try git.run(["cat-file", "blob", "\(commit):\(name)"], in: directory).output
    return try IndexReader.read(SourceFile(name: "\(name) of commit \(commit.prefix(10))", bytes: bytes)).index
  }
}
