import Testing

@testable import CaffeTraining

@Suite("Average precision of detections")
struct DetectionScoreTests {
  /// Right, wrong, right, wrong, right of four there are: precision 1, 1/2, 2/3, 1/2, 3/5 at recall 1/4, 1/4, 2/4, 2/4, 3/4.
  private static let verdicts = [true, false, true, false, true]

  @Test("a curve worked out by hand")
  func curve() {
    func value(_ version: AveragePrecision) -> Float { version(Self.verdicts, truths: 4) }
    // A quarter of recall at each of the right ones.
    #expect(abs(value(.integral) - (1 + 2.0 / 3 + 3.0 / 5) / 4) < 1e-6)
    // The best precision from there on: 1, 2/3, 3/5.
    #expect(abs(value(.maximumIntegral) - (1 + 2.0 / 3 + 3.0 / 5) / 4) < 1e-6)
    // Recalls 0, 0.1, 0.2: 1; 0.3, 0.4, 0.5: 2/3; 0.6, 0.7: 3/5; beyond: none.
    #expect(abs(value(.elevenPoint) - (3 + 3 * 2.0 / 3 + 2 * 3.0 / 5) / 11) < 1e-6)
  }

  @Test("a curve that rises again: only the raised one counts what follows")
  func risingCurve() {
    // Precision 0, 1/2, 2/3 at recall 0, 1/2, 1.
    let verdicts = [false, true, true]
    #expect(abs(AveragePrecision.integral(verdicts, truths: 2) - (0.5 + 2.0 / 3) / 2) < 1e-6)
    #expect(abs(AveragePrecision.maximumIntegral(verdicts, truths: 2) - 2.0 / 3) < 1e-6)
    #expect(abs(AveragePrecision.elevenPoint(verdicts, truths: 2) - 2.0 / 3) < 1e-6)
  }

  @Test("nothing to find, or nothing found, is 0")
  func nothing() {
    for version in AveragePrecision.allCases {
      #expect(version([], truths: 3) == 0)
      #expect(version([false, true], truths: 0) == 0)
    }
  }

  @Test("detections of several batches are ranked together, each class for itself")
  func batches() {
    let first: [Float] = [
      -1, 1, 1, -1, -1, -1, 2, 1, -1, -1,
      0, 1, 0.6, 1, 0, 1, 1, 0.9, 0, 1, 0, 2, 0.3, 0, 0,
    ]
    let second: [Float] = [-1, 1, 1, -1, -1, -1, 2, 0, -1, -1, 0, 1, 0.8, 1, 0, 1, 2, 0.5, 1, 0]
    var score = DetectionScore(first)
    // Class 1: wrong, right of one; class 2: its only detection is of a difficult box and does not count.
    #expect(score.classes(.integral).map(\.label) == [1, 2])
    #expect(score.classes(.integral).map(\.value) == [0.5, 0])
    score.add(DetectionScore(second))
    // Class 1: 0.9 wrong, 0.8 right, 0.6 right of two: 1/2 and 2/3. Class 2: right of one.
    let values = score.classes(.integral).map(\.value)
    #expect(abs(values[0] - (0.5 + 2.0 / 3) / 2) < 1e-6 && values[1] == 1)
    #expect(abs(score.mean(.integral) - (values[0] + 1) / 2) < 1e-6)
    // The mean of the batches' own would be another number.
    #expect(abs(score.mean(.integral) - (0.25 + DetectionScore(second).mean(.integral)) / 2) > 0.01)
  }

  @Test("equal scores stay in the order of the batches")
  func ties() {
    var score = DetectionScore([-1, 1, 2, -1, -1, 0, 1, 0.5, 1, 0])
    score.add(DetectionScore([0, 1, 0.5, 0, 1, 0, 1, 0.5, 1, 0]))
    #expect(abs(score.mean(.integral) - (1 + 2.0 / 3) / 2) < 1e-6)
  }

  @Test("outputs keep one number for a net's detections, that of all batches together")
  func outputs() {
    func batch(_ rows: [Float], loss: Float) -> NetOutputs {
      var outputs = NetOutputs(
        loss: loss,
        values: [
          .init(blob: "detection_eval", value: 0, lossWeight: 0), .init(blob: "loss", value: loss, lossWeight: 1),
        ])
      outputs.detections["detection_eval"] = DetectionScore(rows)
      outputs.scoreDetections()
      return outputs
    }
    var sum: NetOutputs?
    sum.add(batch([-1, 1, 1, -1, -1, 0, 1, 0.9, 0, 1, 0, 1, 0.6, 1, 0], loss: 1))
    sum.add(batch([-1, 1, 1, -1, -1, 0, 1, 0.8, 1, 0], loss: 3))
    let mean = sum?.divided(by: 2)
    #expect(mean?.lines == ["#0: detection_eval = 0.583333", "#1: loss = 2 (* 1 = 2 loss)"])
    #expect(mean?.classLines == ["class1: 0.583333"])
  }

  @Test("outputs of which batches hold different numbers of elements have no mean, the others do")
  func varying() {
    func batch(_ kept: [Float], loss: Float) -> NetOutputs {
      let loss = NetOutputs.Value(blob: "loss", value: loss, lossWeight: 1)
      return NetOutputs(loss: loss.value, values: kept.map { .init(blob: "kept", value: $0, lossWeight: 0) } + [loss])
    }
    var sum: NetOutputs?
    for (kept, loss) in [([1, 2], 1), ([1], 2), ([], 3), ([1, 2], 6)] as [([Float], Float)] { sum.add(batch(kept, loss: loss)) }
    #expect(sum?.divided(by: 4).lines == ["#0: loss = 3 (* 1 = 3 loss)"])
  }
}
