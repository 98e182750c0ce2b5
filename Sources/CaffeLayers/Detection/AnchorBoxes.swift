/// The boxes that a region proposal net corrects at each place, around the place (0, 0). Ren et al., NIPS 2015.
struct AnchorBoxes {
  /// Ratio by ratio, scale by scale.
  let boxes: [PixelBox]

  /// - Parameters:
  ///   - base: the side of the square they are made from.
  ///   - ratios: heights over widths; the square's area is kept, sides are rounded to whole pixels.
  ///   - scales: factors for both sides.
  init(base: Int, ratios: [Float], scales: [Float]) {
    let (side, center) = (Float(base), 0.5 * (Float(base) - 1))
    boxes = ratios.flatMap { ratio in
      let width = (side * side / ratio).squareRoot().rounded()
      let height = (width * ratio).rounded()
      return scales.map { PixelBox(centerX: center, centerY: center, width: width * $0, height: height * $0) }
    }
  }
}
