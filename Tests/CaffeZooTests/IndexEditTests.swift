import CaffeCore
import CaffeZoo
import Testing

@Suite("Edits of an index")
struct IndexEditTests {
  private let index = IndexSamples.index([IndexSamples.entry("cats"), IndexSamples.entry("dogs")])

  private func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return ""
  }

  @Test("add, change and remove entries and leave the rest")
  func edits() throws {
    let more = try index.adding(IndexSamples.entry("birds"))
    #expect(more.entries.map(\.name) == ["birds", "cats", "dogs"])
    #expect(try more.removing("birds") == index)
    let changed = try index.updating(IndexSamples.entry("cats") { $0.license = "MIT" })
    #expect(changed["cats"]?.license == "MIT" && changed["dogs"] == index["dogs"])
  }

  @Test("explain what cannot be done")
  func refusals() {
    #expect(
      message { _ = try index.adding(IndexSamples.entry("cats")) }
        == "the index has a model named cats already: Model cats (added by Ada on 2026-02-28)\n"
        + "  choose another --name, or change that entry with: caffe zoo index update cats")
    #expect(message { _ = try index.removing("cast") } == "the index has no model named cast\n  nearest name: cats")
    #expect(message { _ = try index.removing("unicorns") } == "the index has no model named unicorns")
    #expect(
      message { _ = try index.adding(IndexSamples.entry("-x")) }
        == "\"-x\" is no model's name\n  a name is 1 to 64 of a-z, 0-9, '.', '_' and '-', and begins with a letter or digit")
    #expect(
      message { _ = try index.adding(IndexSamples.entry("x") { $0.source = .directory("/home/ada/x") }) }
        == "x lies in a directory of this machine, which others cannot reach\n  publish it first, with: caffe zoo gist-upload DIR"
    )
    #expect(
      message { _ = try index.adding(IndexSamples.entry("x") { $0.weights[0].url = "file:///etc/passwd" }) }
        == "x: weights: url: \"file:///etc/passwd\" is no http or https address\n  correct the model's readme.md")
  }

  @Test("are advised where an entry says too little")
  func advice() {
    let entry = IndexEntry(name: "x", title: "X", source: .gist(GistReference(id: "12345")))
    #expect(IndexCheck.advice(on: index).isEmpty)
    #expect(
      IndexCheck.advice(on: entry) == [
        "x: license is missing: nobody may use the model without one",
        "x: task is missing: the page shows the model under \"other\"",
        "x: added is missing: say by whom and when", "x: source: the gist has no revision: its owner can change it unseen",
        "x: weights are missing",
      ])
  }

  @Test("take a model's words from its readme")
  func fromModel() throws {
    let readme = """
      ---
      name: Cats
      caffemodel: cats.caffemodel
      caffemodel_url: https://example.org/cats.caffemodel
      license: MIT
      sha1: \(String(repeating: "a", count: 40))
      caffe_commit: \(String(repeating: "b", count: 40))
      ---

      # Cats

      Tells cats from dogs. It is small.
      """
    let model = FetchedModel(
      files: [try FileName("readme.md", in: "test"): Array(readme.utf8)],
      source: .archive(url: "https://example.org/c.zip", sha256: nil))
    let entry = try IndexEntry(from: model, name: "cats", addedBy: "Ada", on: "2026-01-02")
    #expect(entry.title == "Cats" && entry.license == "MIT" && entry.summary == "Tells cats from dogs.")
    #expect(entry.weights.first?.sha1 == String(repeating: "a", count: 40))
    #expect(entry.added == IndexEntry.Addition(by: "Ada", on: "2026-01-02"))
  }
}

@Suite("The merge of two edits of an index")
struct IndexMergeTests {
  private let base = IndexSamples.index([IndexSamples.entry("cats"), IndexSamples.entry("dogs")])

  private func changed(_ name: String, _ change: (inout IndexEntry) -> Void) -> ZooIndex {
    var result = base
    if var entry = result[name] {
      change(&entry)
      result[name] = entry
    }
    return result
  }

  @Test("keeps edits of different models, and of different keys of one")
  func together() throws {
    let ours = try changed("cats") { $0.license = "MIT" }.adding(IndexSamples.entry("ants"))
    let theirs = try changed("cats") { $0.metrics = [] }.removing("dogs").adding(IndexSamples.entry("bees"))
    let merged = try IndexMerge.merge(base: base, ours: ours, theirs: theirs)
    #expect(merged.entries.map(\.name) == ["ants", "bees", "cats"])
    #expect(merged["cats"]?.license == "MIT" && merged["cats"]?.metrics.isEmpty == true)
  }

  @Test("takes the same edit made twice for one")
  func same() throws {
    let edit = changed("cats") { $0.license = "MIT" }
    #expect(try IndexMerge.merge(base: base, ours: edit, theirs: edit) == edit)
    #expect(try IndexMerge.merge(base: base, ours: base, theirs: edit) == edit)
    #expect(try IndexMerge.merge(base: base, ours: edit, theirs: base) == edit)
  }

