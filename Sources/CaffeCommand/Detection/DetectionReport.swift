import Caffe
import CaffeCore
import CaffeData
import CaffeVision

/// What was found in a picture, in words, as JSON and drawn.
struct DetectionReport {
  let path: String
  let image: Image
  let result: Detector.Result
  /// What the search for windows took.
  let search: Duration
  let labels: LabelFile?

  /// What is wrong with the labels; nil when there is one for each of the net's outputs, or none at all.
  var labelProblem: String? {
    let classes = result.scores.shape.count(from: 1)
    guard let labels, !result.windows.isEmpty, labels.labels.count != classes else { return nil }
    return "the labels have \(labels.labels.count) names, and the net has \(classes) outputs"
  }

  private func label(_ detection: Detection) -> String { labels?[detection.index] ?? String(detection.index) }

  var record: DetectionRecord {
    DetectionRecord(
      image: path, height: image.height, width: image.width, windows: result.windows.count,
      detections: result.detections.map { .init($0, label: label($0)) },
      seconds: Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.time.inSeconds) }))
  }

  private var parts: [(name: String, time: Duration)] {
    let durations = result.durations
    return [
      ("proposals", search), ("crops", durations.crops), ("net", durations.net), ("suppression", durations.suppression),
    ]
  }

  /// A line per object: score, class, window.
  var text: String {
    let lines = result.detections.map {
      "\(NumberText.fixed(Double($0.score), digits: 4)) - \"\(label($0))\" - \($0.window.rounded(digits: 1))"
    }
    return (["---------- Objects in \(path) ----------"] + (lines.isEmpty ? ["none"] : lines)).joined(separator: "\n")
  }

  /// `cat.jpg: 1570 windows in 9.1 s: proposals 4 %, crops 7 %, net 89 %, suppression 0 %`
  var timing: String {
    let whole = parts.reduce(0) { $0 + $1.time.inSeconds }
    let shares = parts.map { "\($0.name) \(NumberText.fixed(100 * $0.time.inSeconds / max(whole, 1e-9), digits: 1)) %" }
    let count = result.windows.count
    return "\(path): \(count) \(count == 1 ? "window" : "windows") in \(NumberText.fixed(whole, digits: 2)) s: "
      + shares.joined(separator: ", ")
  }

  /// The picture with the objects drawn over it.
  var drawing: WindowPicture {
    WindowPicture(
      image,
      result.detections.map {
        .init(
          window: $0.window, name: label($0), score: NumberText.fixed(Double($0.score), digits: 2), group: $0.index)
      })
  }
}

extension PictureWindow {
  fileprivate func rounded(digits: Int) -> String {
    zip(["ymin", "xmin", "ymax", "xmax"], [minY, minX, maxY, maxX]).map { "\($0) \(NumberText.fixed($1, digits: digits))" }
      .joined(separator: ", ")
  }
}
