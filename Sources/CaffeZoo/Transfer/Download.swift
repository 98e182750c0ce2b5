import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Fetches one published file: from where it lies, from the cache, or from its addresses in turn, going on where an earlier
/// attempt stopped. It appears under its name only when it is right.
public struct Download: Sendable {
  public let file: PublishedWeights
  public let cache: ContentCache
  public let client: HTTPClient
  public let options: DownloadOptions
  /// Told what happens, on the calling thread.
  public let report: @Sendable (DownloadEvent) -> Void

  public init(
    _ file: PublishedWeights, cache: ContentCache, client: HTTPClient = HTTPClient(),
    options: DownloadOptions = DownloadOptions(),
    report: @escaping @Sendable (DownloadEvent) -> Void = { _ in }
  ) {
    self.file = file
    self.cache = cache
    self.client = client
    self.options = options
    self.report = report
  }

  /// Brings the file into a directory.
  ///
  /// - Returns: where it lies and how it came.
  /// - Throws: `ZooError` when no address has the right file, with the reason of each; `FileError`, for one when the disk is
  ///   full; `CancellationError` when stopped. What stood under the file's name is then as it was.
  public func run(into directory: String) throws -> DownloadResult {
    let place = "\(directory)/\(try FileName(file.file, in: "caffemodel"))"
    var fault: String?
    if Folder.fileSize(place) != nil {
      let sums = try FileSums(contentsOf: place)
      if isChecked ? sums.mismatch(with: file) == nil : sums.size > 0 {
        return DownloadResult(path: place, origin: .inPlace, sums: sums, received: 0)
      }
      fault = sums.mismatch(with: file).map { "\(place): the file here \($0)" }
    }
    if Folder.isThere(place) { throw ZooError("\(place) is a directory", advice: "move it out of the way of the weights") }
    if let found = try cache.find(file) {
      try Download.put(found.path, at: place)
      return DownloadResult(path: place, origin: .cache, sums: found.sums, received: 0)
    }
    return try fetch(to: place, fault: fault)
  }

  /// Whether the publisher gave a checksum.
  public var isChecked: Bool { file.sha1 != nil || file.sha256 != nil }

  /// - Parameter fault: what is wrong with the file that is in the place.
  private func fetch(to place: String, fault: String?) throws -> DownloadResult {
    guard !options.isOffline else {
      let reason =
        fault.map { "\($0), and the right one is not in the cache" } ?? "\(file.file) is neither in its place nor in the cache"
      throw ZooError(reason, advice: "run it once without --offline")
    }
    guard let key = cache.key(of: file) else {
      throw ZooError("no address is known for \(file.file)", advice: "the readme's caffemodel_url says where weights are")
    }
    try cache.prepare()
    let lock = try FileLock(cache.lock(key), onWait: { report(.waiting) }, shouldStop: client.shouldStop)
    return try withExtendedLifetime(lock) {
      // Another process may have brought it while this one waited.
      if let found = try cache.find(file) {
        try Download.put(found.path, at: place)
        return DownloadResult(path: place, origin: .cache, sums: found.sums, received: 0)
      }
      let (sums, received) = try FileFetch(self, partial: cache.partial(key), fault: fault).run()
      let filed = try cache.adopt(cache.partial(key), sums: sums)
      try Download.put(filed, at: place)
      return DownloadResult(path: place, origin: .network, sums: sums, received: received)
    }
  }

  /// Gives a file of the cache its name in a directory: as another name of the same bytes, or where that is not possible
  /// (another disk) as a copy.
  static func put(_ filed: String, at place: String) throws(FileError) {
    let temporary = "\(place).\(getpid()).link"
    unlink(temporary)
    guard link(filed, temporary) == 0 else { return try AtomicFile.copy(filed, to: place) }
    guard rename(temporary, place) == 0 else {
      let error = FileError(path: place, operation: "rename the finished file")
      unlink(temporary)
      throw error
    }
    // When both names meant the same file already, rename leaves the temporary one.
    unlink(temporary)
  }
}
