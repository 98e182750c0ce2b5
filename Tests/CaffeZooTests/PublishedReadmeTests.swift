import CaffeCore
import CaffeZoo
import Testing

/// Front matter as people publish it: each with what must be read and the problems it must be told.
@Suite("Readmes as they are published")
struct PublishedReadmeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let title: String
    let text: String
    let expected: @Sendable (inout FrontMatter) -> Void
    /// `line:column severity: message`.
    let problems: [String]
    var testDescription: String { title }

    init(_ title: String, _ text: String, _ problems: [String] = [], _ expected: @escaping @Sendable (inout FrontMatter) -> Void)
    {
      self.title = title
      self.text = text
      self.problems = problems
      self.expected = expected
    }
  }

  @Test("are understood, and every tolerance is told with its place", arguments: PublishedReadmes.all)
  func table(published: Case) {
    let readme = Readme(SourceFile(name: "readme.md", text: published.text))
    var expected = FrontMatter()
    published.expected(&expected)
    #expect(readme.frontMatter == expected)
    #expect(readme.problems.map(Self.line) == published.problems)
  }

  static func line(_ problem: Diagnostic) -> String {
    let place = problem.location.map { "\($0.line):\($0.column)" } ?? "-"
    return "\(place) \(problem.severity.rawValue): \(problem.message)"
  }

  @Test("the strict form of what was read has no problems and says the same", arguments: PublishedReadmes.all)
  func strictForm(published: Case) {
    let readme = Readme(SourceFile(name: "readme.md", text: published.text))
    let again = Readme(SourceFile(name: "readme.md", text: readme.frontMatter.yaml))
    #expect(again.frontMatter == readme.frontMatter)
    #expect(
      again.problems.filter { $0.severity == .warning && !$0.message.hasPrefix("there is no key") }.isEmpty, "\(again.problems)")
    #expect(again.frontMatter.yaml == readme.frontMatter.yaml)
  }

  @Test("hints show the line to write")
  func hints() {
    let text = "---\nname: VGG: the \"deep\" one\ncaffemodel: a.caffemodel\nLicence: mine # not yours\n---\n"
    let readme = Readme(SourceFile(name: "readme.md", text: text))
    #expect(
      readme.problems.description == """
        readme.md:2:7: warning: the value of name is no YAML as it stands; it is read as text
            2 | name: VGG: the "deep" one
              |       ^~~~~~~~~~~~~~~~~~~  write name: "VGG: the \\"deep\\" one"
        readme.md:4:1: warning: the key "Licence" is read as license
            4 | Licence: mine # not yours
              | ^~~~~~~  write license
        readme.md:4:10: warning: " #" begins a comment in YAML; the whole line is read
            4 | Licence: mine # not yours
              |          ^~~~  write Licence: "mine # not yours"
        """)
  }

  @Test("the text is what is not front matter")
  func body() {
    func body(_ text: String) -> String { Readme(SourceFile(name: "readme.md", text: text)).body }
    #expect(body("---\nname: a\n---\n\n# A\n") == "\n# A\n")
    #expect(body("# A\r\n\r\nname: a\r\nsha1: b\r\n\r\nText\r\n") == "# A\r\n\r\n\r\nText\r\n")
    #expect(body("# A\n---\nname: a\nlicense: b\n---\nText") == "# A\nText")
    #expect(body("no front matter") == "no front matter")
    #expect(body("") == "")
  }
}
