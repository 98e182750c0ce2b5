import CaffeData
import CaffeVision
import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Reports")
struct ReportTests {
  private static let hostile = "<script>alert('x')</script> & \"quotes\" \u{1}\u{1B}[31m"

  private static func isWellFormed(_ text: String) -> Bool { XMLParser(data: Data(text.utf8)).parse() }

  private static func points(_ values: [Double]) -> [TrainingLog.Point] {
    values.enumerated().map { .init(iteration: $0.offset * 100, value: $0.element) }
  }

  private static func chart(_ values: [Double]) -> CurveChart {
    CurveChart(series: [
      .init(name: hostile, points: points(values), axis: .loss),
      .init(name: "accuracy", points: points([0.1, 0.9]), axis: .accuracy),
    ])
  }

  private static func grid() throws -> SampleGrid {
    let digit = DigitGenerator(seed: 1).digit(0)
    let image = try Image(width: 28, height: 28, channels: 1, pixels: digit.pixels)
    return SampleGrid(samples: [
      .init(image: image, truth: "3", prediction: "3", confidence: 0.98), .init(image: image, truth: hostile, prediction: "5"),
      .init(image: image, truth: nil, prediction: "7"),
    ])
  }

  @Test(
    "charts of any numbers are well-formed and hold no number that is none",
    arguments: [
      [], [1], [1, 1, 1], [.nan, .infinity, 0.5], [-1e300, 1e300], [0, 1e-300], [1e-7, 2e-7], (0..<5000).map { Double($0 % 7) },
    ])
  func charts(_ values: [Double]) {
    let svg = Self.chart(values).svg
    #expect(Self.isWellFormed(svg))
    #expect(!svg.contains("nan") && !svg.contains("\"inf"))
    #expect(!svg.contains("<script>"))
    #expect(svg.utf8.count < 40_000)
  }

  @Test("a chart of a log has the loss on one scale and the accuracy on the other")
  func chartOfLog() {
    let log = TrainingLog(text: "Iteration 0, Testing net (#0)\n  Test net output #0: accuracy = 0.9\nIteration 0, loss = 2\n")
    let chart = CurveChart(log: log)
    #expect(chart.series.map(\.name) == ["training loss", "test accuracy"])
    #expect(chart.svg.contains(">loss<") && chart.svg.contains(">accuracy<") && chart.svg.contains("90\u{202F}%"))
    #expect(CurveChart(series: []).svg.contains("no points yet"))
  }

  @Test("samples: pictures inside, mistakes marked, names escaped")
  func samples() throws {
    let svg = try Self.grid().svg()
    #expect(Self.isWellFormed(svg))
    #expect(svg.components(separatedBy: "data:image/png;base64,iVBORw0KGgo").count == 4)
    #expect(svg.components(separatedBy: "✗").count == 2 && svg.components(separatedBy: "✓").count == 2)
    #expect(try Self.isWellFormed(SampleGrid(samples: [], columns: 0).svg()))
  }

  @Test("one page with everything in it, nothing fetched from elsewhere")
  func page() throws {
    let report = Report(
      title: Self.hostile, summary: [.init("accuracy", "98.7 %"), .init(Self.hostile, Self.hostile)], curves: Self.chart([2, 1]),
      samples: try Self.grid())
    let html = try report.html()
    #expect(html.hasPrefix("<!DOCTYPE html>"))
    #expect(!html.contains("<script") && !html.contains("\u{1B}"))
    #expect(!html.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "").contains("http"))
    let path = FileManager.default.temporaryDirectory.appending(path: "caffe-report-\(UUID().uuidString).html").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try report.write(to: path)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == html)
  }
}
