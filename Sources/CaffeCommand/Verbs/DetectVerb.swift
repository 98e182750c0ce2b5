import ArgumentParser
import Caffe
import CaffeCore
import CaffeData
import CaffeVision

struct DetectVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "detect", abstract: "Find objects in pictures (JPEG, PNG) with R-CNN, or any net that scores windows.",
    discussion: """
      Windows come from selective search or from a list: a CSV file with the columns filename, ymin, xmin, ymax and xmax (rows and \
      columns of pixels from 0, maxima outside), or a window file of a WindowData layer. Each window is cropped with its \
      surroundings, stretched to the net's input and scored; of windows of one class that overlap the best stays. Without \
      --score-threshold objects score at least 0, or 0.5 where the net ends in a Softmax layer. A window that reaches beyond its \
      picture is cropped at the edge and listed as it is. A list's picture is the one given when one path is the other's end.

      Example: caffe detect bvlc_reference_rcnn_ilsvrc13 fish-bike.jpg --draw found.png
      """)

  @Argument(help: "A model's directory or name, or a deploy prototxt.") var model: String
  @Argument(help: "Pictures; without any those that the list of windows names.") var images: [String] = []
  @Option(help: "A list of windows.") var windows: String?
  @Option(help: "Where windows come from without a list: selective-search or selective-search-quality.")
  var proposals = RegionProposals.selectiveSearch
  @Option(help: "Weights: .caffemodel or .caffemodel.h5.") var weights: String?
  @Option(help: "Names of the classes, one a line.") var labels: String?
  @Option(help: "A mean image (.binaryproto), or means in the order of the net's channels.") var mean: String?
  @Option(help: "What pixels (0 to 255, less the mean) are multiplied by.") var scale: Float?
  @OptionGroup var cropping: CroppingOptions
  @OptionGroup var suppression: SuppressionOptions
  @OptionGroup var results: DetectionOutputs
  @OptionGroup var engine: InferenceOptions

  func validate() throws {
    if let scale, !scale.isFinite { throw ValidationError("--scale \(scale): it is a number") }
    if images.isEmpty, windows == nil { throw ValidationError("give pictures, or --windows with a list that names some") }
  }

  func run() throws {
    let list = try windows.map { try WindowList(contentsOf: $0) }
    let inputs = try DetectionInput.all(images, list)
    let drawings = results.drawings(of: inputs.map(\.path))
    let options = engine.netOptions(phase: .TEST)
    var detector = try Detector(
      PictureModel(
        try NamedModel.path(model, weights == nil ? .directory : .files), weights: weights, labels: labels, mean: mean,
        scale: scale,
        options: options),
      cropping: cropping.value)
    let read = inputs.map(\.path) + detector.model.files + [windows, mean].compactMap(\.self)
    try results.check(drawings: drawings, inputs: read)
    suppression.apply(to: &detector.suppression)
    for warning in detector.model.warnings { Console.note("warning: \(warning)") }
    Signals.install()
    let failures = try detect(in: inputs, by: detector, drawings, threads: options.threads)
    if detector.model.labels == nil {
      Console.note("the classes' names are not known: give --labels FILE with one a line, or put labels.txt beside the net")
    }
    if failures > 0 { throw ExitCode.failure }
  }

  /// Looks at one picture after the other; those that cannot be used are named and left out.
  ///
  /// - Returns: how many could not be used.
  private func detect(in inputs: [DetectionInput], by detector: Detector, _ drawings: [String], threads: Int) throws -> Int {
    var records: [DetectionRecord] = []
    var frame = DetectionFrame()
    for (index, input) in inputs.enumerated() {
      do {
        let report = try input.report(by: detector, proposals, threads: threads)
        if results.needsFrame { frame.append(report.result, of: input.path) }
        try results.show(report, drawingTo: drawings.isEmpty ? nil : drawings[index])
        records.append(report.record)
        if index == 0, let problem = report.labelProblem { Console.note("warning: \(problem)") }
      } catch is CancellationError {
        if !records.isEmpty { try results.write(frame, records) }
        throw CancellationError()
      } catch let error as ImageError { Console.note("caffe: \(error)") } catch let error as Diagnostics {
        Console.note("\(error)")
      }
    }
    if !records.isEmpty { try results.write(frame, records) }
    return inputs.count - records.count
  }
}

extension RegionProposals: ExpressibleByArgument {}
extension CropGeometry: ExpressibleByArgument {}
extension AreaConvention: ExpressibleByArgument {}
extension WindowConfiguration.CropMode: ExpressibleByArgument {}

/// How windows become the net's input.
struct CroppingOptions: ParsableArguments {
  @Option(help: "Pixels of surroundings around a window, counted in the net's input.") var contextPad = 16
  @Option(help: "warp stretches a window, square takes the square around it.") var cropMode = WindowConfiguration.CropMode.warp
  @Option(help: "caffe crops as Caffe's Detector does, rcnn as R-CNN and WindowData layers do.") var geometry = CropGeometry.caffe

  var value: Detector.Cropping {
    var value = Detector.Cropping()
    (value.contextPad, value.mode, value.geometry) = (contextPad, cropMode, geometry)
    return value
  }
}

/// Which of the scored windows are objects.
struct SuppressionOptions: ParsableArguments {
  @Option(help: "Of two windows of a class that overlap more than this, the one with the lower score goes.") var nms: Float = 0.3
  @Option(help: "How areas are counted there: exact, or plus-one for lists whose maxima lie inside.") var nmsArea = AreaConvention
    .exact
  @Option(help: "Scores below it are no objects.") var scoreThreshold: Float?
  @Option(help: "The most objects of a picture.") var max = 100
  @Option(help: "The class, counted from 0, that stands for no object; default: that with the label background.")
  var backgroundClass: Int?

  func validate() throws {
    guard (0...1).contains(nms) else { throw ValidationError("--nms \(nms): an overlap lies between 0 and 1") }
    guard max > 0 else { throw ValidationError("--max must be at least 1") }
    if let backgroundClass, backgroundClass < 0 {
      throw ValidationError("--background-class \(backgroundClass): classes count from 0")
    }
    if scoreThreshold?.isNaN == true { throw ValidationError("--score-threshold must be a number") }
  }

  func apply(to suppression: inout DetectionSuppression) {
    (suppression.overlap, suppression.area, suppression.limit) = (nms, nmsArea, max)
    suppression.scoreThreshold = scoreThreshold ?? suppression.scoreThreshold
    suppression.background = backgroundClass ?? suppression.background
  }
}
