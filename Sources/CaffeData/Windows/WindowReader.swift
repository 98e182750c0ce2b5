import CaffeCore
import Synchronization

/// Sampled windows as items: of each batch first those of the background, then those that show objects.
struct WindowReader: ItemReader {
  /// A window, and whether it is mirrored.
  struct Draft: Sendable {
    let window: WindowFile.Window
    let isMirrored: Bool
  }

  private let configuration: WindowConfiguration
  private let file: WindowFile
  private let pictures: PictureFiles
  /// Windows of a batch that show no object.
  private let backgroundCount: Int
  private var drawn = 0

  /// - Throws: `DataSettingsError`, `FileError` or `DataFileError` when the file cannot be used.
  init(_ configuration: WindowConfiguration) throws {
    try configuration.check()
    self.configuration = configuration
    file = try WindowFile(configuration)
    pictures = PictureFiles(isKept: configuration.cachesImages)
    let foreground = Int(Float(configuration.batchSize) * configuration.foregroundFraction)
    backgroundCount = configuration.batchSize - foreground
    guard backgroundCount == 0 || !file.background.isEmpty else {
      throw DataFileError(
        path: file.path, "no window is background: none overlaps less than \(configuration.backgroundThreshold)")
    }
    guard foreground == 0 || !file.foreground.isEmpty else {
      throw DataFileError(
        path: file.path, "no window shows an object: none overlaps at least \(configuration.foregroundThreshold)")
    }
  }

  /// Windows are drawn at random: it takes many to be sure that there is no good one.
  var supply: Int? { max(1000, 20 * (file.foreground.count + file.background.count)) }

  mutating func draw() -> Draft {
    let windows = drawn % configuration.batchSize < backgroundCount ? file.background : file.foreground
    let random = RandomStream(seed: configuration.seed, path: DrawStream.windows, UInt64(drawn))
    drawn += 1
    return Draft(
      window: windows[random.integer(0, below: windows.count)],
      isMirrored: configuration.mirrors && random.integer(1, below: 2) == 1)
  }

  mutating func skip(_ count: Int) throws(DataSettingsError) {
    let (sum, overflow) = drawn.addingReportingOverflow(count)
    guard !overflow else { throw DataSettingsError("a run cannot continue at item \(count)") }
    drawn = sum
  }

  func shapes(of draft: Draft) -> ItemShapes {
    ItemShapes(data: [3, configuration.cropSize, configuration.cropSize], label: [])
  }

  func make(_ draft: Draft, item: Int, into room: ItemRoom) throws {
    let path = path(of: draft.window)
    do {
      let image = try pictures.image(path)
      try paint(draft, of: image, into: room.data)
      room.labels[0] = Float(draft.window.label)
    } catch {
      let reason = (error as? ImageError)?.message ?? "\(error)"
      throw DataFileError(path: "\(file.path):\(draft.window.line)", "\(path): \(reason)")
    }
  }

  private func paint(_ draft: Draft, of image: Image, into output: UnsafeMutableBufferPointer<Float>) throws {
    let crop = WindowCrop(
      draft.window.box, of: (image.width, image.height), side: configuration.cropSize, contextPad: configuration.contextPad,
      mode: configuration.cropMode, isMirrored: draft.isMirrored)
    guard let crop else {
      throw DataSettingsError("the window \(draft.window.box) lies outside of the picture, \(image.height)x\(image.width)")
    }
    output.update(repeating: 0)
    guard crop.width > 0, crop.height > 0 else { return }
    let part = try image.part(crop.source).resized(width: crop.width, height: crop.height)
    for channel in 0..<3 {
      for y in 0..<crop.height {
        let start = (channel * configuration.cropSize + crop.top + y) * configuration.cropSize + crop.left
        for x in 0..<crop.width {
          let pixel = part.pixels[(y * crop.width + (draft.isMirrored ? crop.width - 1 - x : x)) * 3 + channel]
          output[start + x] = (Float(pixel) - mean(channel, crop.top + y, crop.left + x)) * configuration.scale
        }
      }
    }
  }

  /// What is taken off at a place of the crop.
  private func mean(_ channel: Int, _ y: Int, _ x: Int) -> Float {
    guard let tensor = configuration.mean?.tensor else {
      return configuration.meanValues.isEmpty ? 0 : configuration.meanValues[configuration.meanValues.count == 1 ? 0 : channel]
    }
    // Caffe counts both offsets in the width.
    let offset = (tensor.shape[2] - configuration.cropSize) / 2
    return tensor.values[(channel * tensor.shape[1] + y + offset) * tensor.shape[2] + x + offset]
  }

  private func path(of window: WindowFile.Window) -> String {
    configuration.place.find(configuration.rootFolder + file.pictures[window.picture], beside: file.path)
  }
}

/// Decodes pictures, whose files may stay in memory.
private final class PictureFiles: Sendable {
  private let isKept: Bool
  private let files = Mutex<[String: [UInt8]]>([:])

  init(isKept: Bool) { self.isKept = isKept }

  func image(_ path: String) throws -> Image {
    guard isKept else { return try ImageDecoder.decode(contentsOf: path, as: .color) }
    if let bytes = files.withLock({ $0[path] }) { return try ImageDecoder.decode(bytes, source: path, as: .color) }
    let bytes = try ImageDecoder.bytes(of: path)
    files.withLock { $0[path] = bytes }
    return try ImageDecoder.decode(bytes, source: path, as: .color)
  }
}
