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
  private let path: String
  private let list: WindowList?

  init(_ path: String, _ list: WindowList?) { (self.path, self.list) = (path, list) }

  /// The pictures to look at: those given, else those of the list, beside which they may lie.
  ///
  /// - Throws: `Diagnostics` for pictures that are not there or that the list has no windows of, all at once.
  static func paths(_ images: [String], _ list: WindowList?) throws -> [String] {
    let paths = images.isEmpty ? list?.pictures.map { FilePlace(of: nil).find($0.name, beside: list?.path ?? "") } ?? [] : images
    var problems = ProblemList()
    for path in paths {
      if access(path, R_OK) != 0 { problems.append(Diagnostic("\(path): \(String(cString: strerror(errno)))")) }
      if let list, list[path]?.entries.isEmpty ?? true {
        problems.append(
          Diagnostic("\(list.path) has no windows of \(path)", hint: "they are found by the picture's path or its file's name"))
      }
    }
    if let list, paths.isEmpty { problems.append(Diagnostic("\(list.path) names no picture")) }
    try problems.throwIfAny()
    return paths
  }

  /// Finds what is in the picture.
  func report(by detector: Detector, _ proposals: RegionProposals, threads: Int) throws -> DetectionReport {
    let image = try ImageDecoder.decode(contentsOf: path)
    let clock = ContinuousClock()
    var windows: [PictureWindow] = []
    let search = try clock.measure {
      windows = try list.map { try listed($0, in: image) } ?? proposals.windows(in: image, threads: threads)
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
  private func listed(_ list: WindowList, in image: Image) throws -> [PictureWindow] {
    var problems = ProblemList()
    let entries = list[path]?.entries ?? []
    for entry in entries {
      guard let problem = entry.window.problem(in: (image.width, image.height)) else { continue }
      problems.append(Diagnostic("the window \(entry.window) of \(path) \(problem)", at: entry.location))
    }
    try problems.throwIfAny()
    return entries.map(\.window)
  }
}
