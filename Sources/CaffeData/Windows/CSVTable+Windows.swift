import CaffeCore

extension CSVTable {
  /// The most bytes of a table that is read: 128 MiB.
  package static let maximumSize = 1 << 27

  /// The columns of a table of windows, besides those that say what the windows are.
  package static let windowColumns = ["filename", "ymin", "xmin", "ymax", "xmax"]
}

extension CSVTable.Row {
  /// The window in the columns `ymin`, `xmin`, `ymax` and `xmax`.
  ///
  /// - Throws: `Diagnostic` when one of them is no number.
  package func window() throws(Diagnostic) -> PictureWindow {
    PictureWindow(
      minY: try number("ymin"), minX: try number("xmin"), maxY: try number("ymax"), maxX: try number("xmax"))
  }
}
