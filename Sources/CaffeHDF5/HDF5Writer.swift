@preconcurrency import CHDF5
import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An HDF5 file being written, which appears under its path only when it is complete.
///
/// Values go to a temporary file in the same directory; `commit` flushes it to the disk and renames it over the
/// destination. Without `commit` nothing is left behind.
public final class HDF5Writer {
  /// Where the file will appear.
  public let path: String
  private let temporary: String
  let file: hid_t
  private var isOpen = true
  /// `H5F_ACC_TRUNC`, which Swift does not import because it is a macro with a cast.
  private static let truncate: UInt32 = 2

  /// Folders above that are not there are made.
  ///
  /// - Throws: `HDF5Error` when the directory cannot be written.
  public init(path: String) throws(HDF5Error) {
    let place = HDF5Place(path: path, object: nil)
    guard !FilePlace.isStream(path) else { throw place.error("a device or a pipe takes no HDF5 file; write to a file") }
    let temporary = PartialPath.make(for: path)  // libhdf5 locks it
    self.path = path
    self.temporary = temporary
    do throws(HDF5Error) {
      file = try HDF5Library.locked { () throws(HDF5Error) in
        try place.check(H5Fcreate(temporary, HDF5Writer.truncate, 0, 0), "create the HDF5 file")
      }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  deinit { abandon() }

  /// Stores a tensor as 32-bit floats; `/` in the name makes groups.
  ///
  /// - Throws: `HDF5Error`, for one when the name is taken or the disk is full.
  public func write(_ tensor: Tensor, to dataset: String) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = HDF5Place(path: path, object: dataset)
      let dims = tensor.shape.dims.map { hsize_t($0) }
      let space = try place.own(H5Screate_simple(Int32(dims.count), dims, nil), "make the shape", closing: H5Sclose)
      let handle = try create(dataset, type: H5T_IEEE_F32LE_g, space: space)
      guard tensor.shape.count > 0 else { return }
      try place.check(handle.use { H5Dwrite($0, H5T_NATIVE_FLOAT_g, 0, 0, 0, tensor.values) }, "write the values")
    }
  }

  /// Stores a number as Caffe does: one 32-bit integer in an array of one; 64 bits when it needs them.
  ///
  /// - Throws: `HDF5Error`, for one when the name is taken or the disk is full.
  public func write(_ integer: Int, to dataset: String) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = HDF5Place(path: path, object: dataset)
      let space = try place.own(H5Screate_simple(1, [1], nil), "make the shape", closing: H5Sclose)
      let type = Int32(exactly: integer) == nil ? H5T_STD_I64LE_g : H5T_STD_I32LE_g
      let handle = try create(dataset, type: type, space: space)
      var value = Int64(integer)
      try place.check(handle.use { H5Dwrite($0, H5T_NATIVE_INT64_g, 0, 0, 0, &value) }, "write the value")
    }
  }

  /// Stores a text as Caffe does: a scalar string of fixed length with a final zero.
  ///
  /// - Throws: `HDF5Error`, for one when the name is taken or the disk is full.
  public func write(_ string: String, to dataset: String) throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = HDF5Place(path: path, object: dataset)
      let type = try HDF5Writer.textType(for: string, at: place)
      let space = try place.own(H5Screate(H5S_SCALAR), "make the shape", closing: H5Sclose)
      try type.use { type throws(HDF5Error) in
        let handle = try create(dataset, type: type, space: space)
        try place.check(handle.use { H5Dwrite($0, type, 0, 0, 0, Array(string.utf8CString)) }, "write the text")
      }
    }
  }

  /// Sets a string attribute of a group or dataset, by default of the root group.
  ///
  /// - Throws: `HDF5Error`, for one when the attribute exists or the text passes 64 KiB.
  public func setAttribute(_ name: String, to value: String, of object: String = "/") throws(HDF5Error) {
    try HDF5Library.locked { () throws(HDF5Error) in
      let place = HDF5Place(path: path, object: "attribute '\(name)'")
      // Python takes a text that is not marked as UTF-8 for bytes, and a final zero for a part of it.
      let type = try HDF5Writer.paddedType(length: value.utf8.count, at: place)
      try place.check(type.use { H5Tset_cset($0, H5T_CSET_UTF8) }, "make a string type")
      let space = try place.own(H5Screate(H5S_SCALAR), "make the shape", closing: H5Sclose)
      let owner = try place.own(H5Oopen(file, object, 0), "find its owner", closing: H5Oclose)
      try type.use { type throws(HDF5Error) in
        let id = owner.use { owner in space.use { H5Acreate2(owner, name, type, $0, 0, 0) } }
        let handle = try place.own(id, "create it", closing: H5Aclose)
        try place.check(handle.use { H5Awrite($0, type, Array(value.utf8CString)) }, "write the text")
      }
    }
  }

  /// Puts the file in its place.
  ///
  /// - Throws: `HDF5Error`; the file that stood there before is then untouched.
  public func commit() throws(HDF5Error) {
    let place = HDF5Place(path: path, object: nil)
    guard isOpen else { throw place.error("the file was committed or abandoned before") }
    isOpen = false
    do throws(HDF5Error) {
      try HDF5Library.locked { () throws(HDF5Error) in _ = try place.check(H5Fclose(file), "write the file") }
      try publish()
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Drops what was written.
  public func abandon() {
    guard isOpen else { return }
    isOpen = false
    HDF5Library.locked { _ = H5Fclose(file) }
    unlink(temporary)
  }

  /// Flushes the closed temporary file to the disk and renames it.
  private func publish() throws(HDF5Error) {
    let descriptor = open(temporary, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemError("write the file") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw systemError("write the file") }
    guard rename(temporary, path) == 0 else { throw systemError("rename the finished file") }
  }

  private func systemError(_ operation: String) -> HDF5Error {
    HDF5Error(path: path, "cannot \(operation): \(String(cString: strerror(errno)))")
  }

  func create(_ dataset: String, type: hid_t, space: HDF5Handle) throws(HDF5Error) -> HDF5Handle {
    let place = HDF5Place(path: path, object: dataset)
    let links = try place.own(H5Pcreate(H5P_CLS_LINK_CREATE_ID_g), "make a link list", closing: H5Pclose)
    try place.check(links.use { H5Pset_create_intermediate_group($0, 1) }, "set the link list")
    let id = links.use { links in space.use { H5Dcreate2(file, dataset, type, $0, links, 0, 0) } }
    return try place.own(id, "create it", closing: H5Dclose)
  }

  private static func textType(for string: String, at place: HDF5Place) throws(HDF5Error) -> HDF5Handle {
    let type = try place.own(H5Tcopy(H5T_C_S1_g), "make a string type", closing: H5Tclose)
    try place.check(type.use { H5Tset_size($0, string.utf8.count + 1) }, "make a string type")
    return type
  }

  /// Strings of one length without a final zero; shorter ones are filled up with zeros.
  static func paddedType(length: Int, at place: HDF5Place) throws(HDF5Error) -> HDF5Handle {
    let type = try place.own(H5Tcopy(H5T_C_S1_g), "make a string type", closing: H5Tclose)
    try place.check(type.use { H5Tset_size($0, max(1, length)) }, "make a string type")
    try place.check(type.use { H5Tset_strpad($0, H5T_STR_NULLPAD) }, "make a string type")
    return type
  }
}
