@preconcurrency import CHDF5
import CaffeCore

/// A dataset whose claims have been weighed against the file: numeric, stored inside, of a plausible size. Used
/// inside `HDF5Library.locked`.
struct HDF5Dataset {
  /// How many times larger than its file a compressed dataset may be; deflate reaches 1032.
  private static let maximumExpansion = 1100

  let shape: Shape
  private let handle: HDF5Handle
  private let place: HDF5Place

  init(_ object: String, in reader: HDF5Reader) throws(HDF5Error) {
    place = HDF5Place(path: reader.path, object: object)
    handle = try reader.open(object)
    guard handle.use(H5Iget_type) == H5I_DATASET else { throw place.error("it is not a dataset") }
    let properties = try place.own(handle.use(H5Dget_create_plist), "read its layout", closing: H5Pclose)
    let layout = try HDF5Dataset.checkedLayout(properties, at: place)
    let elementSize = try HDF5Dataset.checkType(of: handle, at: place)
    shape = try HDF5Dataset.shape(of: handle, at: place)
    let isChunked = layout == H5D_CHUNKED
    let limit = isChunked ? reader.fileSize * HDF5Dataset.maximumExpansion : reader.fileSize
    let size = shape.count * elementSize
    guard size <= limit else {
      throw place.error("its shape \(shape) needs \(size) bytes, but the whole file has \(reader.fileSize)")
    }
    if isChunked {
      try checkChunks(properties, elementSize: elementSize, limit: limit, fileSize: reader.fileSize)
    } else {
      try HDF5Dataset.checkStored(handle, size: size, at: place)
    }
  }

  /// All elements, converted to 32-bit floats.
  func tensor() throws(HDF5Error) -> Tensor {
    var status: herr_t = 0
    let tensor = Tensor(shape) { buffer in
      buffer.initialize(repeating: 0)
      guard !buffer.isEmpty else { return }
      status = handle.use { H5Dread($0, H5T_NATIVE_FLOAT_g, 0, 0, 0, buffer.baseAddress) }
    }
    try place.check(status, "read the values")
    return tensor
  }

  /// The only element, as an integer.
  func integer() throws(HDF5Error) -> Int {
    guard shape.count == 1 else { throw place.error("one number is expected, its shape is \(shape)") }
    var value: Int64 = 0
    try place.check(handle.use { H5Dread($0, H5T_NATIVE_INT64_g, 0, 0, 0, &value) }, "read the value")
    return Int(value)
  }

  /// Where the elements lie; throws for storage outside the file and for unknown filters.
  static func checkedLayout(_ properties: HDF5Handle, at place: HDF5Place) throws(HDF5Error) -> H5D_layout_t {
    let layout = properties.use(H5Pget_layout)
    guard [H5D_COMPACT, H5D_CONTIGUOUS, H5D_CHUNKED].contains(layout) else {
      throw place.error("its values lie in other datasets (virtual layout); store them in this file")
    }
    guard try place.check(properties.use(H5Pget_external_count), "read its layout") == 0 else {
      throw place.error("its values lie in another file (external storage); store them in this file")
    }
    let filters = try place.check(properties.use(H5Pget_nfilters), "read its filters")
    for index in 0..<filters {
      let filter = properties.use { H5Pget_filter2($0, UInt32(index), nil, nil, nil, 0, nil, nil) }
      guard [H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32].contains(filter) else {
        throw place.error("it is compressed with filter \(filter); only gzip, shuffle and fletcher32 are read")
      }
    }
    return layout
  }

  /// The size in bytes of an element of plain integers or IEEE floats; odd bit layouts are refused.
  private static func checkType(of dataset: HDF5Handle, at place: HDF5Place) throws(HDF5Error) -> Int {
    let type = try place.own(dataset.use(H5Dget_type), "read its type", closing: H5Tclose)
    let known = [
      H5T_STD_I8LE_g, H5T_STD_I8BE_g, H5T_STD_I16LE_g, H5T_STD_I16BE_g, H5T_STD_I32LE_g, H5T_STD_I32BE_g,
      H5T_STD_I64LE_g, H5T_STD_I64BE_g, H5T_STD_U8LE_g, H5T_STD_U8BE_g, H5T_STD_U16LE_g, H5T_STD_U16BE_g,
      H5T_STD_U32LE_g, H5T_STD_U32BE_g, H5T_STD_U64LE_g, H5T_STD_U64BE_g, H5T_IEEE_F32LE_g, H5T_IEEE_F32BE_g,
      H5T_IEEE_F64LE_g, H5T_IEEE_F64BE_g,
    ]
    guard type.use({ id in known.contains { H5Tequal(id, $0) > 0 } }) else {
      throw place.error("its elements are neither integers nor 32- or 64-bit floats; convert them")
    }
    return type.use(H5Tget_size)
  }

  private static func shape(of dataset: HDF5Handle, at place: HDF5Place) throws(HDF5Error) -> Shape {
    let space = try place.own(dataset.use(H5Dget_space), "read its shape", closing: H5Sclose)
    guard [H5S_SCALAR, H5S_SIMPLE].contains(space.use(H5Sget_simple_extent_type)) else {
      throw place.error("it has no shape")
    }
    let rank = Int(try place.check(space.use(H5Sget_simple_extent_ndims), "read its shape"))
    var dims = [hsize_t](repeating: 0, count: rank)
    try place.check(space.use { H5Sget_simple_extent_dims($0, &dims, nil) }, "read its shape")
    do throws(ShapeError) {
      return try Shape(validating: dims.map { Int(clamping: $0) })
    } catch {
      throw place.error(error.description)
    }
  }

  /// The library copies values that lie in one piece without asking whether all that the shape needs is there.
  static func checkStored(_ dataset: HDF5Handle, size: Int, at place: HDF5Place) throws(HDF5Error) {
    let stored = dataset.use(H5Dget_storage_size)
    guard stored >= size else { throw place.error("it needs \(size) bytes, but \(stored) are stored; the file is damaged") }
  }

  /// A chunk is held in memory whole, so its size is bounded like the dataset's; and each chunk has an entry of at
  /// least 16 bytes in the file's index, which bounds their number and the time it takes to visit them.
  private func checkChunks(
    _ properties: HDF5Handle, elementSize: Int, limit: Int, fileSize: Int
  ) throws(HDF5Error) {
    var dims = [hsize_t](repeating: 0, count: Shape.maximumAxes)
    let rank = properties.use { H5Pget_chunk($0, Int32(Shape.maximumAxes), &dims) }
    guard try place.check(rank, "read its chunks") == shape.rank, dims.prefix(shape.rank).allSatisfy({ $0 > 0 }) else {
      throw place.error("its chunks do not fit its shape; the file is damaged")
    }
    let size = dims.prefix(shape.rank).reduce(Double(elementSize)) { $0 * Double($1) }
    guard size <= Double(limit) else {
      throw place.error("a chunk has \(size) bytes, which cannot come from a file of this size")
    }
    let count = zip(shape.dims, dims).reduce(1.0) { $0 * (Double($1.0) / Double($1.1)).rounded(.up) }
    guard count <= Double(fileSize / 16) else {
      throw place.error("it has \(count) chunks, which a file of \(fileSize) bytes cannot hold")
    }
  }
}
