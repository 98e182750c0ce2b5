@preconcurrency import CHDF5
import CaffeCore

extension HDF5Writer {
  /// Values of a chunk, the piece in which a dataset that grows is stored.
  private static let chunkValues = 1 << 18
  /// `H5S_UNLIMITED`, which Swift does not import because it is a macro with a cast.
  private static let unlimited = hsize_t.max

  /// Adds a tensor's rows (axis 0) behind those of a dataset, which the first call makes.
  ///
  /// - Throws: `HDF5Error`, for one when a row has another shape than those before, or the disk is full.
  public func append(_ tensor: Tensor, to dataset: String) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = HDF5Place(path: path, object: dataset)
      let dims = tensor.shape.dims.map { hsize_t($0) }
      guard tensor.shape.count > 0, !dims.isEmpty else {
        throw place.error("there are no rows to add: the shape is \(tensor.shape)")
      }
      let handle = try growing(dataset, dims, at: place)
      var size = try extent(of: handle, at: place)
      guard size.count == dims.count, size.dropFirst() == dims.dropFirst() else {
        throw place.error("its shape is \(Shape(size.map { Int($0) })), and rows of \(tensor.shape) do not go with that")
      }
      let first = size[0]
      size[0] += dims[0]
      try place.check(handle.use { H5Dset_extent($0, size) }, "make it larger")
      let space = try place.own(handle.use { H5Dget_space($0) }, "read its shape", closing: H5Sclose)
      try HDF5Writer.write(tensor, from: first, of: handle, in: space, at: place)
    }
  }

  /// The dataset of that name, or a new one without rows.
  private func growing(_ dataset: String, _ dims: [hsize_t], at place: HDF5Place) throws(HDF5Error) -> HDF5Handle {
    if H5Lexists(file, dataset, 0) > 0 { return try place.own(H5Dopen2(file, dataset, 0), "open it", closing: H5Dclose) }
    let row = dims.dropFirst().reduce(1, *)
    let chunk = [max(1, min(dims[0], hsize_t(HDF5Writer.chunkValues) / row))] + dims.dropFirst()
    let settings = try place.own(H5Pcreate(H5P_CLS_DATASET_CREATE_ID_g), "make its settings", closing: H5Pclose)
    try place.check(settings.use { H5Pset_chunk($0, Int32(dims.count), chunk) }, "make its settings")
    let most = [HDF5Writer.unlimited] + dims.dropFirst()
    let none = [0] + dims.dropFirst()
    let space = try place.own(H5Screate_simple(Int32(dims.count), none, most), "make the shape", closing: H5Sclose)
    let id = settings.use { settings in space.use { H5Dcreate2(file, dataset, H5T_IEEE_F32LE_g, $0, 0, settings, 0) } }
    return try place.own(id, "create it", closing: H5Dclose)
  }

  private func extent(of dataset: HDF5Handle, at place: HDF5Place) throws(HDF5Error) -> [hsize_t] {
    let space = try place.own(dataset.use { H5Dget_space($0) }, "read its shape", closing: H5Sclose)
    let rank = try place.check(space.use { H5Sget_simple_extent_ndims($0) }, "read its shape")
    var size = [hsize_t](repeating: 0, count: Int(rank))
    try place.check(space.use { H5Sget_simple_extent_dims($0, &size, nil) }, "read its shape")
    return size
  }
}
