import CaffeCore
import Crypto
import Foundation

/// An index as one web page that needs nothing beside it: search, a card per model, drawings.
///
/// Nothing in the page can ask a server for anything, and of scripts only the page's own runs: the content security policy
/// names the script and the style by their hashes. Without scripts all cards are there.
public struct IndexPage: Sendable {
  /// The file's name in its repository.
  public static let fileName = "index.html"

  private let index: ZooIndex
  private let pictures: [String: [UInt8]]
  private let address: String?

  /// - Parameters:
  ///   - index: what is listed.
  ///   - pictures: SVG drawings by model; shown as pictures, so that nothing in them runs.
  ///   - address: where the index can be subscribed to; nil for the bundled one.
  public init(_ index: ZooIndex, pictures: [String: [UInt8]] = [:], address: String? = nil) {
    self.index = index
    self.pictures = pictures
    self.address = address
  }

  /// The page.
  public var html: String {
    let title = HTMLText.escaped(index.title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(IndexPage.policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="referrer" content="no-referrer">
      <title>\(title)</title>
      <style>\(IndexPageStyle.text)</style>
      </head>
      <body>
      <a class="skip" href="#models">Skip to the models</a>
      <header>
      <div class="wide">
      <p class="over">Caffe</p>
      <h1>\(title)</h1>
      <p class="lead">\(lead)</p>
      \(subscription)</div>
      </header>
      \(search)
      <main id="models" class="wide" tabindex="-1">
      \(index.entries.map { IndexCard($0, picture: pictures[$0.name]).html }.joined(separator: "\n"))
      <p id="none" class="none" hidden>No model matches. Try fewer words, or another task.</p>
      </main>
      <footer class="wide"><p>Made by <code>caffe zoo index render</code>. The list is <code>\(ZooIndex.fileName)</code> beside this page; \
      git keeps its history.</p></footer>
      <script>\(IndexPageScript.text)</script>
      </body>
      </html>

      """
  }

  private var lead: String {
    let count = index.entries.count
    return "\(count) trained model\(count == 1 ? "" : "s") to look at, fetch and run. "
      + "What is fetched is checked against the checksums listed here."
  }

  private var subscription: String {
    guard let address, let safe = try? RepositoryAddress(address) else { return "" }
    let command = "caffe zoo index subscribe NAME \(RepositoryAddress.withoutPassword(safe.description))"
    return "<p class=\"how\">Once, so that names are found: <code>\(HTMLText.escaped(command))</code></p>\n"
  }

  /// The tasks that occur, sorted.
  private var tasks: [String] { Set(index.entries.map { $0.task ?? IndexPage.otherTask }).sorted() }
  static let otherTask = "other"

  /// Shown by the script, which makes it work.
  private var search: String {
    let options = (["all tasks"] + tasks).enumerated().map { place, task in
      "<option value=\"\(place == 0 ? "" : HTMLText.escaped(task))\">\(HTMLText.escaped(task))</option>"
    }
    return """
      <div class="bar" id="bar" role="search" hidden>
      <div class="wide tools">
      <label class="find"><span class="unseen">Search the models</span>\
      <input id="q" type="search" placeholder="Search by name, task, author or licence" autocomplete="off" spellcheck="false"></label>
      <label><span class="unseen">Task</span><select id="task">\(options.joined())</select></label>
      <p id="count" class="count" role="status" aria-live="polite"></p>
      </div>
      </div>
      """
  }

  private static let policy =
    "default-src 'none'; img-src data:; style-src '\(hash(IndexPageStyle.text))'; script-src '\(hash(IndexPageScript.text))'; "
    + "base-uri 'none'; form-action 'none'"

  private static func hash(_ text: String) -> String {
    "sha256-" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
  }
}
