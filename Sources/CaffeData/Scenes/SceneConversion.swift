import CaffeCore
import CaffeHDF5

extension DatabaseConversion {
  /// How many drawn scenes, and which.
  public struct SceneOptions: Sendable {
    public var trainingCount = 2_048
    public var testCount = 512
    /// Scenes of neither set that are written as PNG files.
    public var sampleCount = 0
    /// H and W in pixels.
    public var side = 64
    /// The nets' batch_size: ground truth counts its pictures from 0 in each batch.
    public var batchSize = 32
    /// Which of the 2⁶⁴ sets.
    public var seed: UInt64 = 1

    public init() {}

    fileprivate func check(_ folder: String) throws(DataFileError) {
      guard batchSize > 0 else { throw DataFileError(path: folder, "a batch has at least 1 picture, not \(batchSize)") }
      for count in [trainingCount, testCount] {
        guard count > 0, count <= Shape.maximumCount / (3 * side * side) else {
          throw DataFileError(path: folder, "a set has 1 to \(Shape.maximumCount / (3 * side * side)) scenes, not \(count)")
        }
        // Otherwise a batch that begins in the middle would number its pictures wrongly.
        guard count % batchSize == 0 else {
          throw DataFileError(path: folder, "\(count) scenes do not fill batches of \(batchSize); choose a multiple")
        }
      }
      guard (0...100_000).contains(sampleCount) else {
        throw DataFileError(path: folder, "0 to 100000 samples are written, not \(sampleCount)")
      }
    }
  }

  /// Draws scenes into `train.h5` and `test.h5`, named by the lists `train.txt` and `test.txt`, and when samples are asked for
  /// `samples/scene_I.png`.
  ///
  /// `data` is N×3×S×S: blue, green and red from −0.5 to 0.5. `label` is N×4×8, the ground truth SSD's layers read once it is
  /// reshaped to 1×1×G×8: item_id (the row's number in its batch), label, instance, xmin, ymin, xmax, ymax as shares of the
  /// picture, difficult; rows of −1 fill up what a picture has less than four shapes.
  ///
  /// - Throws: `DataFileError`, `HDF5Error` or `FileError` when the folder cannot be written or holds such names,
  ///   `CancellationError` when stopped.
  public static func scenes(
    into folder: String, options: SceneOptions = SceneOptions(), progress: @escaping Progress = { _, _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) throws {
    var sets = try SceneSets(
      for: folder, side: options.side, seed: options.seed, training: options.trainingCount, test: options.testCount,
      progress: progress, shouldStop: shouldStop)
    try options.check(folder)
    let names = ["train.h5", "test.h5", "train.txt", "test.txt"] + (options.sampleCount > 0 ? ["samples"] : [])
    let output = try StagedFolder(path: folder, makes: names)
    for part in sets.parts {
      try write(part, of: &sets, side: options.side, batch: options.batchSize, to: try output.place(of: "\(part.name).h5"))
      try AtomicFile.write(Array("\(part.name).h5\n".utf8), to: try output.place(of: "\(part.name).txt"))
    }
    for index in 0..<options.sampleCount {
      let image = sets.sample(index).image
      try AtomicFile.write(ImageEncoder.encode(image, as: .png), to: try output.place(of: "samples/scene_\(index).png"))
    }
    try output.commit()
  }

  private static func write(_ part: SceneSets.Part, of sets: inout SceneSets, side: Int, batch: Int, to path: String) throws {
    let rows = SceneGenerator.maximumObjects
    var data = Tensor(Shape([part.count, 3, side, side]))
    var labels = Tensor(Shape([part.count, rows, 8]), repeating: -1)
    try sets.draw(part) { item, scene in
      data.withMutableValues { planes(of: scene.image, into: $0.baseAddress.map { $0 + item * 3 * side * side }) }
      let truth = groundTruth(of: scene, item: item % batch)
      for (index, value) in truth.enumerated() { labels[item * rows * 8 + index] = value }
    }
    let file = try HDF5Writer(path: path)
    try file.write(data, to: "data")
    try file.write(labels, to: "label")
    try file.commit()
  }

  /// C×H×W values of an image, −0.5 … 0.5.
  private static func planes(of image: Image, into target: UnsafeMutablePointer<Float>?) {
    guard let target else { return }
    let count = image.width * image.height
    for channel in 0..<image.channels {
      for pixel in 0..<count {
        target[channel * count + pixel] = Float(image.pixels[pixel * image.channels + channel]) / 255 - 0.5
      }
    }
  }

  /// A row of eight numbers for each object; instances are counted from 0 in each class.
  static func groundTruth(of scene: Scene, item: Int) -> [Float] {
    var instances: [ShapeClass: Int] = [:]
    let side = Float(scene.image.width)
    return scene.objects.flatMap { object -> [Float] in
      let instance = instances[object.shape, default: 0]
      instances[object.shape] = instance + 1
      let (low, high) = (object.box.minimum / side, object.box.maximum / side)
      return [Float(item), Float(object.shape.label), Float(instance), low.x, low.y, high.x, high.y, 0]
    }
  }
}
