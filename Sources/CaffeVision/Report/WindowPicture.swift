import CaffeCore
import CaffeData

/// A picture with named windows drawn over it.
///
/// Small pictures are enlarged so that the names can be read, large ones made smaller; thin ones stand on a wider ground. Lines and
/// letters go with the size.
public struct WindowPicture: Sendable {
  /// A window and what is said of it.
  public struct Caption: Sendable {
    public let window: PictureWindow
    /// The class; cut where there is no room for all of it.
    public let name: String
    public let score: String
    /// Windows of one class have one colour.
    public let group: Int

    public init(window: PictureWindow, name: String, score: String, group: Int) {
      (self.window, self.name, self.score, self.group) = (window, name, score, group)
    }
  }

  /// The longer side of the drawing, in pixels.
  private static let sides = 640.0...2_400.0
  /// Colours that stand out against most pictures; the captions' letters are white on them.
  private static let colours = ["#d4380d", "#0958d9", "#237804", "#9e1068", "#531dab", "#006d75", "#ad4e00", "#5c0011"]
  /// The width of a letter, as a share of its height; letters are no wider on the average.
  private static let letterWidth = 0.6

  private let image: Image
  /// The best first; it is drawn on top.
  private let captions: [Caption]

  public init(_ image: Image, _ captions: [Caption]) { (self.image, self.captions) = (image, captions) }

  /// Pixels of the drawing for one of the picture.
  private var scale: Double {
    let longer = Double(max(image.width, image.height))
    return min(max(longer, WindowPicture.sides.lowerBound), WindowPicture.sides.upperBound) / longer
  }

  private var width: Double { max(1, (Double(image.width) * scale).rounded()) }
  private var height: Double { max(1, (Double(image.height) * scale).rounded()) }
  /// The letters' height.
  private var letters: Double { max(max(width, height) / 45, 13) }
  /// The ground on which the picture stands, with room for a caption.
  private var ground: (width: Double, height: Double) { (max(width, letters * 16), max(height, letters * 3)) }

  /// The drawing with the picture inside.
  ///
  /// - Throws: `ImageError` when the picture cannot be packed.
  public func svg() throws(ImageError) -> String {
    let kind = ImageKind.jpeg
    let shown = scale < 1 ? try image.resized(width: Int(width), height: Int(height)) : image
    let address = Markup.address(of: try ImageEncoder.encode(shown, as: kind), type: "image/jpeg")
    let rendering = scale >= 3 ? " style=\"image-rendering: pixelated\"" : ""
    let size = "width=\"\(Markup.number(width))\" height=\"\(Markup.number(height))\""
    let (wide, high) = (Markup.number(ground.width), Markup.number(ground.height))
    let head = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(wide) \(high)" width="\(wide)" height="\(high)" \
      role="img" aria-label="Objects found in the picture" font-family="system-ui, 'DejaVu Sans', sans-serif" \
      font-size="\(Markup.number(letters))" font-weight="600">
      <rect width="\(wide)" height="\(high)" fill="#d9d9d9"/>
      <image \(size) preserveAspectRatio="none" href="\(address)"\(rendering)/>
      """
    return ([head] + captions.reversed().map(frame) + labels() + ["</svg>\n"]).joined(separator: "\n")
  }

  /// The captions, of which the best has its place first.
  private func labels() -> [String] {
    var taken: [PictureWindow] = []
    return captions.map { caption in
      let text = text(of: caption)
      let box = place(for: caption, wide: Double(text.count) * letters * WindowPicture.letterWidth + letters * 0.8, beside: taken)
      taken.append(box)
      return label(text, in: box, colour(caption))
    }
  }

  /// The name, cut where it is too long, and the score.
  private func text(of caption: Caption) -> String {
    let room = max(1, Int(ground.width / (letters * WindowPicture.letterWidth)) - 3 - caption.score.count)
    let name = caption.name.count > room ? caption.name.prefix(room - 1) + "…" : caption.name
    return "\(name) \(caption.score)"
  }

  /// Where a caption of that width goes: on its window's upper edge, or below that where there is no room above; below the captions
  /// that are there already, as long as there is room. Never outside of the ground.
  private func place(for caption: Caption, wide: Double, beside taken: [PictureWindow]) -> PictureWindow {
    let window = visible(caption)
    let high = letters * 1.4
    let left = max(0, min(window.minX * scale, ground.width - wide))
    let above = window.minY * scale - high
    let first = max(0, min(above >= 0 ? above : window.minY * scale, ground.height - high))
    let places = stride(from: first, through: ground.height - high, by: high).map {
      PictureWindow(minY: $0, minX: left, maxY: $0 + high, maxX: left + wide)
    }
    return places.first { place in !taken.contains { place.meets($0) } }
      ?? PictureWindow(minY: first, minX: left, maxY: first + high, maxX: left + wide)
  }

  private func colour(_ caption: Caption) -> String {
    let count = WindowPicture.colours.count
    return WindowPicture.colours[((caption.group % count) + count) % count]
  }

  private func visible(_ caption: Caption) -> PictureWindow { caption.window.clipped(to: (image.width, image.height)) }

  private func frame(_ caption: Caption) -> String {
    let window = visible(caption)
    let line = max(2, letters / 6)
    let place = "x=\"\(Markup.number(window.minX * scale))\" y=\"\(Markup.number(window.minY * scale))\""
    let size = "width=\"\(Markup.number(window.width * scale))\" height=\"\(Markup.number(window.height * scale))\""
    return """
      <rect \(place) \(size) fill="none" stroke="#ffffff" stroke-opacity="0.7" stroke-width="\(Markup.number(line * 1.8))"/>
      <rect \(place) \(size) fill="none" stroke="\(colour(caption))" stroke-width="\(Markup.number(line))"/>
      """
  }

  private func label(_ text: String, in box: PictureWindow, _ colour: String) -> String {
    let (left, top) = (Markup.number(box.minX), Markup.number(box.minY))
    let size = "width=\"\(Markup.number(box.width))\" height=\"\(Markup.number(box.height))\""
    let place = "x=\"\(Markup.number(box.minX + letters * 0.4))\" y=\"\(Markup.number(box.minY + letters * 1.06))\""
    return """
      <rect x="\(left)" y="\(top)" \(size) rx="\(Markup.number(letters * 0.15))" fill="\(colour)"/>
      <text \(place) fill="#ffffff">\(MarkupText.escaped(text))</text>
      """
  }
}

extension PictureWindow {
  /// Whether the two have an area in common.
  fileprivate func meets(_ other: PictureWindow) -> Bool {
    minX < other.maxX && other.minX < maxX && minY + 0.01 < other.maxY && other.minY + 0.01 < maxY
  }
}
