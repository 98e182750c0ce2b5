import Caffe
import CaffeCore
import CaffeData
import Testing

@Suite("Which scored windows are objects")
struct DetectionSuppressionTests {
  private static func window(_ minX: Double, _ maxX: Double) -> PictureWindow {
    PictureWindow(minY: 0, minX: minX, maxY: 10, maxX: maxX)
  }

  /// `class:score at minX`, the best first.
  private static func found(
    _ scores: [[Float]], _ windows: [PictureWindow], _ set: (inout DetectionSuppression) -> Void = { _ in }
  ) throws -> [String] {
    var suppression = DetectionSuppression()
    set(&suppression)
    let rows = try Tensor(Shape([scores.count, scores[0].count]), values: scores.flatMap(\.self))
    return suppression.detections(rows, windows).map { "\($0.index):\($0.score) at \(Int($0.window.minX))" }
  }

  @Test("of windows of one class that overlap by more than a share, the best stays; classes do not disturb each other")
  func greedy() throws {
    // Exact overlaps: 0 and 2 have 80/120, 2 and 5 have 70/130, 0 and 5 have 50/150.
    let windows = [Self.window(0, 10), Self.window(2, 12), Self.window(5, 15)]
    #expect(try Self.found([[1], [2], [3]], windows) == ["0:3.0 at 5"])
    #expect(try Self.found([[1], [2], [3]], windows) { $0.overlap = 0.34 } == ["0:3.0 at 5", "0:1.0 at 0"])
    #expect(
      try Self.found([[1, 5], [2, -1], [3, 4]], windows) { $0.overlap = 0.34 } == [
        "1:5.0 at 0", "1:4.0 at 5", "0:3.0 at 5", "0:1.0 at 0",
      ])
  }

  @Test("areas with 1 added make larger overlaps")
  func areas() throws {
    // 50/150 exactly; with 1 added 66/176.
    let windows = [Self.window(0, 10), Self.window(5, 15)]
    #expect(try Self.found([[2], [1]], windows) { $0.overlap = 0.35 }.count == 2)
    #expect(
      try Self.found([[2], [1]], windows) {
        $0.overlap = 0.35
        $0.area = .plusOne
      } == ["0:2.0 at 0"])
  }

  @Test("a score at the threshold counts; the background and what is no number do not; ties go to the earlier window")
  func threshold() throws {
    let windows = [Self.window(0, 10), Self.window(20, 30), Self.window(40, 50)]
    let scores: [[Float]] = [[9, 0.5], [9, .nan], [9, 0.25]]
    #expect(
      try Self.found(scores, windows) {
        $0.background = 0
        $0.scoreThreshold = 0.5
      } == ["1:0.5 at 0"])
    #expect(try Self.found(scores, windows) { $0.limit = 2 } == ["0:9.0 at 0", "0:9.0 at 20"])
    #expect(try Self.found([[1], [1]], [Self.window(0, 10), Self.window(1, 11)]) == ["0:1.0 at 0"])
    #expect(DetectionSuppression().detections(Tensor(Shape([0, 3])), []).isEmpty)
  }
}
