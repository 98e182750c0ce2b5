extension CurveChart {
  /// What of a log is drawn.
  public enum Curve: String, Sendable, CaseIterable {
    /// The training loss.
    case loss
    /// The outputs of test nets.
    case test
    /// The outputs of the training net.
    case train
    /// The learning rate, which is drawn alone: on the scale of losses it would be a line at 0.
    case rate
  }

  /// Several trainings in one picture, told apart by their names.
  public init(runs: [(name: String, log: TrainingLog)], curves: [Curve] = [.loss, .test]) {
    self.init(
      series: runs.flatMap { run in
        curves.flatMap { CurveChart.series(of: run.log, $0) }.map { series in
          var series = series
          if runs.count > 1 { series.name = "\(run.name): \(series.name)" }
          return series
        }
      })
    if curves == [.rate] { leftTitle = "rate" }
  }

  private static func series(of log: TrainingLog, _ curve: Curve) -> [Series] {
    switch curve {
    case .loss: [Series(name: "training loss", points: log.loss, axis: .loss)]
    case .test: outputs(log.testOutputs, "test")
    case .train: outputs(log.trainOutputs, "train")
    case .rate: [Series(name: "learning rate", points: log.learningRate, axis: .loss)]
    }
  }

  private static func outputs(_ outputs: [String: [TrainingLog.Point]], _ net: String) -> [Series] {
    outputs.sorted { $0.key < $1.key }.map { name, points in
      Series(name: "\(net) \(name)", points: points, axis: name.contains("accuracy") ? .accuracy : .loss)
    }
  }
}
