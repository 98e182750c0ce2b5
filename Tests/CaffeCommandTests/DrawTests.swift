import Foundation
import Testing

@Suite("Drawing nets from the command line", .enabled(if: Program.isBuilt))
struct DrawTests {
  @Test("DOT text is a result")
  func dot() throws {
    let outcome = try Program.run("draw", "deploy.prototxt", "--rankdir", "TB", in: try Workplace())
    #expect(outcome.code == 0 && outcome.words.isEmpty, "\(outcome.words)")
    #expect(outcome.results.hasPrefix("digraph \"tiny\" {\n  graph [rankdir=TB, ") && outcome.results.hasSuffix("}\n"))
    #expect(outcome.results.contains("+ Dropout (ratio 0.5)"))
  }

  @Test("a net whose data is not there is drawn without shapes")
  func withoutShapes() throws {
    let folder = try Workplace()
    let outcome = try Program.run("draw", "net.prototxt", "--phase", "all", "-o", "net.dot", in: folder)
    #expect(outcome.code == 0 && outcome.words == "Wrote net.dot\n" && outcome.results.isEmpty, "\(outcome.words)")
    #expect(String(decoding: try folder.bytes("net.dot"), as: UTF8.self).contains("<b>accuracy</b>"))
    let test = try Program.run("draw", "net.prototxt", in: folder)
    #expect(test.code == 0 && test.words.hasPrefix("drawn without shapes: "), "\(test.words)")
  }

  @Test("a name that says no format is a wrong call, and a picture needs Graphviz")
  func refusals() throws {
    let folder = try Workplace()
    let wrong = try Program.run("draw", "deploy.prototxt", "-o", "net.gif", in: folder)
    #expect(wrong.code == 2 && wrong.words.hasPrefix("Error: -o net.gif: the name must end in .dot, .svg or .png"))
    let outcome = try Running(
      "/usr/bin/env", ["PATH=/nowhere", try #require(Program.path), "draw", "deploy.prototxt", "-o", "net.svg"], in: folder
    ).outcome()
    #expect(outcome.code == 1 && !folder.contains("net.svg"))
    #expect(
      outcome.words == "caffe: a picture needs Graphviz's program dot, which is not installed\n"
        + "  install it (Debian: apt install graphviz, macOS: brew install graphviz), or write DOT text: -o net.dot\n")
  }
}
