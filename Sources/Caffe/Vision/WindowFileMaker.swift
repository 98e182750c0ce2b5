import CaffeCore
import CaffeData
import CaffeLayers
import CaffeVision

/// Makes the window file that a WindowData layer trains on: for each picture the objects in it and proposed windows, each with the
/// class of the object it overlaps most and the overlap, as R-CNN's `rcnn_make_window_file` does.
public struct WindowFileMaker {
  /// What a window file holds.
  public struct Summary: Sendable {
    public var pictures = 0
    public var windows = 0
    /// Windows that overlap an object by half or more.
    public var foreground = 0
  }

  private let path: String
  private let truths: [String: [ObjectTruth]]
  /// In the order in which the truth first names them.
  private let pictures: [String]
  private let classes: [String: Int]
  private let proposals: RegionProposals

  /// - Parameters:
  ///   - truth: a table of objects, as `ObjectTruth` reads it.
  ///   - labels: a file with the classes' names, the background first.
  /// - Throws: `FileError` when a file cannot be read; `Diagnostics` naming what is wrong with them.
  public init(truth: String, labels: String, proposals: RegionProposals = .selectiveSearch) throws {
    path = truth
    self.proposals = proposals
    let all = try ObjectTruth.read(contentsOf: truth)
    let names = try LabelFile(contentsOf: labels).labels
    classes = Dictionary(names.enumerated().dropFirst().map { ($1, $0) }) { first, _ in first }
    truths = Dictionary(grouping: all, by: \.picture)
    var known: Set<String> = []
    pictures = all.map(\.picture).filter { known.insert($0).inserted }
    var problems = ProblemList()
    for name in Set(all.map(\.label)).subtracting(classes.keys).subtracting([""]).sorted() {
      problems.append(Diagnostic("the class \"\(name)\" of \(truth) is not in \(labels) behind its first line, the background"))
    }
    for picture in picturePaths where picture.contains(where: \.isWhitespace) {
      problems.append(Diagnostic("the path \"\(picture)\" has a blank, which divides the words of a window file"))
    }
    try problems.throwIfAny()
  }

  /// Writes the file. Pictures are looked for beside the truth, and named by the paths they were found at.
  ///
  /// - Throws: `ImageError` for a picture that cannot be used, `DetectorError` for an object outside of its picture, `FileError`,
  ///   `CancellationError` when stopped.
  public func write(
    to output: String, threads: Int = NetOptions.coreCount, progress: @escaping DatabaseConversion.Progress = { _, _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) throws -> Summary {
    let file = try AtomicFile(path: output)
    var summary = Summary()
    for (index, picture) in pictures.enumerated() {
      if shouldStop() { throw CancellationError() }
      let found = place(of: picture)
      let image = try ImageDecoder.decode(contentsOf: found)
      let windows = try windows(in: image, named: picture, threads)
      summary.pictures += 1
      summary.windows += windows.count
      summary.foreground += windows.count { $0.overlap >= 0.5 }
      let head = "# \(index)\n\(found)\n\(image.channels)\n\(image.height)\n\(image.width)\n\(windows.count)\n"
      try file.write(Array((head + windows.map(\.line).joined()).utf8))
      progress(index + 1, pictures.count)
    }
    try file.commit()
    return summary
  }

  /// The pictures' files.
  public var picturePaths: [String] { pictures.map(place(of:)) }

  /// Where a picture of the truth lies.
  private func place(of picture: String) -> String { FilePlace(of: nil).find(picture, beside: path) }

  /// A line of the file.
  private struct Window {
    let label: Int
    let overlap: Float
    let range: PixelRange

    /// Label, overlap, and the corners with both ends inside.
    var line: String {
      return
        "\(label) \(NumberText.fixed(Double(overlap), digits: 4)) \(range.left) \(range.top) \(range.right) \(range.bottom)\n"
    }
  }

  private func windows(in image: Image, named picture: String, _ threads: Int) throws -> [Window] {
    let objects = (truths[picture] ?? []).filter { !$0.label.isEmpty }
    for object in objects {
      guard let problem = object.window.problem(in: (image.width, image.height)) else { continue }
      throw DetectorError("\(path): the object \(object.window) of \(picture) \(problem)")
    }
    let size = (width: image.width, height: image.height)
    let proposed = try proposals.windows(in: image, threads: threads)
    let visible = objects.map { $0.window.clipped(to: size) }
    return (visible + proposed).map { window in
      let overlaps = visible.map { $0.box.overlap(window.box) }
      guard let best = ranking(of: overlaps, above: 0, limit: 1).first else {
        return Window(label: 0, overlap: 0, range: PixelRange(window, within: size))
      }
      return Window(label: classes[objects[best].label] ?? 0, overlap: overlaps[best], range: PixelRange(window, within: size))
    }
  }
}
