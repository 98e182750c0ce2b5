@preconcurrency import CHDF5

/// A string stored in an attribute or a dataset, of variable or fixed length. Used inside `HDF5Library.locked`.
struct HDF5Text {
  /// The longest fixed-length string that is read: 64 MiB, room for a large net's definition.
  private static let maximumLength = 1 << 26

  private let type: HDF5Handle
  private let place: HDF5Place

  /// - Parameters:
  ///   - type: a type the library returned; owned from here on.
  ///   - space: the shape the library returned; owned from here on.
  /// - Throws: `HDF5Error` when it is not exactly one string.
  init(type: hid_t, space: hid_t, at place: HDF5Place) throws(HDF5Error) {
    self.type = try place.own(type, "read its type", closing: H5Tclose)
    self.place = place
    let space = try place.own(space, "read its shape", closing: H5Sclose)
    guard self.type.use(H5Tget_class) == H5T_STRING else { throw place.error("it is not a string") }
    guard space.use(H5Sget_simple_extent_npoints) == 1 else { throw place.error("it is not a single string") }
  }

  /// The text, given the library's reading call: memory type and buffer to status.
  func read(_ call: (hid_t, UnsafeMutableRawPointer?) -> herr_t) throws(HDF5Error) -> String {
    let isVariable = try place.check(type.use(H5Tis_variable_str), "read its type") > 0
    return isVariable ? try readVariable(call) : try readFixed(call)
  }

  private func readVariable(_ call: (hid_t, UnsafeMutableRawPointer?) -> herr_t) throws(HDF5Error) -> String {
    var text: UnsafeMutablePointer<CChar>?
    let status = withUnsafeMutablePointer(to: &text) { target in type.use { call($0, target) } }
    try place.check(status, "read the text")
    guard let text else { return "" }
    defer { H5free_memory(text) }
    return String(cString: text)
  }

  private func readFixed(_ call: (hid_t, UnsafeMutableRawPointer?) -> herr_t) throws(HDF5Error) -> String {
    let size = type.use(H5Tget_size)
    guard size > 0, size <= HDF5Text.maximumLength else { throw place.error("a string of \(size) bytes is too long") }
    var bytes = [UInt8](repeating: 0, count: size)
    let status = bytes.withUnsafeMutableBytes { target in type.use { call($0, target.baseAddress) } }
    try place.check(status, "read the text")
    let isSpacePadded = type.use(H5Tget_strpad) == H5T_STR_SPACEPAD
    var text = bytes.prefix { $0 != 0 }
    while isSpacePadded, text.last == UInt8(ascii: " ") { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }
}
