import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeVision
import CaffeZoo

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files that belong to a model: given one by one, or found in its directory.
public struct ModelFiles: Sendable {
  /// The net to run.
  public var deploy: String
  public var weights: String?
  /// A net that tells how its images are prepared.
  public var training: String?
  public var labels: String?
  /// What the readme's front matter says about pictures.
  public var preprocessing: PublishedPreprocessing?
  /// What is wrong with the readme, and what is done instead.
  public private(set) var warnings: [String] = []
  private let directory: String
  /// The readme, where there is one.
  public private(set) var readme: String?

  /// - Parameter path: a model's directory, or its deploy prototxt, whose neighbours are then used.
  public init(path: String) {
    let isDirectory = FilePlace.isDirectory(path)
    directory = isDirectory ? path : path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let place = directory
    func find(_ names: String...) -> String? { names.map { "\(place)/\($0)" }.first(where: FilePlace.exists) }
    deploy = isDirectory ? "\(path)/deploy.prototxt" : path
    // A net that stands by itself in a folder of many is no model directory: its neighbours may be of another model.
    let isModel = isDirectory || deploy.hasSuffix("/deploy.prototxt") || deploy == "deploy.prototxt"
    training = isModel ? find("train_val.prototxt", "train_test.prototxt") : nil
    labels = isModel ? find("labels.txt", "synset_words.txt", "det_synset_words.txt") : nil
    weights = isModel ? ModelFiles.weights(in: directory) : nil
    if isModel { readReadme() }
  }

  /// What the front matter says wins over what is found.
  private mutating func readReadme() {
    guard let found = try? ModelDirectory(directory), let file = found.readme else { return }
    readme = found.path(of: file)
    do throws(FileError) {
      let readme = try Readme(contentsOf: found.path(of: file))
      if readme.hasFrontMatter, readme.problems.hasErrors {
        warnings.append("\(readme.source.name) has mistakes in its front matter; `caffe zoo check \(directory)` lists them")
      }
      preprocessing = readme.frontMatter.preprocessing
      if let name = readme.frontMatter.labels { labels = path(of: name, key: "labels", in: found) ?? labels }
      if let name = readme.frontMatter.weights.first?.file, let own = found[name] { weights = found.path(of: own) }
    } catch { warnings.append("\(error)") }
  }

  private mutating func path(of name: String, key: String, in found: ModelDirectory) -> String? {
    if let file = found[name] { return found.path(of: file) }
    warnings.append("\(directory): the readme's \(key) names \"\(TerminalText.line(name, limit: 80))\", which is not there")
    return nil
  }

  /// The mean that the readme gives; nil where it gives none that can be read.
  mutating func publishedMean(channels: Int) throws -> ImagePreprocessing.Mean? {
    guard let preprocessing else { return nil }
    if let name = preprocessing.meanFile, let found = try? ModelDirectory(directory) {
      if let path = path(of: name, key: "mean_file", in: found) { return .image(try MeanImage(contentsOf: path)) }
    }
    guard !preprocessing.mean.isEmpty else { return nil }
    guard preprocessing.mean.count == 1 || preprocessing.mean.count == channels else {
      warnings.append(
        "\(directory): the readme has \(preprocessing.mean.count) means for \(channels) channel(s); they are not used")
      return nil
    }
    return .channels(preprocessing.mean)
  }

  /// The channels' order that the readme gives, where the net has so many.
  mutating func publishedOrder(channels: Int) -> ImagePreprocessing.ChannelOrder? {
    guard let order = preprocessing?.channelOrder else { return nil }
    guard (order == .gray) == (channels == 1) else {
      warnings.append("\(directory): the readme's channel_order is \(order.rawValue), but the net takes \(channels) channel(s)")
      return nil
    }
    return switch order {
    case .bgr: .bgr
    case .rgb: .rgb
    case .gray: .gray
    }
  }

  /// The directory's weights, when there is exactly one file of them.
  private static func weights(in directory: String) -> String? {
    guard let handle = opendir(directory) else { return nil }
    defer { closedir(handle) }
    var found: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if name.hasSuffix(".caffemodel") || name.hasSuffix(".caffemodel.h5") { found.append("\(directory)/\(name)") }
    }
    return found.count == 1 ? found[0] : nil
  }

  /// How the model's images are prepared, as its training net says; nil when there is none.
  ///
  /// - Throws: `Diagnostics` when the training net is no sound prototxt, `ClassifierError` for a missing mean file.
  func trainedPreprocessing(channels: Int, registry: LayerRegistry) throws -> ImagePreprocessing? {
    guard let training else { return nil }
    let definition = try NetDefinition(path: training, registry: registry)
    let state = NetState(phase: .TEST)
    let layers = definition.layers.filter { $0.takesPart(in: state) }
    guard var transform = layers.lazy.compactMap(\.transform).first else { return nil }
    transform.meanFile = try transform.meanFile.map { name in
      let path = FilePlace(of: training).find(name)
      guard FilePlace.exists(path) else {
        throw ClassifierError(
          "\(training) subtracts the mean image \(name), which is not there; give it with --mean FILE, or means as --mean 104,117,123"
        )
      }
      return path
    }
    let mean = try transform.meanFile.map { try MeanImage(contentsOf: $0) }
    return ImagePreprocessing(transform, meanImage: mean, channels: channels)
  }
}

/// A model that cannot classify, or images that cannot be prepared for it.
public struct ClassifierError: Error, Sendable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
