@preconcurrency import CHDF5
import CaffeCore

extension HDF5Writer {
  /// Stores a table in pandas' fixed format, which `pandas.read_hdf(path, group)` reads.
  ///
  /// - Parameters:
  ///   - values: C×R, a row per column of the table.
  ///   - columns: the C columns' names.
  ///   - index: the R rows' names.
  ///   - name: what the rows' names are.
  /// - Throws: `HDF5Error`, for one when the group exists or the disk is full.
  public func writeFrame(_ values: Tensor, columns: [String], index: [String], named name: String, to group: String)
    throws(HDF5Error)
  {
    for (axis, names) in [("axis0", columns), ("axis1", index), ("block0_items", columns)] {
      try write(texts: names, to: "\(group)/\(axis)")
      try setAttribute("kind", to: "string", of: "\(group)/\(axis)")
      if axis == "axis1" { try setAttribute("name", to: name, of: "\(group)/\(axis)") }
      try setAttribute("\(axis)_variety", to: "regular", of: group)
    }
    try write(values, to: "\(group)/block0_values")
    let words = ["pandas_type": "frame", "pandas_version": "0.15.2", "encoding": "UTF-8", "errors": "strict"]
    for (key, value) in words.sorted(by: { $0.key < $1.key }) { try setAttribute(key, to: value, of: group) }
    try setAttribute("ndim", to: 2, of: group)
    try setAttribute("nblocks", to: 1, of: group)
  }

  /// Stores texts as strings of one fixed length, padded with zeros.
  ///
  /// - Throws: `HDF5Error`, for one when the name is taken or the disk is full.
  public func write(texts: [String], to dataset: String) throws(HDF5Error) {
    let length = max(1, texts.map(\.utf8.count).max() ?? 1)
    var bytes: [UInt8] = []
    for text in texts { bytes += Array(text.utf8) + [UInt8](repeating: 0, count: length - text.utf8.count) }
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = HDF5Place(path: path, object: dataset)
      let type = try HDF5Writer.paddedType(length: length, at: place)
      let space = try place.own(H5Screate_simple(1, [hsize_t(texts.count)], nil), "make the shape", closing: H5Sclose)
      try type.use { type throws(HDF5Error) in
        let handle = try create(dataset, type: type, space: space)
        guard !texts.isEmpty else { return }
        try place.check(handle.use { H5Dwrite($0, type, 0, 0, 0, bytes) }, "write the texts")
      }
    }
  }

  /// Sets an integer attribute of a group or dataset.
  ///
  /// - Throws: `HDF5Error`, for one when the attribute exists.
  func setAttribute(_ name: String, to value: Int, of object: String) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = HDF5Place(path: path, object: "attribute '\(name)'")
      let space = try place.own(H5Screate(H5S_SCALAR), "make the shape", closing: H5Sclose)
      let owner = try place.own(H5Oopen(file, object, 0), "find its owner", closing: H5Oclose)
      let id = owner.use { owner in space.use { H5Acreate2(owner, name, H5T_STD_I64LE_g, $0, 0, 0) } }
      let handle = try place.own(id, "create it", closing: H5Aclose)
      var number = Int64(value)
      try place.check(handle.use { H5Awrite($0, H5T_NATIVE_INT64_g, &number) }, "write the value")
    }
  }
}
