import CaffeCore

extension DatabaseConversion {
  /// How many drawn scenes as pictures, and which.
  public struct ScenePictureOptions: Sendable {
    public var trainingCount = 400
    public var testCount = 100
    /// H and W in pixels.
    public var side = 256
    /// Which of the 2⁶⁴ sets.
    public var seed: UInt64 = 1

    public init() {}

    fileprivate func check(_ folder: String) throws(DataFileError) {
      for count in [trainingCount, testCount] where !(1...1_000_000).contains(count) {
        throw DataFileError(path: folder, "a set has 1 to 1000000 scenes, not \(count)")
      }
    }
  }

  /// Draws scenes as PNG files `train/0.png` and so on and `test/0.png` and so on, with what there is to see in them in `train.csv` and
  /// `test.csv` (filename, class, ymin, xmin, ymax, xmax; maxima outside), and the classes in `labels.txt`, whose first line is
  /// `background`.
  ///
  /// - Throws: `DataFileError`, `ImageError` or `FileError` when the folder cannot be written or holds such names, `CancellationError`
  ///   when stopped.
  public static func scenePictures(
    into folder: String, options: ScenePictureOptions = ScenePictureOptions(), progress: @escaping Progress = { _, _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) throws {
    var sets = try SceneSets(
      for: folder, side: options.side, seed: options.seed, training: options.trainingCount, test: options.testCount,
      progress: progress, shouldStop: shouldStop)
    try options.check(folder)
    let output = try StagedFolder(path: folder, makes: ["train", "test", "train.csv", "test.csv", "labels.txt"])
    for part in sets.parts {
      var table = "filename,class,ymin,xmin,ymax,xmax\n"
      try sets.draw(part) { item, scene in
        let file = "\(part.name)/\(item).png"
        try AtomicFile.write(ImageEncoder.encode(scene.image, as: .png), to: try output.place(of: file))
        table += scene.objects.map { line(of: $0, in: file) }.joined()
      }
      try AtomicFile.write(Array(table.utf8), to: try output.place(of: "\(part.name).csv"))
    }
    let labels = ["background"] + ShapeClass.allCases.map { "\($0)" }
    try AtomicFile.write(
      Array(labels.joined(separator: "\n").utf8) + [UInt8(ascii: "\n")], to: try output.place(of: "labels.txt"))
    try output.commit()
  }

  private static func line(of object: Scene.Object, in file: String) -> String {
    let (low, high) = (object.box.minimum, object.box.maximum)
    return "\(file),\(object.shape),\(low.y),\(low.x),\(high.y),\(high.x)\n"
  }
}
