@preconcurrency import CHDF5
import CaffeCore

extension HDF5Writer {
  /// Stores some rows of a dataset of 32-bit floats that is too large to be held at once.
  ///
  /// - Parameters:
  ///   - rows: n×… values.
  ///   - first: where the first of them belongs; with 0 the dataset is made.
  ///   - count: the rows of the whole dataset.
  /// - Throws: `HDF5Error`, for one when the rows do not fit the dataset or the disk is full.
  public func write(rows: Tensor, from first: Int, of count: Int, to dataset: String) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = HDF5Place(path: path, object: dataset)
      let dims = rows.shape.dims.map { hsize_t($0) }
      guard let height = dims.first, first >= 0, first + Int(height) <= count else {
        throw place.error("rows of the shape \(rows.shape) do not belong at \(first) of \(count)")
      }
      let whole = [hsize_t(count)] + dims.dropFirst()
      let space = try place.own(H5Screate_simple(Int32(whole.count), whole, nil), "make the shape", closing: H5Sclose)
      let handle =
        try first == 0
        ? create(dataset, type: H5T_IEEE_F32LE_g, space: space)
        : place.own(H5Dopen2(file, dataset, 0), "open it", closing: H5Dclose)
      guard rows.shape.count > 0 else { return }
      try HDF5Writer.write(rows, from: hsize_t(first), of: handle, in: space, at: place)
    }
  }

  /// Writes rows into a dataset that has room for them.
  ///
  /// - Parameter space: the dataset's whole extent.
  static func write(
    _ rows: Tensor, from first: hsize_t, of dataset: HDF5Handle, in space: HDF5Handle, at place: HDF5Place
  ) throws(HDF5Error) {
    let dims = rows.shape.dims.map { hsize_t($0) }
    let start = [first] + dims.dropFirst().map { _ in 0 }
    try place.check(space.use { H5Sselect_hyperslab($0, H5S_SELECT_SET, start, nil, dims, nil) }, "select the rows")
    let memory = try place.own(H5Screate_simple(Int32(dims.count), dims, nil), "make the shape", closing: H5Sclose)
    let status = dataset.use { dataset in
      space.use { space in memory.use { H5Dwrite(dataset, H5T_NATIVE_FLOAT_g, $0, space, 0, rows.values) } }
    }
    try place.check(status, "write the rows")
  }
}
