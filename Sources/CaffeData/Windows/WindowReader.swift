import CaffeCore

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
  private let painter: WindowPainter
  /// Windows that show an object.
  private let foreground: [WindowFile.Window]
  /// Windows that do not, or hardly.
  private let background: [WindowFile.Window]
  /// Windows of a batch that show no object.
  private let backgroundCount: Int
  private var drawn = 0

  /// - Throws: `DataSettingsError`, `FileError` or `DataFileError` when the file cannot be used.
  init(_ configuration: WindowConfiguration) throws {
    try configuration.check()
    self.configuration = configuration
    painter = configuration.painter
    file = try WindowFile(contentsOf: configuration.source)
    pictures = PictureFiles(isKept: configuration.cachesImages)
    foreground = file.windows.filter { $0.overlap >= configuration.foregroundThreshold }
    let limit = min(configuration.backgroundThreshold, configuration.foregroundThreshold)
    background = file.windows.filter { $0.overlap < limit }.map(\.asBackground)
    let foregroundCount = Int(Float(configuration.batchSize) * configuration.foregroundFraction)
    backgroundCount = configuration.batchSize - foregroundCount
    if let window = foreground.first(where: { $0.label <= 0 }) {
      let label = "a window that shows an object has the label \(window.label); 0 is the background"
      throw DataFileError(path: "\(file.path):\(window.line)", label)
    }
    guard backgroundCount == 0 || !background.isEmpty else {
      throw DataFileError(
        path: file.path, "no window is background: none overlaps less than \(configuration.backgroundThreshold)")
    }
    guard foregroundCount == 0 || !foreground.isEmpty else {
      throw DataFileError(
        path: file.path, "no window shows an object: none overlaps at least \(configuration.foregroundThreshold)")
    }
  }

  /// What there is to draw from.
  var contents: String {
    "\(file.pictures.count) pictures, \(foreground.count) windows of objects, \(background.count) of background"
  }

  /// Windows are drawn at random: it takes many to be sure that there is no good one.
  var supply: Int? { max(1000, 20 * (foreground.count + background.count)) }

  mutating func draw() -> Draft {
    let windows = drawn % configuration.batchSize < backgroundCount ? background : foreground
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
    try painter.paint(crop, of: image, isMirrored: draft.isMirrored, into: output)
  }

  private func path(of window: WindowFile.Window) -> String {
    configuration.place.find(configuration.rootFolder + file.pictures[window.picture], beside: file.path)
  }
}
