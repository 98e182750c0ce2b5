import Foundation
import Testing

@testable import LayerPages

@Suite("Every layer's test")
struct LayerTestRuleTests {
  private static let folder = Pages.root.appending(path: "Tests/CaffeLayersTests")

  private static func text(_ name: String) -> String? {
    try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  @Test("is there, and checks the layer's gradient or says why not")
  func layers() throws {
    let rule = LayerTestRule(shared: try #require(Self.text("SourceLayerTests.swift")))
    let problems = LayerFacts.all(.standard).compactMap { facts in
      rule.problem(facts.type, role: facts.role, own: Self.text("\(facts.type)LayerTests.swift"))
    }
    #expect(problems == [])
  }

  @Test("is found wanting without a file, without a check, and with a reason that is none")
  func rule() {
    let rule = LayerTestRule(shared: "/// No gradient check: they compute nothing.\ntype: 'Films'")
    #expect(rule.problem("New", role: .compute, own: nil) == "New has no Tests/CaffeLayersTests/NewLayerTests.swift")
    #expect(rule.problem("Films", role: .compute, own: nil)?.hasSuffix("FilmsLayerTests.swift") == true)
    #expect(rule.problem("Films", role: .source, own: nil) == nil)
    #expect(rule.problem("Film", role: .source, own: nil)?.hasSuffix("nor is it in SourceLayerTests.swift") == true)
    let wanting = "the test of New neither calls LayerCheck nor says why in a line \"/// No gradient check: <reason>\""
    for text in [
      "", "LayerCheck.net(", "/// No gradient check:", "/// No gradient check: none.", "// No gradient check: it has none.",
    ] {
      #expect(rule.problem("New", role: .compute, own: text) == wanting, "\(text)")
    }
    for text in ["try LayerCheck.all(net)", "try LayerCheck(net)", "  /// No gradient check: it has none."] {
      #expect(rule.problem("New", role: .compute, own: text) == nil, "\(text)")
    }
  }
}
