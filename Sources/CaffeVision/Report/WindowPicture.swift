import CaffeCore
import CaffeData

/// A picture with named windows drawn over it.
///
/// Small pictures are enlarged so that the names can be read, large ones made smaller; lines and letters go with the size.
public struct WindowPicture: Sendable {
  /// A window and what is said of it.
  public struct Caption: Sendable {
    public let window: PictureWindow
    /// The class and its score.
    public let text: String
    /// Windows of one class have one colour.
    public let group: Int

    public init(window: PictureWindow, text: String, group: Int) {
      (self.window, self.text, self.group) = (window, text, group)
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
  private var letters: Double { min(max(max(width, height) / 45, 13), min(width, height) / 2) }

  /// The drawing with the picture inside.
  ///
  /// - Throws: `ImageError` when the picture cannot be packed.
  public func svg() throws(ImageError) -> String {
    let kind = ImageKind.jpeg
    let shown = scale < 1 ? try image.resized(width: Int(width), height: Int(height)) : image
    let address = Markup.address(of: try ImageEncoder.encode(shown, as: kind), type: "image/jpeg")
    let rendering = scale >= 3 ? " style=\"image-rendering: pixelated\"" : ""
    let size = "width=\"\(Markup.number(width))\" height=\"\(Markup.number(height))\""
    let head = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Markup.number(width)) \(Markup.number(height))" \(size) \
      role="img" aria-label="Objects found in the picture" font-family="system-ui, 'DejaVu Sans', sans-serif" \
      font-size="\(Markup.number(letters))" font-weight="600">
      <image \(size) preserveAspectRatio="none" href="\(address)"\(rendering)/>
      """
    return ([head] + captions.reversed().map(frame) + captions.reversed().map(label) + ["</svg>\n"]).joined(separator: "\n")
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

  /// The caption on its window's upper edge, or below that where there is no room above; never outside of the picture.
  private func label(_ caption: Caption) -> String {
    let window = visible(caption)
    let room = Int(width / (letters * WindowPicture.letterWidth)) - 2
    let text = caption.text.count > room ? caption.text.prefix(max(1, room - 1)) + "…" : caption.text
    let (wide, high) = (Double(text.count) * letters * WindowPicture.letterWidth + letters * 0.8, letters * 1.4)
    let left = max(0, min(window.minX * scale, width - wide))
    let above = window.minY * scale - high
    let top = max(0, min(above >= 0 ? above : window.minY * scale, height - high))
    let box =
      "x=\"\(Markup.number(left))\" y=\"\(Markup.number(top))\" width=\"\(Markup.number(wide))\" height=\"\(Markup.number(high))\""
    let place = "x=\"\(Markup.number(left + letters * 0.4))\" y=\"\(Markup.number(top + letters * 1.06))\""
    return """
      <rect \(box) rx="\(Markup.number(letters * 0.15))" fill="\(colour(caption))"/>
      <text \(place) fill="#ffffff">\(MarkupText.escaped(text))</text>
      """
  }
}
