@preconcurrency import CHDF5
import CaffeCore

/// An HDF5 file open for reading.
///
/// Only the file itself is read: external links, external storage and virtual datasets are refused. What a dataset
/// claims to hold is weighed against the size of the file before memory is asked for. All methods may be called
/// from several threads; they take turns.
public final class HDF5Reader: Sendable {
  /// The path it was opened with.
  public let path: String
  let file: hid_t
  /// `H5F_ACC_RDONLY`, which Swift does not import because it is a macro with a cast.
  private static let readOnly: UInt32 = 0
  /// The same file, for what is read without the library.
  let descriptor: Int32
  /// In bytes.
  let fileSize: Int
  private let objectCheck: HDF5ObjectCheck

  /// - Throws: `HDF5Error` when the file cannot be opened or is not an HDF5 file.
  public init(path: String) throws(HDF5Error) {
    let (descriptor, size) = try HDF5Signature.open(path: path)
    let place = HDF5Place(path: path, object: nil)
    do throws(HDF5Error) {
      file = try HDF5Library.locked { () throws(HDF5Error) in
        let access = try place.own(H5Pcreate(H5P_CLS_FILE_ACCESS_ID_g), "make an access list", closing: H5Pclose)
        try place.check(access.use { H5Pset_fclose_degree($0, H5F_CLOSE_STRONG) }, "set the access list")
        return try place.check(access.use { H5Fopen(path, HDF5Reader.readOnly, $0) }, "open the HDF5 file")
      }
    } catch {
      HDF5Signature.close(descriptor)
      throw error
    }
    (self.path, self.descriptor, fileSize) = (path, descriptor, size)
    objectCheck = HDF5ObjectCheck(file: descriptor)
  }

  deinit {
    HDF5Library.locked { _ = H5Fclose(file) }
    HDF5Signature.close(descriptor)
  }

  /// Whether a file begins with HDF5's signature.
  public static func isHDF5(path: String) -> Bool {
    guard let file = try? HDF5Signature.open(path: path) else { return false }
    HDF5Signature.close(file.descriptor)
    return true
  }

  /// Whether an object, all groups on its way included, exists.
  public func contains(_ path: String) -> Bool {
    HDF5Library.locked { (try? open(path)) != nil }
  }

  /// A string attribute of the root group, of variable or fixed length; nil when there is none of that name.
  ///
  /// - Throws: `HDF5Error` when the attribute is not a single string, or the group's header is damaged.
  public func attribute(_ name: String) throws(HDF5Error) -> String? {
    let place = HDF5Place(path: path, object: "attribute '\(name)'")
    guard let address = HDF5ObjectHeader.rootAddress(descriptor),
      let header = HDF5ObjectHeader(file: descriptor, at: address)
    else { throw place.error("the root group's header is damaged") }
    let attributes = header.messages.lazy.filter { $0.kind == .attribute }.compactMap { HDF5Attribute($0.bytes) }
    guard let attribute = attributes.first(where: { $0.name == name }) else { return nil }
    guard let text = attribute.string(file: descriptor) else { throw place.error("it is not a single, sound string") }
    return text
  }

  /// Opens a group or dataset inside the lock; symbolic links fail.
  func open(_ object: String) throws(HDF5Error) -> HDF5Handle {
    let place = HDF5Place(path: path, object: object)
    let links = try HDF5Reader.linkAccess(at: place)
    try objectCheck.check(object, file: file, links: links, at: place)
    return try place.own(links.use { H5Oopen(file, object.isEmpty ? "/" : object, $0) }, "find it", closing: H5Oclose)
  }

  /// An access list under which no other file is opened and loops of links end.
  static func linkAccess(at place: HDF5Place) throws(HDF5Error) -> HDF5Handle {
    let list = try place.own(H5Pcreate(H5P_CLS_LINK_ACCESS_ID_g), "make an access list", closing: H5Pclose)
    try place.check(list.use { H5Pset_nlinks($0, 8) }, "limit links")
    try place.check(list.use { H5Pset_elink_cb($0, refuseExternalLink, nil) }, "refuse external links")
    return list
  }
}

/// Called when a path leads through an external link; a negative answer makes the library fail.
private let refuseExternalLink: H5L_elink_traverse_t = { _, _, _, _, _, _, _ in -1 }
