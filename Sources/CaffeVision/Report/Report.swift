import CaffeCore

/// A page about a training that needs nothing beside it: numbers, curves, samples.
public struct Report: Sendable {
  /// A line of the summary.
  public struct Row: Sendable, Equatable {
    /// What is told, with its unit.
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// The page's title and heading.
  public var title: String
  /// The summary, top to bottom.
  public var summary: [Row]
  /// Loss and accuracy; nil leaves the section out.
  public var curves: CurveChart?
  /// Pictures with predictions; nil leaves the section out.
  public var samples: SampleGrid?

  public init(title: String, summary: [Row], curves: CurveChart? = nil, samples: SampleGrid? = nil) {
    self.title = title
    self.summary = summary
    self.curves = curves
    self.samples = samples
  }

  /// The page.
  ///
  /// - Throws: `ImageError` when a sample's picture cannot be packed.
  public func html() throws -> String {
    let rows = summary.map {
      "<tr><th scope=\"row\">\(MarkupText.escaped($0.name))</th><td>\(MarkupText.escaped($0.value))</td></tr>"
    }
    var sections = summary.isEmpty ? [] : ["<table>\n\(rows.joined(separator: "\n"))\n</table>"]
    if let curves { sections.append("<h2>Loss and accuracy</h2>\n<figure>\n\(curves.svg)</figure>") }
    if let samples { sections.append("<h2>Samples</h2>\n<figure>\n\(try samples.svg())</figure>") }
    let heading = MarkupText.escaped(title)
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(heading)</title>
      <style>
      \(Report.style)
      </style>
      </head>
      <body>
      <h1>\(heading)</h1>
      \(sections.joined(separator: "\n"))
      </body>
      </html>

      """
  }

  /// Writes the page as a file, which appears whole or not at all.
  ///
  /// - Throws: `FileError` when it cannot be written, `ImageError` as `html()`.
  public func write(to path: String) throws { try AtomicFile.write(Array(html().utf8), to: path) }

  private static let style = """
    :root { color-scheme: light dark }
    body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; max-width: 780px; margin: 2rem auto; padding: 0 1rem;
      background: #ffffff; color: #22282e }
    h1 { font-size: 1.6rem; margin-bottom: .6rem } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
    table { border-collapse: collapse } th { text-align: left; font-weight: 500; padding-right: 2rem }
    th, td { border-bottom: 1px solid #e3e6ea; padding-block: .3rem } td { font-variant-numeric: tabular-nums }
    figure { margin: 0; overflow-x: auto } svg { max-width: 100%; height: auto }
    @media (prefers-color-scheme: dark) { body { background: #15191e; color: #d5dae0 } th, td { border-color: #2b323a } }
    """
}
