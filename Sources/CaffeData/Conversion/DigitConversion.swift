import CaffeCore

extension DatabaseConversion {
  /// How many made-up digits, and which.
  public struct DigitOptions: Sendable {
    /// Records of the training set.
    public var trainingCount = 60_000
    /// Records of the test set.
    public var testCount = 10_000
    /// Digits of neither set that are written as PNG files.
    public var sampleCount = 0
    /// Which of the 2⁶⁴ sets.
    public var seed: UInt64 = 1
    /// What is written.
    public var kind = DatabaseKind.lmdb

    public init() {}

    fileprivate var total: Int { trainingCount + testCount + sampleCount }
  }

  /// Where the three sets begin in the generator's endless one: so far apart that none runs into the next.
  private enum Start {
    static let training = 0
    static let test = 1 << 40
    static let samples = 1 << 41
  }
  /// Digits that are drawn at a time, by all cores.
  private static let chunk = 500
  /// The most digits of a set.
  private static let maximumDigits = 100_000_000

  /// Draws digits into `train_lmdb`, `test_lmdb` (or `_leveldb`) and, when samples are asked for, `samples/digit_LABEL_I.png`,
  /// all of 28×28 gray pixels. The result depends on the options alone.
  ///
  /// - Throws: `DataFileError`, `DatabaseError` or `FileError` when the folder cannot be written or holds such names,
  ///   `CancellationError` when stopped.
  public static func digits(
    into folder: String, options: DigitOptions = DigitOptions(), progress: @escaping Progress = { _, _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) throws {
    for count in [options.trainingCount, options.testCount, options.sampleCount] where !(0...maximumDigits).contains(count) {
      throw DataFileError(path: folder, "a set has 0 to \(maximumDigits) digits, not \(count)")
    }
    let (training, test) = (trainingName(options.kind), testName(options.kind))
    let names = [training, test] + (options.sampleCount > 0 ? ["samples"] : [])
    let output = try StagedFolder(path: folder, makes: names)
    let generator = DigitGenerator(seed: options.seed)
    var meter = ProgressMeter(total: options.total, report: progress, shouldStop: shouldStop)
    try write(Start.training, options.trainingCount, of: generator, to: output.database(training, options.kind), &meter)
    try write(Start.test, options.testCount, of: generator, to: output.database(test, options.kind), &meter)
    try writeSamples(options.sampleCount, of: generator, to: output, &meter)
    try output.commit()
  }

  private static func write(
    _ start: Int, _ count: Int, of generator: DigitGenerator, to database: DatabaseWriter, _ meter: inout ProgressMeter
  ) throws {
    for first in stride(from: 0, to: count, by: chunk) {
      let records = records(start + first, min(chunk, count - first), of: generator)
      for (offset, record) in records.enumerated() {
        try database.put(key: key(first + offset, digits: 8), value: record)
        try meter.advance()
      }
    }
    try database.commit()
  }

  /// The records of a stretch of the endless set, drawn by all cores: a digit depends on its number alone.
  private static func records(_ start: Int, _ count: Int, of generator: DigitGenerator) -> [[UInt8]] {
    ParallelWork.map(count) { index in
      let digit = generator.digit(start + index)
      let side = DigitGenerator.side
      return record(digit.pixels, channels: 1, height: side, width: side, label: digit.label)
    }
  }

  private static func writeSamples(
    _ count: Int, of generator: DigitGenerator, to output: StagedFolder, _ meter: inout ProgressMeter
  ) throws {
    for index in 0..<count {
      let digit = generator.digit(Start.samples + index)
      let image = try Image(width: DigitGenerator.side, height: DigitGenerator.side, channels: 1, pixels: digit.pixels)
      let place = try output.place(of: "samples/digit_\(digit.label)_\(index).png")
      try AtomicFile.write(ImageEncoder.encode(image, as: .png), to: place)
      try meter.advance()
    }
  }
}
