import CaffeCore
import CaffeHDF5

/// Rows of made-up numbers with labels, as HDF5Data reads them.
enum RowFile {
  /// Writes the datasets "x" (rows × width) and "label" (rows).
  static func write(rows: Int, width: Int, classes: Int, to path: String) throws {
    let random = RandomStream(seed: 5)
    let file = try HDF5Writer(path: path)
    try file.write(try Tensor([rows, width], values: (0..<rows * width).map { random.uniform($0) - 0.5 }), to: "x")
    try file.write(try Tensor([rows], values: (0..<rows).map { Float($0 % classes) }), to: "label")
    try file.commit()
  }
}
