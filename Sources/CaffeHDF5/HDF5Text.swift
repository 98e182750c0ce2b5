@preconcurrency import CHDF5

/// A string of fixed length stored in a dataset. Used inside `HDF5Library.locked`.
struct HDF5Text {
  /// The longest string that is read: 64 MiB, room for a large net's definition.
  private static let maximumLength = 1 << 26

  private let dataset: HDF5Handle
  private let type: HDF5Handle
  private let place: HDF5Place

  /// - Throws: `HDF5Error` when it is not exactly one string of fixed length, or not all there.
  init(_ dataset: HDF5Handle, at place: HDF5Place) throws(HDF5Error) {
    self.dataset = dataset
    self.place = place
    type = try place.own(dataset.use(H5Dget_type), "read its type", closing: H5Tclose)
    guard type.use(H5Tget_class) == H5T_STRING else { throw place.error("it is not a string") }
    let properties = try place.own(dataset.use(H5Dget_create_plist), "read its layout", closing: H5Pclose)
    let layout = try HDF5Dataset.checkedLayout(properties, at: place)
    // Text of variable length lies in the file's global heap, whose indices the library does not check.
    guard type.use(H5Tis_variable_str) == 0, layout != H5D_CHUNKED else {
      throw place.error("its text has no fixed length or is compressed; store it as a plain fixed-length string")
    }
    try HDF5Dataset.checkStored(dataset, size: type.use(H5Tget_size), at: place)
    let space = try place.own(dataset.use(H5Dget_space), "read its shape", closing: H5Sclose)
    guard space.use(H5Sget_simple_extent_npoints) == 1 else { throw place.error("it is not a single string") }
  }

  /// The text without its padding.
  func read() throws(HDF5Error) -> String {
    let size = type.use(H5Tget_size)
    guard size > 0, size <= HDF5Text.maximumLength else { throw place.error("a string of \(size) bytes is too long") }
    var bytes = [UInt8](repeating: 0, count: size)
    let status = bytes.withUnsafeMutableBytes { target in
      type.use { type in dataset.use { H5Dread($0, type, 0, 0, 0, target.baseAddress) } }
    }
    try place.check(status, "read the text")
    let isSpacePadded = type.use(H5Tget_strpad) == H5T_STR_SPACEPAD
    var text = bytes.prefix { $0 != 0 }
    while isSpacePadded, text.last == UInt8(ascii: " ") { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }
}
