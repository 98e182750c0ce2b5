import CaffeCore
import CaffeZoo
import Foundation
import Testing

/// An entry that tries to break out of every place it is shown in. Only what the reader lets through can be in an index.
private func hostileEntry() -> IndexEntry {
  let evil = "\"'><script>alert(1)</script><img src=x onerror=alert(1)> `code` | [x](javascript:alert(1)) @user **b** &lt;"
  var entry = IndexSamples.entry("evil")
  entry.title = evil
  entry.task = "</option><script>alert(2)</script>"
  entry.authors = [evil, "</article>"]
  entry.license = evil
  entry.summary = evil
  entry.source = .archive(url: "https://example.org/a.zip?a=1&b='x'", sha256: nil)
  entry.weights[0].url = "https://example.org/x?a='onmouseover=alert(1)"
  entry.weights[0].mirrors = ["https://example.org/(x)[y]*_"]
  entry.metrics = [PublishedMetric(name: evil, value: evil)]
  entry.added = IndexEntry.Addition(by: evil, on: "2026-01-01")
  return entry
}

@Suite("The web page of an index")
struct IndexPageTests {
  @Test("shows a model's name, title, licence, metrics, checksums, source and how to run it")
  func content() {
    let html = IndexPage(IndexSamples.index([IndexSamples.entry("cats")]), pictures: ["cats": Array("<svg/>".utf8)]).html
    for text in [
      ">cats<", ">Model cats<", "Ada Lovelace, Charles: Babbage", "BSD-2-Clause", ">57.4 %<", ">top-1<", "123.5 MB",
      String(repeating: "0", count: 64), String(repeating: "a", count: 40), "caffe zoo pull cats", "caffe classify cats cat.jpg",
      "href=\"https://gist.github.com/ada/0123456789abcdef0123456789abcdef/", "src=\"data:image/svg+xml;base64,PHN2Zy8+\"",
      "Tells cats from dogs: &quot;well&quot;, says #1.", "<title>Cats: a zoo</title>",
    ] { #expect(html.contains(text), "\(text)") }
  }

  @Test("forbids all requests and all scripts but its own")
  func policy() throws {
    let html = IndexPage(IndexSamples.index([IndexSamples.entry("cats")])).html
    let policy = try #require(html.firstMatch(of: /Content-Security-Policy" content="([^"]*)"/)?.1)
    #expect(policy.hasPrefix("default-src 'none'; img-src data:; style-src 'sha256-"))
    #expect(!policy.contains("unsafe") && !policy.contains("http"))
    for tag in ["<link", "<iframe", "<object", "<form", "@import", "url(", " style=", " onclick=", "<script src"] {
      #expect(!html.contains(tag), "\(tag)")
    }
  }

  @Test("keeps what comes from outside text")
  func hostile() {
    let html = IndexPage(
      ZooIndex(title: "</title><script>alert(3)</script>", entries: [hostileEntry()]),
      pictures: ["evil": Array("<svg onload=\"alert(4)\"><script>alert(5)</script></svg>".utf8)],
      address: "https://user:secret@example.org/\"><script>x.git"
    ).html
    #expect(html.matches(of: /<script/).count == 1)
    #expect(!html.contains("<img src=x") && !html.contains("href=\"javascript:") && !html.contains("secret"))
    #expect(!html.contains("</option><script") && !html.contains("alert(4)"))
    #expect(html.contains("href=\"https://example.org/x?a=&#39;onmouseover=alert(1)\""))
  }

  @Test("shows no link to anything but http and https, even where an entry was made by hand")
  func links() {
    var entry = IndexSamples.entry("x")
    entry.source = .archive(url: "javascript:alert(1)", sha256: nil)
    entry.weights[0].url = "data:text/html,x"
    let html = IndexPage(IndexSamples.index([entry])).html
    #expect(!html.contains("href=\"javascript") && !html.contains("href=\"data:"))
  }
}

@Suite("The wiki page of an index")
struct WikiPageTests {
  @Test("groups models by task, with licence and metrics")
  func content() {
    let entries = [
      IndexSamples.entry("boxes") { $0.task = "detection" }, IndexSamples.entry("cats"),
      IndexSamples.entry("x.y") { $0.task = nil },
    ]
    let text = WikiPage(IndexSamples.index(entries), address: "https://github.com/ada/zoo.wiki.git").markdown
    let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }.map(String.init)
    #expect(
      headings == ["# Cats&#58; a zoo", "## classification", "## detection", "## other", "### cats", "### boxes", "### x.y"])
    for line in [
      "| [`cats`](#cats) | Model cats | BSD-2-Clause | top-1 57.4 %<br>loss 1e-3 |", "| [`x.y`](#xy) |",
      "    caffe zoo index subscribe NAME https://github.com/ada/zoo.wiki.git",
      "- Weights: [cats.caffemodel](<https://example.org/cats.caffemodel?a=1&amp;b=2>), 123.5 MB, [mirror 1](<http://mirror.example.org/m>)",
      "`caffe zoo pull cats`", "- Added: 2026-02-28 by Ada",
    ] { #expect(text.contains(line), "\(line)") }
  }

  @Test("keeps what comes from outside text")
  func hostile() {
    let text = WikiPage(ZooIndex(title: "# x\n<script>", entries: [hostileEntry()])).markdown
    #expect(!text.contains("<script") && !text.contains("<img") && !text.contains("](javascript") && !text.contains("@user"))
    #expect(!text.contains("**b**") && !text.contains("`code`"))
    let row = text.split(separator: "\n").first { $0.hasPrefix("| [`evil`]") }
    #expect(row?.filter { $0 == "|" }.count == 5)
  }
}
