import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Weights that were fetched, filed by their content: one copy for all models and all users of a cache directory, found by
/// SHA-1 or SHA-256. Several processes may use it at once.
public struct ContentCache: Sendable {
  /// `…/weights`, with `sha1/`, `sha256/`, `partial/` and `locks/` in it.
  public let path: String

  public init(_ places: ZooPlaces) { path = places.cache + "/weights" }

  /// A file of the cache.
  public struct Item: Sendable, Equatable, Encodable {
    public let sha256: String
    /// In bytes.
    public let size: Int
  }

  /// What `clear` did.
  public struct Cleared: Sendable, Equatable, Encodable {
    public var files = 0
    /// In bytes. A model that still uses the content keeps it on the disk.
    public var bytes = 0
  }

  /// What a wanted file is filed under while it is on its way; nil when there is neither a checksum nor an address.
  func key(of file: PublishedWeights) -> String? {
    if let sha256 = file.sha256 { return "sha256-\(sha256)" }
    if let sha1 = file.sha1 { return "sha1-\(sha1)" }
    return (file.url ?? file.mirrors.first).map { "url-\(FileSums(of: Array($0.utf8)).sha256)" }
  }

  func partial(_ key: String) -> String { "\(path)/partial/\(key)" }
  func lock(_ key: String) -> String { "\(path)/locks/\(key)" }

  /// Makes the directories.
  func prepare() throws(FileError) {
    for name in ["sha1", "sha256", "partial", "locks"] { try Folder.make("\(path)/\(name)") }
  }

  /// The file with a published content, looked at byte by byte; a damaged one is thrown out.
  ///
  /// - Throws: `FileError` when it cannot be read.
  func find(_ file: PublishedWeights) throws(FileError) -> (path: String, sums: FileSums)? {
    let places = [file.sha256.map { "\(path)/sha256/\($0)" }, file.sha1.map { "\(path)/sha1/\($0)" }].compactMap { $0 }
    for place in places where Folder.fileSize(place) != nil {
      let sums = try FileSums(contentsOf: place)
      if sums.mismatch(with: file) == nil { return (place, sums) }
      if !place.hasSuffix("/\(sums.sha1)") && !place.hasSuffix("/\(sums.sha256)") { unlink(place) }
    }
    return nil
  }

  /// Files a whole and right file under its sums; `partial` is gone afterwards.
  ///
  /// - Returns: where it lies now.
  /// - Throws: `FileError`.
  func adopt(_ partial: String, sums: FileSums) throws(FileError) -> String {
    chmod(partial, 0o444)
    let place = "\(path)/sha256/\(sums.sha256)"
    guard rename(partial, place) == 0 else { throw FileError(path: place, operation: "rename the finished file") }
    // Under its other name too; that a link of that name is there already does no harm.
    link(place, "\(path)/sha1/\(sums.sha1)")
    return place
  }

  /// Files a copy of a file that came some other way, so that models find it by its checksum.
  ///
  /// - Throws: `FileError`.
  public func add(_ path: String) throws(FileError) -> Item {
    try prepare()
    let copy = partial("added-\(getpid())")
    try AtomicFile.copy(path, to: copy)
    let sums = try FileSums(contentsOf: copy)
    _ = try adopt(copy, sums: sums)
    return Item(sha256: sums.sha256, size: sums.size)
  }

  /// What the cache holds, by checksum.
  ///
  /// - Throws: `FileError`.
  public func items() throws(FileError) -> [Item] {
    guard Folder.isThere("\(path)/sha256") else { return [] }
    return try Folder.names(in: "\(path)/sha256").compactMap { name in
      Folder.fileSize("\(path)/sha256/\(name)").map { Item(sha256: name, size: $0) }
    }
  }

  /// Bytes of unfinished downloads.
  ///
  /// - Throws: `FileError`.
  public func partialBytes() throws(FileError) -> Int {
    guard Folder.isThere("\(path)/partial") else { return 0 }
    return try Folder.names(in: "\(path)/partial").reduce(0) { $0 + (Folder.fileSize("\(path)/partial/\($1)") ?? 0) }
  }

  /// Empties the cache. What another process is fetching right now stays; so do pulled models.
  ///
  /// - Throws: `FileError`.
  public func clear() throws -> Cleared {
    var cleared = Cleared()
    for item in try items() {
      cleared.files += 1
      cleared.bytes += item.size
      try Folder.remove("\(path)/sha256/\(item.sha256)")
    }
    try Folder.remove("\(path)/sha1")
    guard Folder.isThere("\(path)/partial") else { return cleared }
    for name in try Folder.names(in: "\(path)/partial") {
      let key = String(name.prefix { $0 != "." })
      guard let lock = try? FileLock(lock(key), onWait: {}, shouldStop: { true }) else { continue }
      cleared.bytes += Folder.fileSize("\(path)/partial/\(name)") ?? 0
      try withExtendedLifetime(lock) { try Folder.remove("\(path)/partial/\(name)") }
    }
    return cleared
  }
}
