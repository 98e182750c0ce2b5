import CaffeCore
import CaffeFormat

/// The pictures of a list as items, round and round.
struct ImageListReader: ItemReader {
  private let configuration: ImageListConfiguration
  private let list: ImageList
  private let transformer: DataTransformer
  /// Pictures that lie behind, passed over at the start or drawn.
  private var passed: Int
  /// The order of the epoch that is being drawn; nil keeps the list's.
  private var order: (epoch: Int, lines: [Int])?

  /// - Throws: `DataSettingsError`, `FileError` or `DataFileError` for the list, and what reading the mean file throws.
  init(_ configuration: ImageListConfiguration) throws {
    guard configuration.labelCount >= 0, configuration.labelCount <= Shape.maximumCount else {
      throw DataSettingsError("\(configuration.labelCount) labels a picture make no sense")
    }
    self.configuration = configuration
    list = try ImageList(
      path: configuration.source, labelCount: configuration.labelCount, needsLabels: configuration.needsLabels)
    let draws = RandomStream(seed: configuration.seed, path: DrawStream.transform)
    transformer = try DataTransformer(configuration.transform, phase: configuration.phase, random: draws)
    passed = try DrawStream.skipped(configuration.randSkip, seed: configuration.seed) % list.entries.count
  }

  var supply: Int? { list.entries.count }

  mutating func draw() -> ImageList.Entry {
    let (epoch, place) = passed.quotientAndRemainder(dividingBy: list.entries.count)
    passed += 1
    guard configuration.shuffle else { return list.entries[place] }
    if let order, order.epoch == epoch { return list.entries[order.lines[place]] }
    let random = RandomStream(seed: configuration.seed, path: DrawStream.lines, UInt64(epoch))
    let lines = random.permutation(of: list.entries.count)
    order = (epoch, lines)
    return list.entries[lines[place]]
  }

  mutating func skip(_ count: Int) throws(DataSettingsError) {
    let (sum, overflow) = passed.addingReportingOverflow(count)
    guard !overflow else { throw DataSettingsError("a run cannot continue at item \(count)") }
    passed = sum
  }

  func shapes(of entry: ImageList.Entry) throws -> ItemShapes {
    try locating(entry) {
      let image = try image(entry)
      let shape = try transformer.outputShape(channels: image.channels, height: image.height, width: image.width)
      return ItemShapes(
        data: shape, label: configuration.needsLabels && configuration.labelCount > 1 ? [configuration.labelCount] : [])
    }
  }

  func make(_ entry: ImageList.Entry, item: Int, into room: ItemRoom) throws {
    try locating(entry) {
      let image = try image(entry)
      let shape = try transformer.outputShape(channels: image.channels, height: image.height, width: image.width)
      guard shape == room.shapes.data else {
        throw DataSettingsError(
          "the picture becomes \(shape), those of the batches \(room.shapes.data); give new_height and new_width, or a crop_size")
      }
      try transformer.transform(image, item: item, into: room.data)
      for index in room.labels.indices { room.labels[index] = index < entry.labels.count ? Float(entry.labels[index]) : 0 }
    }
  }

  private func image(_ entry: ImageList.Entry) throws(ImageError) -> Image {
    let image = try ImageDecoder.decode(contentsOf: path(entry), as: configuration.isColor ? .color : .gray)
    guard let size = configuration.size else { return image }
    return try image.resized(width: size.width, height: size.height)
  }

  private func path(_ entry: ImageList.Entry) -> String {
    configuration.place.find(configuration.rootFolder + entry.path, beside: list.path)
  }

  /// Adds the line of the list to an error that `body` throws.
  private func locating<R>(_ entry: ImageList.Entry, _ body: () throws -> R) throws(DataFileError) -> R {
    do {
      return try body()
    } catch {
      let reason = (error as? ImageError)?.message ?? "\(error)"
      throw DataFileError(path: "\(list.path):\(entry.line)", "\(path(entry)): \(reason)")
    }
  }
}
