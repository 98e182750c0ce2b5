import CaffeCore

/// The picture of a training: loss over iterations on the left scale, accuracy on the right, as SVG.
public struct CurveChart: Sendable {
  /// A line of the chart.
  public struct Series: Sendable {
    /// Which scale a line belongs to.
    public enum Axis: Sendable { case loss, accuracy }

    /// What the legend calls it.
    public var name: String
    /// Its points in the order of their iterations; those that are not finite are left out.
    public var points: [TrainingLog.Point]
    /// Its scale.
    public var axis: Axis

    public init(name: String, points: [TrainingLog.Point], axis: Axis) {
      self.name = name
      self.points = points
      self.axis = axis
    }
  }

  /// The lines, in the order of the legend.
  public var series: [Series]
  /// What the left scale measures.
  public var leftTitle = "loss"

  public init(series: [Series]) { self.series = series }

  /// A log's training loss, and each test output: those whose name has "accuracy" in it on the right scale.
  public init(log: TrainingLog) { self.init(runs: [(name: "", log: log)]) }

  /// More points than the picture has columns are thinned to the least and the greatest of each.
  private static let columns = 400
  private static let size = (width: 760.0, height: 400.0)
  private static let plot = (left: 64.0, top: 56.0, right: 696.0, bottom: 344.0)

  /// A picture of its own, or to be set into a page.
  public var svg: String {
    let drawn = series.filter { line in line.points.contains { $0.value.canBeDrawn } }
    let points = drawn.flatMap(\.points)
    let x = AxisScale(holding: [0] + points.map { Double($0.iteration) }, marks: 6)
    let loss = scale(of: drawn, .loss)
    let accuracy = scale(of: drawn, .accuracy)
    let rows = legendRows(drawn)
    // More rows of the legend move the plot down.
    let shift = CurveChart.rowHeight * Double(max(0, rows.count - 1))
    var parts = [CurveChart.opening(height: CurveChart.size.height + shift)]
    if shift > 0 { parts.append("<g transform=\"translate(0 \(Markup.number(shift)))\">") }
    parts += [grid(loss ?? accuracy), axis(x)]
    if let loss { parts.append(axis(loss, .loss)) }
    if let accuracy { parts.append(axis(accuracy, .accuracy)) }
    for (index, line) in drawn.enumerated() {
      if let y = line.axis == .loss ? loss : accuracy { parts.append(path(line, index, x, y)) }
    }
    if drawn.isEmpty { parts.append(text("no points yet", x: 380, y: 200, anchor: "middle")) }
    if shift > 0 { parts.append("</g>") }
    parts.append(legend(rows))
    return parts.joined(separator: "\n") + "\n</svg>\n"
  }

  /// Loss begins at 0, so that a small one looks small; accuracy ends at 1.
  private func scale(of series: [Series], _ axis: Series.Axis) -> AxisScale? {
    let values = series.filter { $0.axis == axis }.flatMap(\.points).map(\.value).filter(\.canBeDrawn)
    guard !values.isEmpty else { return nil }
    return AxisScale(holding: values + (axis == .loss ? [0] : [1]), marks: 5)
  }

