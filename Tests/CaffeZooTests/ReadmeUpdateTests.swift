import CaffeCore
import CaffeZoo
import Testing

@Suite("A readme that is updated")
struct ReadmeUpdateTests {
  private static func updated(_ text: String, _ changes: [(key: String, value: String?)]) -> String {
    Readme(SourceFile(name: "readme.md", text: text)).updating(changes)
  }

  private static let gist: [(key: String, value: String?)] = [
    (key: "gist_id", value: "00000000000000000001"), (key: "gist_revision", value: "abc: d"),
  ]

  @Test("keeps every other byte")
  func keeps() {
    #expect(
      Self.updated("---\nname:   A  # x\r\n\n# c\nlicense: 'b'\n---\ntext  \r\n", Self.gist)
        == "---\nname:   A  # x\r\n\n# c\nlicense: 'b'\ngist_id: \"00000000000000000001\"\ngist_revision: \"abc: d\"\n---\ntext  \r\n"
    )
    #expect(
      Self.updated("---\r\nname: A\r\n---\r\n", [(key: "gist_id", value: "0a")]) == "---\r\nname: A\r\ngist_id: 0a\r\n---\r\n")
    #expect(
      Self.updated("# T\n---\nname: A\nlicense: b\n---", [(key: "x", value: "z")]) == "# T\n---\nname: A\nlicense: b\nx: z\n---")
  }

  @Test("has keys replaced where they stand, in whatever spelling, and removed")
  func replaces() {
    let text = "---\nname: A\nGist_ID: old\n  more of it\n\n# about the licence\nlicense: b\ngistid: older\n---\ntext"
    #expect(
      Self.updated(text, [(key: "gist_id", value: "0a")])
        == "---\nname: A\ngist_id: 0a\n\n# about the licence\nlicense: b\n---\ntext")
    #expect(Self.updated(text, [(key: "gist_id", value: nil)]) == "---\nname: A\n\n# about the licence\nlicense: b\n---\ntext")
    #expect(Self.updated(text, [(key: "absent", value: nil)]) == text)
    #expect(Self.updated("---\nname: a: b\nsha1: 1\n---\n", [(key: "sha1", value: "0a")]) == "---\nname: a: b\nsha1: 0a\n---\n")
  }

  @Test("gets strict front matter where it had none with both its marks")
  func prefixes() {
    #expect(Self.updated("Text", [(key: "name", value: "A")]) == "---\nname: A\n---\n\nText")
    #expect(
      Self.updated("## Info\nName: A\nlicense: b\n", [(key: "gist_id", value: "0a")])
        == "---\nname: A\nlicense: b\ngist_id: 0a\n---\n\n## Info\nName: A\nlicense: b\n")
    #expect(
      Self.updated("---\n{name: A, license: b}\n---\n", [(key: "license", value: "c")])
        == "---\nname: A\nlicense: c\n---\n\n---\n{name: A, license: b}\n---\n")
  }

  @Test("writes a key of others that stands twice once, as the last says, so that what is written is YAML")
  func repeatedKey() {
    let text = "name: Net\ncaffemodel: a.caffemodel\nlicense: MIT\ny: [ ---\ny: [*x,it\nem: one\n"
    let readme = Readme(SourceFile(name: "readme.md", text: text))
    #expect(readme.frontMatter.others == [OtherKey(key: "y", value: "[*x,it"), OtherKey(key: "em", value: "one")])
    #expect(readme.problems.contains { $0.message == "y stands here again; this one counts" && $0.location?.line == 5 })
    let updated = Readme(SourceFile(name: "readme.md", text: readme.updating([(key: "gist_id", value: "0123456789abcdef0123")])))
    #expect(updated.frontMatter.gistID == "0123456789abcdef0123")
    #expect(updated.frontMatter.others == readme.frontMatter.others)
  }

  @Test("says afterwards what it was told, and the same updates again change nothing")
  func readsBack() {
    for seed in 0..<200 as Range<UInt64> {
      var maker = RandomFrontMatter(seed: seed)
      var expected = maker.make()
      let text = expected.yaml + "\n# Title\n"
      let (id, name) = (maker.text(), maker.text())
      let changes = [(key: "gist_id", value: id as String?), (key: "name", value: name), (key: "license", value: nil)]
      (expected.gistID, expected.name, expected.license) = (id, name, nil)
      let updated = Self.updated(text, changes)
      let readme = Readme(SourceFile(name: "readme.md", text: updated))
      #expect(readme.frontMatter == expected, "seed \(seed)")
      #expect(readme.body == "\n# Title\n")
      #expect(readme.updating(changes) == updated)
    }
  }
}
