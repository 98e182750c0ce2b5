import ArgumentParser
import Caffe
import CaffeCore
import CaffeVision

/// Where the results of `caffe detect` go.
struct DetectionOutputs: ParsableArguments {
  @Flag(help: "Print JSON.") var json = false
  @Option(help: "Write each window with the net's outputs as a table, as Caffe's detect.py does.") var csv: String?
  @Option(help: "Write the same as HDF5 for pandas: read_hdf(FILE, \"df\").") var h5: String?
  @Option(help: "Draw the objects, as .png or .svg; of several pictures each gets its own, OUT-NAME.png.") var draw: String?

  func validate() throws {
    if let draw, ending(of: draw) == nil { throw ValidationError("--draw \(draw): the name must end in .png or .svg") }
  }

  var needsFrame: Bool { csv != nil || h5 != nil }

  private func ending(of path: String) -> String? { [".png", ".svg"].first(where: path.lowercased().hasSuffix) }

  /// Before the work begins, which may take long.
  ///
  /// - Parameter inputs: the files that are read.
  /// - Throws: `ValidationError` when two outputs have one name, `OverwrittenInput` when an output is one of the files that are
  ///   read, `SVGRasterizer.Failure` when a PNG cannot be drawn.
  func check(drawings: [String], inputs: [String]) throws {
    let outputs = [csv, h5].compactMap(\.self) + drawings
    var names: Set<String> = []
    for output in outputs {
      guard !output.isEmpty, names.insert(output).inserted else {
        throw ValidationError(output.isEmpty ? "an output has no name" : "two outputs have the name \(output)")
      }
    }
    for output in outputs {
      if FilePlace.exists(output) { _ = try VerbOutput(output, reading: inputs) }
      try FilePlace.checkIsWritable(output)
    }
    if draw.flatMap(ending) == ".png" { _ = try SVGRasterizer() }
  }

  /// Where the drawings of the pictures go, in their order; none without `--draw`.
  func drawings(of paths: [String]) -> [String] {
    guard let draw, let ending = ending(of: draw) else { return [] }
    guard paths.count > 1 else { return [draw] }
    let names = paths.map { ($0.split(separator: "/").last ?? "").split(separator: ".").first.map(String.init) ?? "" }
    let counts = Dictionary(grouping: names, by: \.self).mapValues(\.count)
    return names.enumerated().map { index, name in
      let number = counts[name] == 1 ? "" : "-\(index + 1)"
      return "\(draw.dropLast(ending.count))-\(name)\(number)\(ending)"
    }
  }

  /// Prints what was found and draws it.
  func show(_ report: DetectionReport, drawingTo picture: String?) throws {
    if !json {
      print(report.text)
      try Console.flushResults()
    }
    Console.note(report.timing)
    guard let picture else { return }
    let svg = try report.drawing.svg()
    try AtomicFile.write(ending(of: picture) == ".png" ? SVGRasterizer().png(of: svg, zoom: 1) : Array(svg.utf8), to: picture)
    VerbOutput.note(picture)
  }

  /// Writes what holds all pictures.
  func write(_ frame: DetectionFrame, _ records: [DetectionRecord]) throws {
    if let csv { try frame.writeCSV(to: csv) }
    if let h5 { try frame.writeHDF5(to: h5) }
    for output in [csv, h5].compactMap(\.self) { VerbOutput.note(output) }
    if json { try JSONOutput.print(records) }
  }
}
