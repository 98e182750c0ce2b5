extension DatabaseConversion {
  /// Converts the binary version of CIFAR-10, with or without `.gz`, to `train_lmdb`, `test_lmdb` (or `_leveldb`) and
  /// `mean.binaryproto`, the training set's mean. Records keep their order.
  ///
  /// - Throws: `DataFileError` when a file is missing or damaged, `DatabaseError` or `FileError` when the folder cannot be
  ///   written, `CancellationError` when stopped.
  public static func cifar10(
    from source: String, into folder: String, as kind: DatabaseKind = .lmdb, progress: @escaping Progress = { _, _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) throws {
    let names = (training: trainingName(kind), test: testName(kind))
    let output = try StagedFolder(path: folder, makes: [names.training, names.test, meanName])
    let training = try CIFARBinary.trainingFiles.map { try CIFARBinary(path: find($0, in: source)) }
    let test = try CIFARBinary(path: find(CIFARBinary.testFile, in: source))
    let total = training.reduce(test.count) { $0 + $1.count }
    var meter = ProgressMeter(total: total, report: progress, shouldStop: shouldStop)
    try write(training, to: output.database(names.training, kind), &meter)
    try write([test], to: output.database(names.test, kind), &meter)
    try mean(of: training)?.write(to: output.place(of: meanName))
    try output.commit()
  }

  private static let meanName = "mean.binaryproto"
  /// C×H×W of a picture.
  private static let cifarShape = [3, 32, 32]

  private static func write(_ files: [CIFARBinary], to database: DatabaseWriter, _ meter: inout ProgressMeter) throws {
    var number = 0
    for file in files {
      for index in 0..<file.count {
        let record = record(file.pixels(index), channels: 3, height: 32, width: 32, label: file.label(index))
        try database.put(key: key(number, digits: 5), value: record)
        try meter.advance()
        number += 1
      }
    }
    try database.commit()
  }

  private static func mean(of files: [CIFARBinary]) throws -> MeanImage? {
    var sum = MeanSum()
    for file in files {
      for index in 0..<file.count { sum.add(planes: file.pixels(index), shape: cifarShape) }
    }
    return try sum.mean()
  }

  private static func find(_ name: String, in folder: String) throws(DataFileError) -> String {
    try Gzip.locate("\(folder)/\(name)", hint: "the six .bin files of CIFAR-10")
  }
}
