import CaffeCore
import CaffeData

/// Pictures with what they show and what the net took them for, as SVG; mistakes are marked.
public struct SampleGrid: Sendable {
  /// One picture and the net's answer.
  public struct Sample: Sendable {
    /// The picture.
    public var image: Image
    /// What it shows; nil when nobody knows.
    public var truth: String?
    /// What the net took it for.
    public var prediction: String
    /// How sure the net is, 0 ... 1; nil is not shown.
    public var confidence: Double?

    public init(image: Image, truth: String?, prediction: String, confidence: Double? = nil) {
      self.image = image
      self.truth = truth
      self.prediction = prediction
      self.confidence = confidence
    }

    /// Whether the net is known to be wrong.
    public var isWrong: Bool { truth.map { $0 != prediction } ?? false }
  }

  /// The pictures, row by row.
  public var samples: [Sample]
  /// Pictures in a row, at least 1.
  public var columns: Int

  public init(samples: [Sample], columns: Int = 8) {
    self.samples = samples
    self.columns = columns
  }

  /// Measures in the picture's units.
  private static let tile = 76.0
  private static let cell = (width: 94.0, height: 122.0)
  private static let margin = 10.0
  /// Longer names are cut.
  private static let shownCharacters = 12

  /// A picture of its own, or to be set into a page.
  ///
  /// - Throws: `ImageError` when a picture cannot be packed as PNG.
  public func svg() throws(ImageError) -> String {
    let perRow = max(1, min(columns, max(samples.count, 1)))
    let rows = (samples.count + perRow - 1) / perRow
    let width = Markup.number(Double(perRow) * SampleGrid.cell.width + 2 * SampleGrid.margin)
    let height = Markup.number(Double(rows) * SampleGrid.cell.height + 2 * SampleGrid.margin)
    var parts = [
      """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" \
      role="img" aria-label="Samples with predictions" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="11">
      \(ChartPalette.style)
      <rect class="ground" width="\(width)" height="\(height)"/>
      """
    ]
    for (index, sample) in samples.enumerated() {
      let x = SampleGrid.margin + Double(index % perRow) * SampleGrid.cell.width
      let y = SampleGrid.margin + Double(index / perRow) * SampleGrid.cell.height
      parts.append(try picture(sample, x: x + (SampleGrid.cell.width - SampleGrid.tile) / 2, y: y + 4))
    }
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  private func picture(_ sample: Sample, x: Double, y: Double) throws(ImageError) -> String {
    let address = Markup.address(of: try ImageEncoder.encode(sample.image, as: .png), type: "image/png")
    let side = Markup.number(SampleGrid.tile)
    let place = "x=\"\(Markup.number(x))\" y=\"\(Markup.number(y))\" width=\"\(side)\" height=\"\(side)\""
    // Small pictures are enlarged by sharp pixels, as the net sees them.
    let rendering = sample.image.width < 64 ? " style=\"image-rendering: pixelated\"" : ""
    let frame = sample.isWrong ? "class=\"none miss\" stroke-width=\"3\"" : "class=\"none tile\""
    let middle = x + SampleGrid.tile / 2
    var lines = ["<g>", "<title>\(MarkupText.escaped(SampleGrid.title(of: sample)))</title>"]
    lines.append("<image \(place) href=\"\(address)\"\(rendering)/>")
    lines.append("<rect \(place) \(frame)/>")
    lines.append(caption(answer(sample), x: middle, y: y + SampleGrid.tile + 16, isWrong: sample.isWrong))
    if sample.isWrong, let truth = sample.truth {
      lines.append(caption("is \(cut(truth))", x: middle, y: y + SampleGrid.tile + 31, isWrong: false))
    }
    return (lines + ["</g>"]).joined(separator: "\n")
  }

  private func answer(_ sample: Sample) -> String {
    let share = sample.confidence.map { " · \(SampleGrid.percent($0))\u{202F}%" } ?? ""
    return (sample.isWrong ? "✗ " : sample.truth == nil ? "" : "✓ ") + cut(sample.prediction) + share
  }

  /// Never 100 for what is less: the last digits are what tells sure from certain.
  private static func percent(_ share: Double) -> String {
    share < 1 && share > 0.985 ? Markup.plain(min(share * 100, 99.9), decimals: 1) : Markup.plain(share * 100, decimals: 0)
  }

  private func caption(_ text: String, x: Double, y: Double, isWrong: Bool) -> String {
    let style = isWrong ? " class=\"wrong\"" : ""
    let place = "x=\"\(Markup.number(x))\" y=\"\(Markup.number(y))\""
    return "<text\(style) \(place) text-anchor=\"middle\">\(MarkupText.escaped(text))</text>"
  }

  private func cut(_ text: String) -> String {
    text.count > SampleGrid.shownCharacters ? text.prefix(SampleGrid.shownCharacters - 1) + "…" : text
  }

  private static func title(of sample: Sample) -> String {
    sample.truth.map { "predicted \(sample.prediction), is \($0)" } ?? "predicted \(sample.prediction)"
  }
}
