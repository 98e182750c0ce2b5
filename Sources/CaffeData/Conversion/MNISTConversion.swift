extension DatabaseConversion {
  /// Converts the four files of MNIST, or of a set in its format, with or without `.gz`, to `train_lmdb` and
  /// `test_lmdb` (or `_leveldb`).
  ///
  /// - Throws: `DataFileError` when a file is missing or damaged or the labels are not as many as the images,
  ///   `DatabaseError` when the folder cannot be written, `CancellationError` when stopped.
  public static func mnist(
    from source: String, into folder: String, as kind: DatabaseKind = .lmdb, progress: @escaping Progress = { _, _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) throws {
    let names = [trainingName(kind), testName(kind)]
    let output = try StagedFolder(path: folder, makes: names)
    let sets = try [IDXSet(folder: source, prefix: "train"), IDXSet(folder: source, prefix: "t10k")]
    var meter = ProgressMeter(total: sets.reduce(0) { $0 + $1.count }, report: progress, shouldStop: shouldStop)
    for (set, name) in zip(sets, names) {
      let database = try output.database(name, kind)
      for index in 0..<set.count {
        try database.put(key: key(index, digits: 8), value: set.record(index))
        try meter.advance()
      }
      try database.commit()
    }
    try output.commit()
  }
}

/// The images and labels of one of MNIST's sets.
private struct IDXSet {
  private let images: IDXFile
  private let labels: IDXFile

  init(folder: String, prefix: String) throws(DataFileError) {
    let imagePath = try IDXSet.find("\(folder)/\(prefix)-images-idx3-ubyte")
    images = try IDXFile(path: imagePath, rank: 3)
    labels = try IDXFile(path: IDXSet.find("\(folder)/\(prefix)-labels-idx1-ubyte"), rank: 1)
    guard images.dims[0] == labels.dims[0] else {
      throw DataFileError(path: imagePath, "\(images.dims[0]) images, but \(labels.dims[0]) labels")
    }
    guard images.dims[1] > 0, images.dims[2] > 0 else { throw DataFileError(path: imagePath, "its images have no pixels") }
  }

  var count: Int { images.dims[0] }

  func record(_ index: Int) -> [UInt8] {
    let size = images.dims[1] * images.dims[2]
    return DatabaseConversion.record(
      images.bytes[index * size..<(index + 1) * size], channels: 1, height: images.dims[1], width: images.dims[2],
      label: Int(labels.bytes[index]))
  }

  private static func find(_ path: String) throws(DataFileError) -> String {
    try Gzip.locate(path, hint: "the four files of MNIST")
  }
}
