@preconcurrency import CHDF5
import Synchronization

/// Looks at an object and the groups on the way to it before libhdf5 opens them, because some damage ends the process
/// there. Used inside `HDF5Library.locked`.
final class HDF5ObjectCheck: Sendable {
  private let descriptor: Int32
  /// Headers that were found sound.
  private let sound = Mutex<Set<Int>>([])

  init(file descriptor: Int32) { self.descriptor = descriptor }

  /// - Parameter links: the access list for links.
  /// - Throws: `HDF5Error` when the object cannot be opened safely.
  func check(_ object: String, file: hid_t, links: HDF5Handle, at place: HDF5Place) throws(HDF5Error) {
    try checkHeader(of: "/", file: file, links, place)
    var path = ""
    for name in object.split(separator: "/") {
      path += "/\(name)"
      // What a symbolic link leads to would be opened unseen.
      guard links.use({ H5Lget_val(file, path, nil, 0, $0) }) < 0 else {
        throw place.error("it is a symbolic link, which is not followed; store the object itself")
      }
      try checkHeader(of: path, file: file, links, place)
    }
  }

  private func checkHeader(of path: String, file: hid_t, _ links: HDF5Handle, _ place: HDF5Place) throws(HDF5Error) {
    guard let address = HDF5ObjectCheck.address(H5Oget_info_by_name2, \.addr, file, path, links) else {
      throw place.error("cannot find it: \(HDF5Library.lastMessage())")
    }
    guard !sound.withLock({ $0.contains(address) }) else { return }
    guard let header = HDF5ObjectHeader(file: descriptor, at: address), isSound(header) else {
      throw place.error("the header of \"\(path)\" is damaged")
    }
    sound.withLock { _ = $0.insert(address) }
  }

  private func isSound(_ header: HDF5ObjectHeader) -> Bool {
    for message in header.messages where !message.isShared {
      switch message.kind {
      case .layout: if HDF5Layout(message.bytes)?.isSound != true { return false }
      case .symbolTable:
        guard let root = message.bytes.number(0, 8),
          HDF5TreeNode.forEachLeaf(file: descriptor, root: root, kind: .group, keySize: 8, { _ in true })
        else { return false }
      default: break
      }
    }
    return true
  }

  /// An object's address; the name of the type that holds it differs between versions of the library.
  private static func address<Info>(
    _ call: (hid_t, UnsafePointer<CChar>?, UnsafeMutablePointer<Info>?, UInt32, hid_t) -> herr_t,
    _ address: KeyPath<Info, haddr_t>, _ file: hid_t, _ path: String, _ links: HDF5Handle
  ) -> Int? {
    withUnsafeTemporaryAllocation(of: Info.self, capacity: 1) { info in
      guard let info = info.baseAddress, links.use({ call(file, path, info, UInt32(H5O_INFO_BASIC), $0) }) >= 0 else {
        return nil
      }
      return Int(exactly: info.pointee[keyPath: address])
    }
  }
}
