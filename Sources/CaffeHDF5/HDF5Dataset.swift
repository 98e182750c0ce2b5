@preconcurrency import CHDF5
import CaffeCore

/// A dataset whose claims have been weighed against the file: numeric, stored inside, of a plausible size. Used
/// inside `HDF5Library.locked`.
struct HDF5Dataset {
  /// How many times larger than its file a compressed dataset may be; deflate reaches 1032.
  static let maximumExpansion = 1100

  let shape: Shape
  private let number: HDF5Number
  /// Nil when the values lie in one piece.
  private let chunks: HDF5Chunks?
  private let handle: HDF5Handle
  private let place: HDF5Place

  init(_ object: String, in reader: HDF5Reader) throws(HDF5Error) {
    place = HDF5Place(path: reader.path, object: object)
    handle = try reader.open(object)
    guard handle.use(H5Iget_type) == H5I_DATASET else { throw place.error("it is not a dataset") }
    let properties = try place.own(handle.use(H5Dget_create_plist), "read its layout", closing: H5Pclose)
    let isChunked = try HDF5Dataset.checkedLayout(properties, at: place) == H5D_CHUNKED
    number = try HDF5Dataset.number(of: handle, at: place)
    shape = try HDF5Dataset.shape(of: handle, at: place)
    let limit = isChunked ? reader.fileSize * HDF5Dataset.maximumExpansion : reader.fileSize
    let size = shape.count * number.size
    guard size <= limit else {
      throw place.error("its shape \(shape) needs \(size) bytes, but the whole file has \(reader.fileSize)")
    }
    chunks = isChunked ? try HDF5Chunks(handle, properties, shape: shape, number: number, in: reader, at: place) : nil
    if !isChunked { try HDF5Dataset.checkStored(handle, size: size, at: place) }
  }

  /// All elements, converted to 32-bit floats.
  func tensor() throws(HDF5Error) -> Tensor {
    try tensor(shape) { buffer throws(HDF5Error) in
      if let chunks { return try chunks.read(rows: 0..<shape.rowCount, into: buffer) }
      try place.check(handle.use { H5Dread($0, H5T_NATIVE_FLOAT_g, 0, 0, 0, buffer.baseAddress) }, "read the values")
    }
  }

  /// Some rows along the first axis.
  func tensor(rows: Range<Int>) throws(HDF5Error) -> Tensor {
    guard shape.rank > 0, rows.lowerBound >= 0, rows.upperBound <= shape[0] else {
      throw place.error("there are no rows \(rows.lowerBound) to \(rows.upperBound) in the shape \(shape)")
    }
    return try tensor(shape.replacing(axis: 0, with: rows.count)) { buffer throws(HDF5Error) in
      if let chunks { return try chunks.read(rows: rows, into: buffer) }
      try readPlain(rows, into: buffer)
    }
  }

  private func tensor(
    _ shape: Shape, _ read: (UnsafeMutableBufferPointer<Float>) throws(HDF5Error) -> Void
  ) throws(HDF5Error) -> Tensor {
    var failure: HDF5Error?
    let tensor = Tensor(shape) { buffer in
      buffer.initialize(repeating: 0)
      guard !buffer.isEmpty else { return }
      do throws(HDF5Error) { try read(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return tensor
  }

  private func readPlain(_ rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws(HDF5Error) {
    let dims = [hsize_t(rows.count)] + shape.dims.dropFirst().map { hsize_t($0) }
    let start = [hsize_t(rows.lowerBound)] + shape.dims.dropFirst().map { _ in 0 }
    let space = try place.own(handle.use { H5Dget_space($0) }, "read its shape", closing: H5Sclose)
    try place.check(space.use { H5Sselect_hyperslab($0, H5S_SELECT_SET, start, nil, dims, nil) }, "select the rows")
    let memory = try place.own(H5Screate_simple(Int32(dims.count), dims, nil), "make the shape", closing: H5Sclose)
    let status = handle.use { dataset in
      space.use { space in memory.use { H5Dread(dataset, H5T_NATIVE_FLOAT_g, $0, space, 0, buffer.baseAddress) } }
    }
    try place.check(status, "read the rows")
  }

  /// The only element, as an integer.
  func integer() throws(HDF5Error) -> Int {
    guard shape.count == 1 else { throw place.error("one number is expected, its shape is \(shape)") }
    if let chunks {
      guard let value = try chunks.integer() else { throw place.error("its value is no integer of 64 bits") }
      return value
    }
    var value: Int64 = 0
    try place.check(handle.use { H5Dread($0, H5T_NATIVE_INT64_g, 0, 0, 0, &value) }, "read the value")
    return Int(value)
  }

  /// Where the elements lie; throws for storage outside the file.
  static func checkedLayout(_ properties: HDF5Handle, at place: HDF5Place) throws(HDF5Error) -> H5D_layout_t {
    let layout = properties.use(H5Pget_layout)
    guard [H5D_COMPACT, H5D_CONTIGUOUS, H5D_CHUNKED].contains(layout) else {
      throw place.error("its values lie in other datasets (virtual layout); store them in this file")
    }
    guard try place.check(properties.use(H5Pget_external_count), "read its layout") == 0 else {
      throw place.error("its values lie in another file (external storage); store them in this file")
    }
    return layout
  }

  /// How an element is stored; throws for what is neither a plain integer nor an IEEE float.
  private static func number(of dataset: HDF5Handle, at place: HDF5Place) throws(HDF5Error) -> HDF5Number {
    let type = try place.own(dataset.use(H5Dget_type), "read its type", closing: H5Tclose)
    guard let number = HDF5Number(type) else {
      throw place.error("its elements are neither integers nor 32- or 64-bit floats; convert them")
    }
    return number
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
}
