/// Where a region's histograms lie in its row of numbers: texture first, then colour, each padded to whole vectors of eight.
struct HistogramLayout: Sendable, Equatable {
  static let colorBins = 25
  static let textureBins = 10
  /// Both signs of the slopes along the two axes and the two diagonals.
  static let directions = 8

  let channels: Int

  /// Numbers of the texture's part, a multiple of eight: bins by channel and direction, and none to pad.
  var texture: Int { channels * HistogramLayout.directions * HistogramLayout.textureBins }
  /// Numbers of the colour's part.
  var color: Int { (channels * HistogramLayout.colorBins + 7) / 8 * 8 }
  /// Numbers of a row.
  var row: Int { texture + color }
  /// What a pixel adds to its region's row: for each channel one number for its colour and four for its slopes.
  var perPixel: Int { channels * 5 }
}
