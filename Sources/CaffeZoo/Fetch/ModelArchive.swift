import CArchive
import CaffeCore

/// A `.zip`, `.tar` or `.tar.gz` with a model's directory, unpacked in memory.
package enum ModelArchive {
  /// Bytes of all files together, as unpacked; weights do not belong in such archives.
  static let limit = 64 << 20
  static let entryLimit = 1_000

  /// The files of the model's directory: the one that holds the readme, at the top or one directory down.
  ///
  /// - Parameter name: of the archive, for messages.
  /// - Throws: `ZooError` for what is no archive, is broken, unpacks to too much, or holds anything but plain files under
  ///   plain names.
  package static func files(of bytes: [UInt8], name: String) throws(ZooError) -> [FileName: [UInt8]] {
    guard carchive_open() else {
      throw ZooError("libarchive is not installed", advice: "on Debian: apt-get install libarchive13")
    }
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<[String: [UInt8]], ZooError> in
      guard let reader = carchive_new(buffer.baseAddress, buffer.count) else {
        return .failure(ZooError("\(name) is no zip, tar or tar.gz archive", advice: "check the address in a browser"))
      }
      defer { carchive_free(reader) }
      do throws(ZooError) { return .success(try entries(of: reader, name: name)) } catch { return .failure(error) }
    }
    return try directory(in: try result.get(), name: name)
  }

  private static func entries(of reader: OpaquePointer, name: String) throws(ZooError) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    var (total, count) = (0, 0)
    while true {
      switch carchive_next(reader) {
      case CARCHIVE_END: return files
      case CARCHIVE_MORE: break
      default: throw ZooError("\(name): the archive is broken", advice: "fetch it again")
      }
      count += 1
      guard count <= entryLimit else {
        throw ZooError("\(name) has more than \(entryLimit) entries", advice: "it is no model's directory")
      }
      guard carchive_entry_kind(reader) != CARCHIVE_DIRECTORY else { continue }
      let path = try path(of: reader, name: name)
      files[path] = try content(of: reader, total: &total, name: name)
    }
  }

  private static func path(of reader: OpaquePointer, name: String) throws(ZooError) -> String {
    let path =
      carchive_path(reader).map {
        String(decoding: UnsafeBufferPointer(start: $0, count: length($0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
      } ?? ""
    guard carchive_entry_kind(reader) == CARCHIVE_FILE else {
      throw ZooError(
        "\(name): \"\(TerminalText.line(path))\" is a link or a device", advice: "an archive of a model holds plain files")
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).filter { $0 != "." }
    guard !path.hasPrefix("/") else {
      throw ZooError("\(name): \"\(TerminalText.line(path))\" leads out of the archive's directory", advice: nil)
    }
    var checked: [String] = []
    // Hidden files of systems and editors are left aside below, so a leading dot alone is no reason to refuse an archive.
    for part in parts {
      let isHidden = part.hasPrefix(".") && part != ".."
      checked.append(isHidden ? ".hidden" : try FileName(String(part), in: name).description)
    }
    return checked.joined(separator: "/")
  }

  private static func length(_ text: UnsafePointer<CChar>) -> Int {
    var count = 0
    while count < 4_096, text[count] != 0 { count += 1 }
    return count
  }

  private static func content(of reader: OpaquePointer, total: inout Int, name: String) throws(ZooError) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = piece.withUnsafeMutableBufferPointer { carchive_read(reader, $0.baseAddress, $0.count) }
      guard count >= 0 else { throw ZooError("\(name): the archive is broken", advice: "fetch it again") }
      guard count > 0 else { return bytes }
      total += count
      guard total <= limit else {
        throw ZooError(
          "\(name) unpacks to more than \(limit >> 20) MB", advice: "weights are fetched by caffemodel_url, not in the archive")
      }
      bytes += piece[..<count]
    }
  }

  private static func directory(in files: [String: [UInt8]], name: String) throws(ZooError) -> [FileName: [UInt8]] {
    let readmes = files.keys.filter { $0.lowercased() == "readme.md" || $0.lowercased().hasSuffix("/readme.md") }
    let depth = { (path: String) in path.split(separator: "/").count }
    guard let readme = readmes.min(by: { (depth($0), $0) < (depth($1), $1) }) else {
      throw ZooError("\(name) holds no readme.md", advice: "a model's directory has one")
    }
    let folder = readme.lastIndex(of: "/").map { String(readme[...$0]) } ?? ""
    var chosen: [FileName: [UInt8]] = [:]
    for (path, bytes) in files where path.hasPrefix(folder) && !path.dropFirst(folder.count).contains("/") {
      let file = String(path.dropFirst(folder.count))
      if file != ".hidden" { chosen[try FileName(file, in: name)] = bytes }
    }
    return chosen
  }
}
