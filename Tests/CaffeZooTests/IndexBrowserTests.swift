import CaffeCore
import CaffeZoo
import Foundation
import Testing

/// Headless Chromium, which looks at pages as people do.
private enum Browser {
  static let name = ["chromium", "chromium-browser", "google-chrome"].first { (try? ChildProgram($0)) != nil }

  /// What it prints for a page, with a profile of its own.
  static func run(_ arguments: [String], in folder: ScratchFolder) throws -> String {
    var program = try ChildProgram(try #require(name))
    program.seconds = 90
    let flags = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
      "--disable-sync",
      "--disable-component-update", "--disable-dev-shm-usage", "--user-data-dir=\(folder.file("profile-\(UUID().uuidString)"))",
      "--virtual-time-budget=5000", "--allow-file-access-from-files",
    ]
    let outcome = try program.run(flags + arguments)
    #expect(outcome.status == 0, "\(String(decoding: outcome.errors.suffix(2000), as: UTF8.self))")
    return String(decoding: outcome.output, as: UTF8.self)
  }

  /// The page's elements after its scripts have run.
  static func dom(_ address: String, in folder: ScratchFolder) throws -> String { try run(["--dump-dom", address], in: folder) }
}

@Suite("The web page in a browser", .enabled(if: Browser.name != nil, "Chromium is not installed"), .serialized)
struct IndexBrowserTests {
  private let folder: ScratchFolder
  private var address: String { "file://\(folder.file("index.html"))" }

  init() throws {
    folder = try ScratchFolder()
    var index = BundledIndex.index
    index["long"] = IndexSamples.entry("long") {
      $0.title = String(repeating: "Verylongword", count: 12)
      $0.license = String(repeating: "x", count: 300)
      $0.summary = "<script>document.title = 'broken'</script>"
    }
    let svg =
      ##"<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="300"><script>parent.document.title='broken'</script>"##
      + ##"<image href="http://127.0.0.1:9/leak.png" width="9" height="9"/><rect width="4000" height="300" fill="#cde"/></svg>"##
    let pictures = Dictionary(index.entries.map { ($0.name, Array(svg.utf8)) }) { $1 }
    try Data(IndexPage(index, pictures: pictures, address: "https://example.org/zoo.git").html.utf8)
      .write(to: URL(filePath: folder.file("index.html")))
  }

  /// The cards' names in a page, by whether they are hidden.
  private func cards(_ dom: String) -> (shown: [String], hidden: [String]) {
    let cards = dom.split(separator: "<article ").dropFirst().map { $0.prefix { $0 != ">" } }
    func name(_ card: Substring) -> String {
      card.firstRange(of: "data-name=\"").map { String(card[$0.upperBound...].prefix { $0 != "\"" }) } ?? ""
    }
    return (cards.filter { !$0.contains(" hidden") }.map(name), cards.filter { $0.contains(" hidden") }.map(name))
  }

  @Test("shows every model, and by ?q= and ?task= those that were asked for")
  func search() throws {
    let all = cards(try Browser.dom(address, in: folder))
    #expect(all.shown.count == 6 && all.hidden.isEmpty)
    let digits = try Browser.dom(address + "?q=HANDWRITTEN%20digit", in: folder)
    #expect(cards(digits).shown == ["lenet"] && cards(digits).hidden.count == 5)
    #expect(digits.contains("1 of 6 models</p>"))
    #expect(cards(try Browser.dom(address + "?task=detection", in: folder)).shown == ["bvlc_reference_rcnn_ilsvrc13"])
    let none = try Browser.dom(address + "?q=%3Cscript%3Eunicorn", in: folder)
    #expect(cards(none).shown.isEmpty && none.contains("<p id=\"none\" class=\"none\">"))
  }

  @Test("runs nothing that came from outside")
  func scripts() throws { #expect(try Browser.dom(address, in: folder).contains("<title>Caffe model zoo</title>")) }

  @Test("asks no server for anything")
  func requests() throws {
    let log = folder.file("net.json")
    _ = try Browser.run(["--log-net-log=\(log)", "--dump-dom", address], in: folder)
    let text = try String(contentsOfFile: log, encoding: .utf8)
    #expect(text.contains("index.html"))
    for host in ["127.0.0.1:9", "example.org", "berkeleyvision", "w3.org"] { #expect(!text.contains(host), "\(host)") }
  }

  @Test("fits windows of a phone's and a desk's width, without scrolling sideways", arguments: [320, 390, 768, 1280])
  func widths(width: Int) throws {
    let frame = """
      <!DOCTYPE html><html><body style="margin:0"><iframe id="page" src="index.html" style="border:0;width:\(width)px;height:844px"></iframe>
      <p id="answer">none</p><script>
      onload = () => { const page = document.getElementById("page").contentDocument.documentElement;
        document.getElementById("answer").textContent = page.scrollWidth + " of " + page.clientWidth; };
      </script></body></html>
      """
    let path = folder.file("frame-\(width).html")
    try Data(frame.utf8).write(to: URL(filePath: path))
    let dom = try Browser.dom("file://\(path)", in: folder)
    #expect(dom.contains("<p id=\"answer\">\(width) of \(width)</p>"), "\(dom.suffix(400))")
  }

  @Test("is there without scripts")
  func withoutScripts() throws {
    let text = try String(contentsOfFile: folder.file("index.html"), encoding: .utf8)
    try Data(text.replacing("<script>", with: "<template>").replacing("</script>", with: "</template>").utf8)
      .write(to: URL(filePath: folder.file("plain.html")))
    let dom = try Browser.dom("file://\(folder.file("plain.html"))", in: folder)
    #expect(cards(dom).shown.count == 6)
    #expect(dom.contains("id=\"bar\" role=\"search\" hidden"))
  }
}