  @Test("tells every conflict by model and key, and takes a side when told")
  func conflicts() throws {
    var ours = try changed("cats") {
      $0.license = "MIT"
      $0.title = "Cats"
    }.removing("dogs").adding(IndexSamples.entry("new") { $0.title = "A" })
    ours.title = "Ours"
    var theirs = changed("cats") { $0.license = "GPL\u{1B}[2J" }
    theirs["dogs"] = IndexSamples.entry("dogs") { $0.task = "detection" }
    theirs["new"] = IndexSamples.entry("new") { $0.title = "B" }
    let failure = try #require(throws: IndexMerge.Failure.self) { try IndexMerge.merge(base: base, ours: ours, theirs: theirs) }
    #expect(
      failure.description == """
        somebody else changed the same in the index:
          cats: license: here MIT, there GPL?[2J
          dogs: here removed, there changed
          new: here "A" was added by Ada, there "B" was added by Ada
          nothing was published, and your edit is kept; --prefer ours publishes it, --prefer theirs drops it
        """)
    let mine = try IndexMerge.merge(base: base, ours: ours, theirs: theirs, preferring: .ours)
    #expect(mine["cats"]?.license == "MIT" && mine["dogs"] == nil && mine["new"]?.title == "A" && mine.title == "Ours")
    let other = try IndexMerge.merge(base: base, ours: ours, theirs: theirs, preferring: .theirs)
    #expect(other["cats"]?.title == "Cats" && other["dogs"]?.task == "detection" && other["new"]?.title == "B")
  }
}

@Suite("A catalogue of several indexes")
struct IndexCatalogueTests {
  private let catalogue = IndexCatalogue([
    ("bundled", IndexSamples.index([IndexSamples.entry("lenet") { $0.task = "digits" }, IndexSamples.entry("alexnet")])),
    (
      "mine",
      IndexSamples.index([
        IndexSamples.entry("lenet") { $0.title = "Another" }, IndexSamples.entry("alexnet"), IndexSamples.entry("digits"),
      ])
    ),
  ])

  @Test("finds models in which every word occurs, the best first")
  func search() {
    #expect(catalogue.search(["digits"]).map(\.fullName) == ["mine/digits", "bundled/lenet"])
    #expect(catalogue.search(["LOVELACE", "digit"]).map(\.fullName) == ["mine/digits", "bundled/lenet"])
    #expect(catalogue.search(["bsd another"]).map(\.fullName) == ["mine/lenet"])
    #expect(catalogue.search(["giraffe"]).isEmpty)
    #expect(catalogue.search([]).count == 5)
  }

  @Test("picks a model by name, and says which when there are several")
  func picks() throws {
    #expect(try catalogue.entry(named: "digits").index == "mine")
    #expect(try catalogue.entry(named: "alexnet").index == "bundled")
    #expect(try catalogue.entry(named: "mine/lenet").entry.title == "Another")
    let several = try #require(throws: ZooError.self) { try catalogue.entry(named: "lenet") }
    #expect(several.description == "2 indexes list a model named lenet\n  say which: bundled/lenet, mine/lenet")
    let none = try #require(throws: ZooError.self) { try catalogue.entry(named: "alxnet") }
    #expect(none.description == "no index lists a model named alxnet\n  nearest name: alexnet")
    let far = try #require(throws: ZooError.self) { try catalogue.entry(named: "mine/lente") }
    #expect(far.description == "no index lists a model named mine/lente\n  nearest name: mine/lenet")
  }
}

@Suite("The models inside the program")
struct BundledModelsTests {
  @Test("are those of models/, each with its directory")
  func names() throws {
    #expect(
      BundledModels.names == [
        "bvlc_alexnet", "bvlc_googlenet", "bvlc_reference_caffenet", "bvlc_reference_rcnn_ilsvrc13", "lenet",
      ])
    let lenet = try #require(BundledModels.model(named: "lenet"))
    #expect(lenet.files.keys.map(\.description).sorted().prefix(3) == ["deploy.prototxt", "labels.txt", "lenet.caffemodel"])
    #expect(lenet.files.first { $0.key.description == "lenet.caffemodel" }?.value.count == 1_724_973)
    #expect(BundledModels.model(named: "leni") == nil)
  }

  @Test("are all in the bundled index, with what their front matter says")
  func index() throws {
    #expect(BundledIndex.index.entries.map(\.name) == BundledModels.names)
    for entry in BundledIndex.index.entries {
      let model = try #require(BundledModels.model(named: entry.name))
      let readme = Readme(SourceFile(name: "readme.md", bytes: try #require(model.readme)))
      let matter = readme.frontMatter
      #expect(entry.source == .bundled(entry.name))
      #expect(entry.title == matter.name && entry.license == matter.license)
      #expect(matter.task == nil || entry.task == matter.task)
      #expect(matter.authors.isEmpty || entry.authors == matter.authors)
      #expect(matter.metrics.isEmpty || entry.metrics == matter.metrics)
      let (mine, theirs) = (try #require(entry.weights.first), try #require(matter.weights.first))
      #expect(mine.file == theirs.file && mine.url == theirs.url && mine.sha1 == theirs.sha1)
      #expect(theirs.sha256 == nil || mine.sha256 == theirs.sha256)
      #expect(theirs.size == nil || mine.size == theirs.size)
      #expect(theirs.mirrors.isEmpty || mine.mirrors == theirs.mirrors)
    }
    #expect(IndexCheck.advice(on: BundledIndex.index).isEmpty)
  }
}