  private static func opening(height: Double) -> String {
    let (width, height) = (Markup.number(size.width), Markup.number(height))
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" \
      role="img" aria-label="Training curves" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="12">
      \(ChartPalette.style)
      <rect class="ground" width="\(width)" height="\(height)"/>
      """
  }

  private func grid(_ scale: AxisScale?) -> String {
    (scale?.ticks ?? []).map { tick in
      let y = CurveChart.height(of: tick, scale)
      return CurveChart.line("grid", from: (CurveChart.plot.left, y), to: (CurveChart.plot.right, y))
    }.joined(separator: "\n")
  }

  private func axis(_ x: AxisScale) -> String {
    let plot = CurveChart.plot
    let line = CurveChart.line("axis", from: (plot.left, plot.bottom), to: (plot.right, plot.bottom))
    let ticks = x.ticks.map { tick in
      let place = CurveChart.column(of: tick, x)
      return CurveChart.line("axis", from: (place, plot.bottom), to: (place, plot.bottom + 5))
        + text(x.label(tick), x: place, y: plot.bottom + 19, anchor: "middle")
    }
    let title = text("iteration", x: (plot.left + plot.right) / 2, y: plot.bottom + 42, anchor: "middle")
    return ([line] + ticks + [title]).joined(separator: "\n")
  }

  private func axis(_ scale: AxisScale, _ axis: Series.Axis) -> String {
    let isLeft = axis == .loss
    let edge = isLeft ? CurveChart.plot.left : CurveChart.plot.right
    let place = isLeft ? edge - 8 : edge + 8
    let anchor = isLeft ? "end" : "start"
    let ticks = scale.ticks.map { tick in
      let label = isLeft ? scale.label(tick) : CurveChart.percent(tick, step: scale.step)
      let y = CurveChart.height(of: tick, scale)
      return CurveChart.line("axis", from: (edge, y), to: (edge + (isLeft ? -4 : 4), y))
        + text(label, x: place, y: y + 4, anchor: anchor)
    }
    let title = text(isLeft ? leftTitle : "accuracy", x: place, y: CurveChart.plot.top - 16, anchor: anchor)
    return (ticks + [title]).joined(separator: "\n")
  }

  private static func percent(_ value: Double, step: Double) -> String {
    Markup.plain(value * 100, decimals: step < 0.0099 ? 1 : 0) + "\u{202F}%"
  }

  private func path(_ line: Series, _ index: Int, _ x: AxisScale, _ y: AxisScale) -> String {
    let points = CurveChart.thinned(line.points.filter(\.value.canBeDrawn)).map { point in
      let (column, height) = (CurveChart.column(of: Double(point.iteration), x), CurveChart.height(of: point.value, y))
      return (Markup.number(column), Markup.number(height))
    }
    let course = points.map { "\($0.0),\($0.1)" }.joined(separator: " ")
    let colour = index % ChartPalette.count
    // Few points are measurements to be seen one by one, a single one would not be seen at all.
    let dots = (points.count > 40 ? [] : points).map { "<circle class=\"f\(colour)\" cx=\"\($0.0)\" cy=\"\($0.1)\" r=\"2.5\"/>" }
    let polyline = "<polyline class=\"line s\(colour)\"\(CurveChart.dash(index)) points=\"\(course)\"/>"
    return ([polyline] + dots).joined(separator: "\n")
  }

  private static let rowHeight = 20.0

  /// The lines' names with their numbers, as many in a row as fit.
  private func legendRows(_ drawn: [Series]) -> [[(index: Int, name: String)]] {
    var (rows, place) = ([[(index: Int, name: String)]](), Double.infinity)
    for (index, line) in drawn.enumerated() {
      let name = line.name.count > 40 ? line.name.prefix(39) + "…" : line.name
      if place + CurveChart.legendWidth(name) > CurveChart.size.width {
        rows.append([])
        place = CurveChart.plot.left
      }
      rows[rows.count - 1].append((index, name))
      place += CurveChart.legendWidth(name)
    }
    return rows
  }

  private static func legendWidth(_ name: String) -> Double { 48 + 6.8 * Double(name.count) }

  private func legend(_ rows: [[(index: Int, name: String)]]) -> String {
    rows.enumerated().flatMap { row, names in
      var place = CurveChart.plot.left
      let y = 18 + CurveChart.rowHeight * Double(row)
      return names.map { index, name in
        defer { place += CurveChart.legendWidth(name) }
        let style = "line s\(index % ChartPalette.count)"
        return CurveChart.line(style, from: (place, y), to: (place + 20, y), CurveChart.dash(index))
          + text(name, x: place + 26, y: y + 4, anchor: "start")
      }
    }.joined(separator: "\n")
  }

  /// Lines that share a colour are told apart by dashes.
  private static func dash(_ index: Int) -> String {
    let round = index / ChartPalette.count
    return round == 0 ? "" : " stroke-dasharray=\"\(max(1, 8 - 2 * round)) 4\""
  }

  private func text(_ content: String, x: Double, y: Double, anchor: String) -> String {
    "<text x=\"\(Markup.number(x))\" y=\"\(Markup.number(y))\" text-anchor=\"\(anchor)\">\(MarkupText.escaped(content))</text>"
  }

  private static func line(
    _ style: String, from start: (x: Double, y: Double), to end: (x: Double, y: Double), _ attributes: String = ""
  ) -> String {
    let (x1, y1, x2, y2) = (Markup.number(start.x), Markup.number(start.y), Markup.number(end.x), Markup.number(end.y))
    return "<line class=\"\(style)\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"\(attributes)/>"
  }

  private static func column(of value: Double, _ scale: AxisScale) -> Double {
    plot.left + scale.place(value) * (plot.right - plot.left)
  }

  private static func height(of value: Double, _ scale: AxisScale?) -> Double {
    plot.bottom - (scale?.place(value) ?? 0) * (plot.bottom - plot.top)
  }

  /// At most two points per column of the picture, with all peaks.
  private static func thinned(_ points: [TrainingLog.Point]) -> [TrainingLog.Point] {
    guard points.count > 2 * columns else { return points }
    let width = (points.count + columns - 1) / columns
    return stride(from: 0, to: points.count, by: width).flatMap { start -> [TrainingLog.Point] in
      let column = points[start..<min(start + width, points.count)]
      guard let least = column.min(by: { $0.value < $1.value }), let most = column.max(by: { $0.value < $1.value })
      else { return [] }
      return least.iteration <= most.iteration ? [least, most] : [most, least]
    }
  }
}
