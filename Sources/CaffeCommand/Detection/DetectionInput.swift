import Caffe
import CaffeCore
import CaffeData
import CaffeVision

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A picture and where its windows come from.
struct DetectionInput {
  let path: String
  /// The picture's windows, when a list has them.
  private let entries: [WindowList.Entry]?

  /// The pictures to look at: those given, else those of the list, beside which they may lie.
  ///
  /// - Throws: `Diagnostics` for pictures that are not there or that the list has no windows of, all at once.
  static func all(_ images: [String], _ list: WindowList?) throws -> [DetectionInput] {
    let inputs =
      images.isEmpty
      ? list?.pictures.map { picture in
        DetectionInput(path: FilePlace(of: nil).find(picture.name, beside: list?.path ?? ""), entries: picture.entries)
      } ?? [] : images.map { path in DetectionInput(path: path, entries: list.map { $0[path]?.entries ?? [] }) }
    var problems = ProblemList()
    for input in inputs {
      if access(input.path, R_OK) != 0 { problems.append(Diagnostic("\(input.path): \(String(cString: strerror(errno)))")) }
      if let list, input.entries?.isEmpty == true {
        let hint = "a picture's windows are those of the same path, or of one that is its end"
        problems.append(Diagnostic("\(list.path) has no windows of \(input.path)", hint: hint))
      }
    }
    if let list, inputs.isEmpty { problems.append(Diagnostic("\(list.path) names no picture")) }
    try problems.throwIfAny()
    return inputs
  }

  /// Finds what is in the picture.
  func report(by detector: Detector, _ proposals: RegionProposals, threads: Int) throws -> DetectionReport {
    let image = try ImageDecoder.decode(contentsOf: path)
    let clock = ContinuousClock()
    var windows: [PictureWindow] = []
    let search = try clock.measure {
      windows = try entries.map { try sound($0, in: image) } ?? proposals.windows(in: image, threads: threads)
    }
    let line = ProgressLine()
    defer { line.clear() }
    let total = windows.count
    let result = try detector.detect(
      in: image, windows: windows, progress: { line.draw("\(path): \($0) of \(total) windows") },
      shouldStop: { Signals.isInterrupted })
    return DetectionReport(path: path, image: image, result: result, search: search, labels: detector.model.labels)
  }

  /// - Throws: `Diagnostics` naming the lines with windows that do not lie in the picture.
  private func sound(_ entries: [WindowList.Entry], in image: Image) throws -> [PictureWindow] {
    var problems = ProblemList()
    for entry in entries {
      guard let problem = entry.window.problem(in: (image.width, image.height)) else { continue }
      problems.append(Diagnostic("the window \(entry.window) of \(path) \(problem)", at: entry.location))
    }
    try problems.throwIfAny()
    return entries.map(\.window)
  }
}
