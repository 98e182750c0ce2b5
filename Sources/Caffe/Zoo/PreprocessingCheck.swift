import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeZoo

/// What the readme says about preparing pictures, against the training net's `transform_param` and the net's input.
struct PreprocessingCheck {
  private(set) var problems = Diagnostics()
  private let readme: Readme

  init(_ readme: Readme, _ directory: ModelDirectory, _ nets: NetsCheck) {
    self.readme = readme
    let input = nets.deploy.flatMap(PreprocessingCheck.pictureInput)
    guard let published = readme.frontMatter.preprocessing else {
      guard input != nil || nets.transform != nil else { return }
      let advice = nets.transform.map { "write preprocessing: {\(PreprocessingCheck.advice(for: $0.parameters))}" }
      add(
        "nothing says how pictures are prepared",
        hint: advice ?? "write preprocessing with resize, crop, channel_order, mean, scale", .warning)
      return
    }
    if let transform = nets.transform { compare(published, transform.parameters, transform.place) }
    if let input { compare(published, input) }
    if let resize = published.resize, let crop = published.crop, crop > resize.min() ?? crop {
      add("a crop of \(crop) pixels does not fit into \(resize[0])x\(resize[1])")
    }
  }

  private mutating func add(_ message: String, hint: String? = nil, _ severity: Diagnostic.Severity = .error) {
    problems.append(readme.problem(message, of: "preprocessing", hint: hint, severity: severity))
  }

  /// N×C×H×W of a net that takes one picture.
  private static func pictureInput(_ graph: ShapedGraph) -> Shape? {
    guard graph.inputs.count == 1, let value = graph.inputs.first else { return nil }
    let shape = graph.shapes[value]
    return shape.rank == 4 && [1, 3].contains(shape[1]) ? shape : nil
  }

  private mutating func compare(_ published: PublishedPreprocessing, _ trained: TransformationParameter, _ place: SourceLocation?)
  {
    let other = place.map { "\($0)" } ?? "the training net"
    if trained.cropSize > 0, let crop = published.crop, crop != trained.cropSize {
      add("crop is \(crop), but \(other) has crop_size \(trained.cropSize)")
    } else if trained.cropSize > 0, published.crop == nil {
      add("there is no crop, but \(other) has crop_size \(trained.cropSize)", hint: "write crop: \(trained.cropSize)")
    }
    if (published.scale ?? 1) != trained.scale {
      let told = published.scale.map { "scale is \(NumberText.general($0))" } ?? "there is no scale"
      add("\(told), but \(other) has scale \(NumberText.general(trained.scale))", hint: "write scale: \(trained.scale)")
    }
    compareMeans(published, trained, other)
    if published.channelOrder == .rgb {
      add(
        "channel_order is RGB; pictures that Caffe read for training are BGR", hint: "keep RGB if the data had been turned",
        .warning)
    }
  }

  private mutating func compareMeans(_ published: PublishedPreprocessing, _ trained: TransformationParameter, _ other: String) {
    let hasMean = !published.mean.isEmpty || published.meanFile != nil
    let advice = "write mean: [\(trained.meanValue.map { NumberText.general($0) }.joined(separator: ", "))]"
    if let file = trained.meanFile, !hasMean {
      return add("there is no mean, but \(other) subtracts \(file)", hint: "write mean: its means per channel, or mean_file")
    }
    if !trained.meanValue.isEmpty, !hasMean { return add("there is no mean, but \(other) has mean_value", hint: advice) }
    if !trained.meanValue.isEmpty, !published.mean.isEmpty, !PreprocessingCheck.isSame(published.mean, trained.meanValue) {
      return add("mean is not the mean_value of \(other)", hint: advice)
    }
    if trained.meanValue.isEmpty, trained.meanFile == nil, hasMean,
      published.mean.contains(where: { $0 != 0 }) || published.meanFile != nil
    {
      add("there is a mean, but \(other) subtracts none")
    }
  }

  /// One number stands for all channels.
  private static func isSame(_ a: [Float], _ b: [Float]) -> Bool {
    let count = max(a.count, b.count)
    func spread(_ values: [Float]) -> [Float] { values.count == 1 ? Array(repeating: values[0], count: count) : values }
    return spread(a) == spread(b)
  }

  private mutating func compare(_ published: PublishedPreprocessing, _ input: Shape) {
    let size = "\(input[1])x\(input[2])x\(input[3])"
    if let order = published.channelOrder, (order == .gray) != (input[1] == 1) {
      add("channel_order is \(order.rawValue), but the net takes \(size)")
    }
    if published.mean.count > 1, published.mean.count != input[1] {
      add("there are \(published.mean.count) means, but the net takes \(size)")
    }
    if let crop = published.crop, crop != input[2] || crop != input[3] { add("crop is \(crop), but the net takes \(size)") }
    if let resize = published.resize, resize[0] < input[2] || resize[1] < input[3] {
      add("pictures of \(resize[0])x\(resize[1]) are smaller than the net's input \(size)")
    }
  }

  private static func advice(for trained: TransformationParameter) -> String {
    var parts: [String] = []
    if trained.cropSize > 0 { parts.append("resize: [256, 256], crop: \(trained.cropSize)") }
    if !trained.meanValue.isEmpty {
      parts.append("mean: [\(trained.meanValue.map { NumberText.general($0) }.joined(separator: ", "))]")
    }
    if let file = trained.meanFile { parts.append("mean_file: \(file.split(separator: "/").last ?? "")") }
    if trained.scale != 1 { parts.append("scale: \(trained.scale)") }
    return parts.isEmpty ? "channel_order: BGR" : parts.joined(separator: ", ")
  }
}
