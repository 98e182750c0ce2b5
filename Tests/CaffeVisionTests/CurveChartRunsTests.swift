import CaffeVision
import Testing

@Suite("Curves of several trainings")
struct CurveChartRunsTests {
  private static func log(_ last: Double) -> TrainingLog {
    TrainingLog(
      text: """
        {"event":"train","iteration":0,"loss":2.5,"rate":0.1,"outputs":{"aux":1.5}}
        {"event":"test","iteration":0,"net":1,"outputs":{"accuracy":0.1,"top-5":0.5}}
        {"event":"train","iteration":10,"loss":\(last)}
        {"event":"lr","iteration":10,"rate":0.01}
        {"event":"stop"}
        {"event":"train","iteration":
        """)
  }

  @Test("a log for machines has the points that its lines say; what is no record is passed over")
  func records() {
    let log = Self.log(0.5)
    #expect(log.loss == [.init(iteration: 0, value: 2.5), .init(iteration: 10, value: 0.5)])
    #expect(log.learningRate == [.init(iteration: 0, value: 0.1), .init(iteration: 10, value: 0.01)])
    #expect(log.trainOutputs == ["aux": [.init(iteration: 0, value: 1.5)]])
    #expect(
      log.testOutputs == [
        "accuracy (net 1)": [.init(iteration: 0, value: 0.1)], "top-5 (net 1)": [.init(iteration: 0, value: 0.5)],
      ])
  }

  @Test("one run's lines have plain names, several runs' tell the run; a full legend goes on below and moves the plot down")
  func names() {
    let one = CurveChart(runs: [(name: "a", log: Self.log(1))])
    #expect(one.series.map(\.name) == ["training loss", "test accuracy (net 1)", "test top-5 (net 1)"])
    #expect(one.svg.contains("viewBox=\"0 0 760 400\"") && !one.svg.contains("<g ") && !one.svg.contains("dasharray"))
    let two = CurveChart(runs: [(name: "a", log: Self.log(1)), (name: "b", log: Self.log(2))])
    #expect(two.series.map(\.name).suffix(2) == ["b: test accuracy (net 1)", "b: test top-5 (net 1)"])
    #expect(two.svg.contains("viewBox=\"0 0 760 420\"") && two.svg.contains("<g transform=\"translate(0 20)\">"))
    // Five colours; the sixth line has the first colour and dashes, in the plot and in the legend.
    #expect(two.svg.split(separator: "class=\"line s0\" stroke-dasharray=").count == 2)
    #expect(two.svg.split(separator: "stroke-dasharray=\"6 4\"").count == 3)
  }

  @Test("the rate has a scale of its own")
  func rate() {
    let chart = CurveChart(runs: [(name: "a", log: Self.log(1))], curves: [.rate])
    #expect(chart.svg.contains(">rate</text>") && !chart.svg.contains(">loss</text>"))
  }
}
