import CaffeCore
import Foundation

/// A model's card on the web page.
struct IndexCard {
  private let entry: IndexEntry
  private let picture: [UInt8]?

  init(_ entry: IndexEntry, picture: [UInt8]?) {
    self.entry = entry
    self.picture = picture
  }

  var html: String {
    let name = HTMLText.escaped(entry.name)
    let task = HTMLText.escaped(entry.task ?? IndexPage.otherTask)
    let parts = [figure, summary, metrics, run, details].filter { !$0.isEmpty }
    return """
      <article class="card" id="model-\(name)" data-name="\(name)" data-task="\(task)" data-words="\(HTMLText.escaped(words))" \
      aria-labelledby="title-\(name)">
      <div class="head">
      <h2 id="title-\(name)">\(HTMLText.escaped(entry.title))</h2>
      <p class="marks"><code class="name">\(name)</code> <span class="mark task">\(task)</span> \(license)</p>
      </div>
      \(parts.joined(separator: "\n"))
      </article>
      """
  }

  /// What the search looks through, in lower case.
  private var words: String {
    ([entry.name, entry.title, entry.task ?? IndexPage.otherTask, entry.license ?? "", entry.summary ?? ""] + entry.authors)
      .joined(separator: " ").lowercased()
  }

  private var license: String {
    guard let license = entry.license else { return "<span class=\"mark bad\">no licence given</span>" }
    let short = license.count > 40 ? license.prefix(39) + "…" : license
    return "<span class=\"mark\"><span class=\"unseen\">Licence: </span>\(HTMLText.escaped(short))</span>"
  }

  private var summary: String {
    let authors = entry.authors.isEmpty ? "" : "<p class=\"by\">by \(HTMLText.escaped(entry.authors.joined(separator: ", ")))</p>"
    let summary = (entry.summary.map { "<p class=\"summary\">\(HTMLText.escaped($0))</p>" } ?? "") + authors
    return summary.isEmpty ? "" : "<div class=\"about\">\(summary)</div>"
  }

  /// The drawing: a strip to scroll; the checkbox, which works without scripts, shows it in full size.
  private var figure: String {
    guard let picture else { return "" }
    let title = HTMLText.escaped(entry.title)
    return """
      <figure class="net">
      <div class="frame"><div class="strip" role="region" tabindex="0" aria-label="Architecture of \(title)">\
      <img alt="The layers of \(title), from input to output" decoding="async" \
      src="data:image/svg+xml;base64,\(Data(picture).base64EncodedString())"></div></div>
      <figcaption>Architecture <label class="zoom"><input type="checkbox">Full size<span class="unseen"> drawing of \(title)</span></label>\
      </figcaption>
      </figure>
      """
  }

  private var metrics: String {
    guard !entry.metrics.isEmpty else { return "" }
    let items = entry.metrics.map {
      "<div><dt>\(HTMLText.escaped($0.name))</dt><dd>\(HTMLText.escaped($0.value))</dd></div>"
    }
    return "<dl class=\"metrics\">\(items.joined())</dl>"
  }

  private var run: String {
    let use =
      entry.task?.lowercased() == "classification" ? "caffe classify \(entry.name) cat.jpg" : "caffe summary \(entry.name)"
    let lines = ["caffe zoo pull \(entry.name)", use].map {
      "<div class=\"line\"><code>\(HTMLText.escaped($0))</code><button type=\"button\" class=\"copy\" hidden>Copy</button></div>"
    }
    return "<div class=\"run\"><h3 class=\"unseen\">How to run it</h3>\(lines.joined())</div>"
  }

  private var details: String {
    var rows: [(String, String)] = []
    if let license = entry.license, license.count > 40 { rows.append(("Licence", HTMLText.escaped(license))) }
    rows.append(
      ("Source", entry.source.page.map { HTMLText.link($0, entry.source.title) } ?? HTMLText.escaped(entry.source.title)))
    for weights in entry.weights { rows += IndexCard.rows(weights) }
    if let added = entry.added { rows.append(("Added", HTMLText.escaped("\(added.on) by \(added.by)"))) }
    let list = rows.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }
    let size = entry.weights.compactMap(\.size).reduce(0, +)
    let title = "Files and checksums" + (size > 0 ? " <span class=\"size\">\(NumberText.megabytes(size))</span>" : "")
    return "<details><summary>\(title)</summary><dl class=\"facts\">\(list.joined())</dl></details>"
  }

  private static func rows(_ weights: PublishedWeights) -> [(String, String)] {
    let name = weights.url.map { HTMLText.link($0, weights.file) } ?? HTMLText.escaped(weights.file)
    var rows = [("Weights", name + (weights.size.map { " (\(NumberText.megabytes($0)))" } ?? ""))]
    if !weights.mirrors.isEmpty { rows.append(("Mirrors", weights.mirrors.map { HTMLText.link($0) }.joined(separator: "<br>"))) }
    if let sha256 = weights.sha256 { rows.append(("SHA-256", "<code>\(HTMLText.escaped(sha256))</code>")) }
    if let sha1 = weights.sha1 { rows.append(("SHA-1", "<code>\(HTMLText.escaped(sha1))</code>")) }
    return rows
  }
}
