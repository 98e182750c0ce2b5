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
    let isContiguous = try HDF5Dataset.checkStorage(properties, at: place)
    let elementSize = try HDF5Dataset.checkType(of: handle, at: place)
    shape = try HDF5Dataset.shape(of: handle, at: place)
    let limit = isContiguous ? reader.fileSize : reader.fileSize * HDF5Dataset.maximumExpansion
    let size = shape.count * elementSize
    guard size <= limit else {
      throw place.error("its shape \(shape) needs \(size) bytes, but the whole file has \(reader.fileSize)")
    }
    if !isContiguous { try HDF5Dataset.checkChunks(properties, elementSize: elementSize, limit: limit, at: place) }
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

  /// Whether the elements lie in one piece; throws for storage outside the file and for unknown filters.
  private static func checkStorage(_ properties: HDF5Handle, at place: HDF5Place) throws(HDF5Error) -> Bool {
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
    return layout != H5D_CHUNKED
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

  /// A chunk is held in memory whole, so its size is bounded like the dataset's.
  private static func checkChunks(
    _ properties: HDF5Handle, elementSize: Int, limit: Int, at place: HDF5Place
  ) throws(HDF5Error) {
    var dims = [hsize_t](repeating: 0, count: Shape.maximumAxes)
    let rank = try place.check(properties.use { H5Pget_chunk($0, Int32(Shape.maximumAxes), &dims) }, "read its chunks")
    let size = dims.prefix(Int(rank)).reduce(Double(elementSize)) { $0 * Double($1) }
    guard size <= Double(limit) else {
      throw place.error("a chunk has \(size) bytes, which cannot come from a file of this size")
    }
  }
}
