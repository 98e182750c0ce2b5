import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeVision

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

  /// - Parameter path: a model's directory, or its deploy prototxt, whose neighbours are then used.
  public init(path: String) {
    let isDirectory = FilePlace.isDirectory(path)
    let directory = isDirectory ? path : path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    func find(_ names: String...) -> String? { names.map { "\(directory)/\($0)" }.first(where: FilePlace.exists) }
    deploy = isDirectory ? "\(path)/deploy.prototxt" : path
    // A net that stands by itself in a folder of many is no model directory: its neighbours may be of another model.
    let isModel = isDirectory || deploy.hasSuffix("/deploy.prototxt") || deploy == "deploy.prototxt"
    training = isModel ? find("train_val.prototxt", "train_test.prototxt") : nil
    labels = isModel ? find("labels.txt", "synset_words.txt", "det_synset_words.txt") : nil
    weights = isModel ? ModelFiles.weights(in: directory) : nil
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
  /// - Throws: `Diagnostics` when the training net is no sound prototxt, `RunError`-like messages for a missing mean file.
  func preprocessing(channels: Int, registry: LayerRegistry) throws -> ImagePreprocessing? {
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
