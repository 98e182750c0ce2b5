import CaffeCore

extension DatabaseConversion {
  /// How images become records: the flags of Caffe's convert_imageset.
  public struct ImageOptions: Sendable {
    /// One channel instead of blue, green and red.
    public var isGray = false
    /// The size that every picture is brought to, in pixels; nil leaves each as it is.
    public var size: (height: Int, width: Int)?
    /// Whether all pictures must have the first one's size.
    public var checksSize = false
    /// Whether records hold encoded images rather than pixels.
    public var isEncoded = false
    /// What they are encoded as; nil is each file's own kind.
    public var encodeType: ImageKind?
    /// Puts the images into an order that depends on it alone; nil keeps the list's.
    public var shuffleSeed: UInt64?
    public var backend = DatabaseKind.lmdb

    public init() {}
  }

  /// What became of the images of a list.
  public struct ImageOutcome: Sendable, Encodable {
    /// Records in the database.
    public var written = 0
    /// Files that are no readable images, and why.
    public var skipped: [Skipped] = []

    public struct Skipped: Sendable, Encodable {
      public let file: String
      public let reason: String
    }
  }

  /// Images that are decoded at a time, by all cores.
  private static let imageChunk = 16

  /// Makes a database of the images that a list names, keys `00000012_cat.jpg` by place in the list and name, as Caffe's
  /// convert_imageset does. Images that cannot be read are passed over; their numbers stay free.
  ///
  /// - Parameters:
  ///   - root: the folder that names count from; empty is the working directory.
  ///   - list: a file of lines `name label`.
  ///   - path: the database, which must not be there yet.
  ///   - onSkip: told of each image that is passed over.
  /// - Throws: `FileError` or `DataFileError` for a list that is none, sizes that differ against `checksSize`, or a list without
  ///   a readable image; `DatabaseError` when the database cannot be written; `CancellationError` when stopped.
  public static func images(
    root: String, list: String, into path: String, options: ImageOptions,
    onSkip: (ImageOutcome.Skipped) -> Void = { _ in }, progress: @escaping Progress = { _, _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) throws -> ImageOutcome {
    let entries = try imageEntries(list, shuffleSeed: options.shuffleSeed)
    var writing = ImageWriting(
      folder: root.isEmpty || root.hasSuffix("/") ? root : root + "/", options: options,
      database: try DatabaseWriter(path: path, kind: options.backend))
    var meter = ProgressMeter(total: entries.count, report: progress, shouldStop: shouldStop)
    for first in stride(from: 0, to: entries.count, by: imageChunk) {
      let chunk = entries[first..<min(first + imageChunk, entries.count)]
      for skipped in try writing.write(chunk) { onSkip(skipped) }
      for _ in chunk { try meter.advance() }
    }
    guard writing.outcome.written > 0 else {
      throw DataFileError(path: path, "none of the \(entries.count) images could be read")
    }
    try writing.database.commit()
    return writing.outcome
  }

  /// The lines of a list with their labels as records have them, in an order that depends on the seed alone.
  private static func imageEntries(_ list: String, shuffleSeed: UInt64?) throws -> [LabelledImage] {
    let entries = try ImageList(path: list, labelCount: 1).entries.map { entry in
      guard let label = entry.labels.first.flatMap({ Int32(exactly: $0) }) else {
        throw DataFileError(path: "\(list):\(entry.line)", "a record's label is a whole number; this one is not")
      }
      return LabelledImage(name: entry.path, label: Int(label))
    }
    guard let shuffleSeed else { return entries }
    return RandomStream(seed: shuffleSeed).permutation(of: entries.count).map { entries[$0] }
  }
}

/// A line of a list.
private struct LabelledImage: Sendable {
  let name: String
  let label: Int
}

/// A database of images in the making.
private struct ImageWriting {
  /// What LMDB takes as it is built everywhere.
  private static let maximumKeyBytes = 511

  let folder: String
  let options: DatabaseConversion.ImageOptions
  let database: DatabaseWriter
  var outcome = DatabaseConversion.ImageOutcome()
  private var first: (file: String, shape: Shape)?

  init(folder: String, options: DatabaseConversion.ImageOptions, database: DatabaseWriter) {
    self.folder = folder
    self.options = options
    self.database = database
  }

  /// Adds the images of a part of the list, which is indexed as the list is; gives those that were passed over.
  mutating func write(
    _ entries: ArraySlice<LabelledImage>
  ) throws -> [DatabaseConversion.ImageOutcome.Skipped] {
    let records = ParallelWork.map(entries.count) { [folder, options] index in
      let entry = entries[entries.startIndex + index]
      return Result { () throws(ImageError) in
        try ImageRecord(contentsOf: folder + entry.name, label: entry.label, options: options)
      }
    }
    let before = outcome.skipped.count
    for (index, record) in zip(entries.indices, records) {
      switch record {
      case .success(let record): try add(record, name: entries[index].name, number: index)
      case .failure(let error): outcome.skipped.append(.init(file: error.source, reason: error.message))
      }
    }
    return Array(outcome.skipped[before...])
  }

  private mutating func add(_ record: ImageRecord, name: String, number: Int) throws {
    if options.checksSize { try check(record.shape, of: folder + name) }
    let key = DatabaseConversion.key(number, digits: 8) + Array("_\(name)".utf8)
    guard key.count <= ImageWriting.maximumKeyBytes || options.backend != .lmdb else {
      throw DataFileError(
        path: folder + name,
        "its name makes a key of \(key.count) bytes, LMDB takes \(ImageWriting.maximumKeyBytes); use a shorter "
          + "name in the list, with more of the path in the root")
    }
    try database.put(key: key, value: record.bytes)
    outcome.written += 1
  }

  private mutating func check(_ shape: Shape, of file: String) throws(DataFileError) {
    guard let first else {
      first = (file, shape)
      return
    }
    guard first.shape == shape else {
      throw DataFileError(path: file, "the picture is \(shape), that of \(first.file) \(first.shape); all must have one size")
    }
  }
}
