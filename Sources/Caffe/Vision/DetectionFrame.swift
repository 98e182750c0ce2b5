import CaffeCore
import CaffeData
import CaffeHDF5

/// The scores of windows as Caffe's detect.py leaves them: a row per window with its picture, its edges and the net's outputs.
public struct DetectionFrame: Sendable {
  private static let edges = ["ymin", "xmin", "ymax", "xmax"]

  private var names: [String] = []
  private var windows: [PictureWindow] = []
  private var scores: [Float] = []
  private var classes = 0

  public init() {}

  /// Adds a picture's windows.
  public mutating func append(_ result: Detector.Result, of picture: String) {
    names += result.windows.map { _ in picture }
    windows += result.windows
    scores += result.scores.values
    if !result.windows.isEmpty { classes = result.scores.shape.count(from: 1) }
  }

  private var columns: [String] { DetectionFrame.edges + (0..<classes).map { "class\($0)" } }

  /// Writes the table with the columns `filename`, the edges, and `class0` and so on.
  ///
  /// - Throws: `FileError`.
  public func writeCSV(to path: String) throws {
    let file = try AtomicFile(path: path)
    try file.write(Array((["filename"] + columns).joined(separator: ",").utf8) + [UInt8(ascii: "\n")])
    for (index, window) in windows.enumerated() {
      let edges = window.sides.map { "\($0)" }
      let row = scores[index * classes..<(index + 1) * classes].map { "\($0)" }
      try file.write(Array(([CSVText.field(names[index])] + edges + row).joined(separator: ",").utf8) + [UInt8(ascii: "\n")])
    }
    try file.commit()
  }

  /// Writes what pandas reads with `read_hdf(path, "df")`: the same columns in 32-bit floats, with the index `filename`. (detect.py
  /// keeps the outputs of a window in one column of Python objects, which only Python can read.)
  ///
  /// - Throws: `HDF5Error`; `ShapeError` for more numbers than a tensor may have.
  public func writeHDF5(to path: String) throws {
    let width = columns.count
    var table = Tensor(try Shape(validating: [width, windows.count]))
    for (row, window) in windows.enumerated() {
      for (column, edge) in window.sides.enumerated() { table[column * windows.count + row] = Float(edge) }
      for column in 0..<classes { table[(4 + column) * windows.count + row] = scores[row * classes + column] }
    }
    let file = try HDF5Writer(path: path)
    try file.writeFrame(table, columns: columns, index: names, named: "filename", to: "df")
    try file.commit()
  }
}

extension PictureWindow {
  /// In detect.py's order.
  fileprivate var sides: [Double] { [minY, minX, maxY, maxX] }
}
