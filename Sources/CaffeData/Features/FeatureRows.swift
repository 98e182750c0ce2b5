import CaffeCore
import CaffeHDF5

/// Items as the rows of one dataset of an HDF5 file, which HDF5Data reads.
struct FeatureRows: FeatureWriter {
  private let file: HDF5Writer
  private let dataset: String
  private let items: Int
  private var count = 0

  init(path: String, dataset: String, items: Int) throws(HDF5Error) {
    file = try HDF5Writer(path: path)
    self.dataset = dataset
    self.items = items
  }

  mutating func add(_ batch: Tensor) throws {
    try file.write(rows: batch, from: count, of: items, to: dataset)
    count += batch.shape[0]
  }

  mutating func commit() throws { try file.commit() }
}
