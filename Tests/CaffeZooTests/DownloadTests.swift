import CaffeCore
import CaffeTesting
import CaffeZoo
import Foundation
import LoopbackServers
import Synchronization
import Testing

/// A published file on a server, and a place to bring it to.
struct DownloadBench {
  let folder: TemporaryFolder
  let shelf = FileShelf()
  let server: WebServer
  let bytes: [UInt8]
  let events = EventLog()
  var options = DownloadOptions()
  var file: PublishedWeights

  /// - Parameter size: of the file, in bytes.
  init(size: Int = 200_000) throws {
    folder = try TemporaryFolder()
    let shelf = shelf
    server = try WebServer { shelf.answer($0) }
    bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    file = PublishedWeights(file: "net.caffemodel", url: server.address + "/net.caffemodel", sha1: FileSums(of: bytes).sha1)
    options.pause = { _ in }
    shelf.put(bytes, at: "/net.caffemodel")
  }

  final class EventLog: Sendable {
    private let list = Mutex<[DownloadEvent]>([])
    func add(_ event: DownloadEvent) { list.withLock { $0.append(event) } }
    var all: [DownloadEvent] { list.withLock { $0 } }
  }

  var cache: ContentCache { get throws { ContentCache(try ZooPlaces(environment: ["HOME": folder.path])) } }
  var place: String { folder.file("net.caffemodel") }
  var isThere: Bool { FileManager.default.fileExists(atPath: place) }

  func faults(_ change: (inout FileShelf.Faults) -> Void) {
    var faults = FileShelf.Faults()
    change(&faults)
    shelf.put(bytes, at: "/net.caffemodel", faults: faults)
  }

  @discardableResult
  func run(client: HTTPClient = HTTPClient()) throws -> DownloadResult {
    let events = events
    return try Download(file, cache: cache, client: client, options: options, report: { events.add($0) }).run(into: folder.path)
  }

  /// That nothing lies in the folder under a final name.
  func expectNothing(sourceLocation: Testing.SourceLocation = #_sourceLocation) throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0 != ".cache" }
    #expect(names == [], sourceLocation: sourceLocation)
    #expect(try cache.items() == [], sourceLocation: sourceLocation)
  }
}

@Suite("A download")
struct DownloadTests {
  @Test("brings the file, and asks no server when it is there or in the cache")
  func brings() throws {
    let bench = try DownloadBench()
    let first = try bench.run()
    #expect(first.origin == .network && first.received == bench.bytes.count)
    #expect(try FileBytes.read(bench.place, limit: 1 << 20) == bench.bytes)
    #expect(try bench.run().origin == .inPlace)
    try FileManager.default.removeItem(atPath: bench.place)
    #expect(try bench.run().origin == .cache)
    #expect(bench.server.requests.count == 1)
  }

  @Test("goes on where the connection broke, at every tenth of the file", arguments: 0..<10)
  func resumes(tenth: Int) throws {
    let bench = try DownloadBench()
    bench.faults { ($0.cut, $0.cuts) = (bench.bytes.count * tenth / 10, 1) }
    let result = try bench.run()
    #expect(result.received == bench.bytes.count)
    #expect(bench.shelf.sentBytes == bench.bytes.count, "only what is missing is sent again")
    #expect(try FileBytes.read(bench.place, limit: 1 << 20) == bench.bytes)
    #expect(bench.server.requests.last?.rangeStart == (tenth == 0 ? nil : bench.bytes.count * tenth / 10))
  }

  @Test("is resumed by a later process")
  func resumesLater() throws {
    let bench = try DownloadBench()
    bench.faults { ($0.cut, $0.cuts) = (50_000, 1) }
    let stopper = HTTPStopper()
    #expect(throws: CancellationError.self) {
      try Download(
        bench.file, cache: bench.cache, client: stopper.client, options: bench.options,
        report: { if case .pausing = $0 { stopper.stop() } }
      ).run(into: bench.folder.path)
    }
    try bench.expectNothing()
    let result = try bench.run()
    #expect(result.received == bench.bytes.count - 50_000)
  }

  @Test("of a wrong content is refused and leaves nothing")
  func wrongSum() throws {
    var bench = try DownloadBench(size: 1_000)
    bench.file.sha1 = String(repeating: "a", count: 40)
    let error = try #require(throws: ZooError.self) { try bench.run() }
    #expect(
      error.description == """
        net.caffemodel could not be fetched:
          \(bench.server.address)/net.caffemodel: the file there has SHA-1 \(FileSums(of: bench.bytes).sha1), not \(bench.file.sha1 ?? "")
          if you have the file from elsewhere: caffe zoo cache add FILE
        """)
    try bench.expectNothing()
  }

  @Test("of a wrong length is refused before a byte of it comes")
  func wrongLength() throws {
    var bench = try DownloadBench(size: 1_000)
    bench.file.size = 999
    let error = try #require(throws: ZooError.self) { try bench.run() }
    #expect(error.message.hasSuffix("/net.caffemodel: the file there has 1000 bytes, not 999"))
    try bench.expectNothing()
  }

  @Test("does not believe a huge length, and takes no more than the limit")
  func hugeLength() throws {
    var bench = try DownloadBench(size: 1_000)
    bench.faults { $0.declaredLength = 1 << 50 }
    let error = try #require(throws: ZooError.self) { try bench.run() }
    #expect(error.message.hasSuffix("has 1125899906842624 bytes; at most 8589934592 are taken"))
    bench.options.sizeLimit = 500
    bench.faults { _ in }
    let second = try #require(throws: ZooError.self) { try bench.run() }
    #expect(second.message.hasSuffix("the file there has 1000 bytes; at most 500 are taken"))
    try bench.expectNothing()
  }

  @Test("takes the mirror when the first address has no such file")
  func mirror() throws {
    var bench = try DownloadBench()
    bench.file.mirrors = [bench.server.address + "/net.caffemodel"]
    bench.file.url = bench.server.address + "/gone.caffemodel"
    #expect(try bench.run().origin == .network)
    #expect(bench.server.requests.map(\.path) == ["/gone.caffemodel", "/net.caffemodel"])
  }

  @Test("asks again when the server is in trouble or wants to be asked less often")
  func asksAgain() throws {
    let bench = try DownloadBench(size: 1_000)
    bench.faults { ($0.statuses, $0.headers) = ([429, 403, 503], [("Retry-After", "2")]) }
    #expect(try bench.run().origin == .network)
    let pauses = bench.events.all.compactMap { event in
      if case .pausing(let reason, let seconds) = event { "\(reason) \(seconds)" } else { nil }
    }
    #expect(
      pauses == [
        "the server asks to come less often (429) 2.0", "the server asks to come less often (403) 2.0",
        "the server is in trouble (503) 2.0",
      ])
  }

  @Test("gives up an address that asks for too long a pause or refuses")
  func givesUp() throws {
    let bench = try DownloadBench(size: 1_000)
    bench.faults { ($0.statuses, $0.headers) = ([429], [("Retry-After", "3600")]) }
    let error = try #require(throws: ZooError.self) { try bench.run() }
    #expect(error.message.hasSuffix("the server asks to come less often (429); the server asks to wait 3600 s"))
    bench.faults { $0.statuses = [403] }
    #expect(try #require(throws: ZooError.self) { try bench.run() }.message.hasSuffix("the server refuses (403)"))
    try bench.expectNothing()
  }

  @Test("gives up a silent server")
  func silence() throws {
    var bench = try DownloadBench(size: 1_000)
    bench.faults { ($0.delay, $0.piece) = (30, 100) }
    bench.options.attempts = 1
    var client = HTTPClient()
    client.patience.slow = 1
    let error = try #require(throws: ZooError.self) { try bench.run(client: client) }
    #expect(error.message.contains("nothing came for too long"))
    try bench.expectNothing()
  }

  @Test("begins anew where a server does not know ranges")
  func noRanges() throws {
    let bench = try DownloadBench()
    bench.faults { ($0.cut, $0.cuts, $0.ignoresRanges) = (70_000, 1, true) }
    #expect(try bench.run().received == bench.bytes.count + 70_000)
    #expect(try FileBytes.read(bench.place, limit: 1 << 20) == bench.bytes)
  }

  @Test("whose beginning is of another file begins anew once and is then right")
  func wrongBeginning() throws {
    let bench = try DownloadBench()
    let partial = try bench.cache.path + "/partial"
    try Folder.make(partial)
    try AtomicFile.write([1, 2, 3], to: "\(partial)/sha1-\(bench.file.sha1 ?? "")")
    #expect(try bench.run().sums == FileSums(of: bench.bytes))
    #expect(bench.server.requests.map(\.rangeStart) == [3, nil])
  }

  @Test("without a checksum is resumed only where the server tells versions apart")
  func unchecked() throws {
    var bench = try DownloadBench()
    bench.file.sha1 = nil
    bench.faults { ($0.cut, $0.cuts) = (70_000, 1) }
    #expect(try bench.run().received == bench.bytes.count + 70_000)
  }

  @Test("needs no server for a file that was put into the cache by hand")
  func added() throws {
    let bench = try DownloadBench()
    let elsewhere = bench.folder.file("from-a-friend")
    try AtomicFile.write(bench.bytes, to: elsewhere)
    let item = try bench.cache.add(elsewhere)
    #expect(try bench.cache.items() == [item] && item.size == bench.bytes.count)
    #expect(try bench.run().origin == .cache && bench.server.requests.isEmpty)
    #expect(try FileBytes.read(elsewhere, limit: 1 << 20) == bench.bytes)
  }

  @Test("is not ended by numbers no server should send", arguments: ["1e19", "nan", "inf", "-1", "99999999999999999999999"])
  func retryAfter(value: String) throws {
    let bench = try DownloadBench(size: 10)
    bench.faults { ($0.statuses, $0.headers) = ([429, 429, 429, 429, 429], [("Retry-After", value)]) }
    #expect(throws: ZooError.self) { try bench.run() }
    try bench.expectNothing()
  }

  @Test("keeps what has come when another server has a shorter file of that name")
  func shorterMirror() throws {
    var bench = try DownloadBench()
    bench.shelf.put(Array("<html>log in</html>".utf8), at: "/login.caffemodel")
    bench.faults { ($0.cut, $0.cuts, $0.ignoresRanges) = (150_000, 1, false) }
    bench.options.attempts = 1
    bench.file.mirrors = [bench.server.address + "/login.caffemodel", bench.server.address + "/net.caffemodel"]
    bench.file.url = bench.server.address + "/net.caffemodel?first"
    #expect(try bench.run().received == bench.bytes.count)
  }

  @Test("of a partial file that no server continues begins anew the next time")
  func contradicted() throws {
    let bench = try DownloadBench(size: 100)
    let partial = try bench.cache.path + "/partial"
    try Folder.make(partial)
    try AtomicFile.write([UInt8](repeating: 1, count: 500), to: "\(partial)/sha1-\(bench.file.sha1 ?? "")")
    let error = try #require(throws: ZooError.self) { try bench.run() }
    #expect(error.message.hasSuffix("the file there has no bytes after 500") && error.advice == "run it again to begin anew")
    #expect(try bench.run().sums == FileSums(of: bench.bytes))
  }

  @Test("says what is wrong with the file that is in the place")
  func wrongInPlace() throws {
    var bench = try DownloadBench(size: 10)
    try AtomicFile.write([1, 2, 3], to: bench.place)
    bench.options.isOffline = true
    let fault = "\(bench.place): the file here has SHA-1 \(FileSums(of: [1, 2, 3]).sha1), not \(bench.file.sha1 ?? "")"
    #expect(throws: ZooError("\(fault), and the right one is not in the cache", advice: "run it once without --offline")) {
      try bench.run()
    }
    bench.options.isOffline = false
    bench.faults { $0.statuses = [404] }
    #expect(try #require(throws: ZooError.self) { try bench.run() }.message.contains(fault))
  }

  @Test("offline asks nobody")
  func offline() throws {
    var bench = try DownloadBench()
    bench.options.isOffline = true
    let error = try #require(throws: ZooError.self) { try bench.run() }
    #expect(error.description == "net.caffemodel is neither in its place nor in the cache\n  run it once without --offline")
    #expect(bench.server.requests.isEmpty)
  }

  @Test("leaves the file that stood there when the new one is wrong, and replaces it when it is right")
  func keepsOld() throws {
    var bench = try DownloadBench()
    try AtomicFile.write([1, 2, 3], to: bench.place)
    let right = bench.file
    bench.file.sha1 = String(repeating: "b", count: 40)
    #expect(throws: ZooError.self) { try bench.run() }
    #expect(try FileBytes.read(bench.place, limit: 10) == [1, 2, 3])
    bench.file = right
    try bench.run()
    #expect(try FileBytes.read(bench.place, limit: 1 << 20) == bench.bytes)
  }

  @Test("throws a damaged file out of the cache and fetches it again")
  func damagedCache() throws {
    let bench = try DownloadBench()
    try bench.run()
    try FileManager.default.removeItem(atPath: bench.place)
    let kept = try bench.cache.path + "/sha1/\(bench.file.sha1 ?? "")"
    try FileManager.default.removeItem(atPath: kept)
    try AtomicFile.write([9], to: kept)
    #expect(try bench.run().origin == .network)
    #expect(try FileBytes.read(bench.place, limit: 1 << 20) == bench.bytes)
  }

  @Test("cannot lead out of its directory", arguments: ["../up.caffemodel", "/tmp/x.caffemodel", "a/b", "..", ".hidden"])
  func staysInside(name: String) throws {
    var bench = try DownloadBench(size: 10)
    bench.file.file = name
    #expect(throws: ZooError.self) { try bench.run() }
    #expect(bench.server.requests.isEmpty)
  }

  @Test("replaces a symbolic link instead of writing through it")
  func symbolicLink() throws {
    let bench = try DownloadBench(size: 10)
    let outside = try TemporaryFolder()
    try AtomicFile.write([1], to: outside.file("precious"))
    try FileManager.default.createSymbolicLink(atPath: bench.place, withDestinationPath: outside.file("precious"))
    try bench.run()
    #expect(try FileBytes.read(outside.file("precious"), limit: 10) == [1])
    #expect(try FileBytes.read(bench.place, limit: 100) == bench.bytes)
  }

  @Test("by eight at once asks a server once")
  func manyAtOnce() async throws {
    let bench = try DownloadBench()
    bench.faults { $0.delay = 0.01 }
    let (file, cache, options) = (bench.file, try bench.cache, bench.options)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<8 {
        let folder = bench.folder.file("copy\(number)")
        try Folder.make(folder)
        group.addTask {
          try await Task.detached { _ = try Download(file, cache: cache, options: options).run(into: folder) }.value
        }
      }
      try await group.waitForAll()
    }
    #expect(bench.server.requests.count == 1)
    for number in 0..<8 {
      #expect(try FileBytes.read(bench.folder.file("copy\(number)/net.caffemodel"), limit: 1 << 20) == bench.bytes)
    }
  }
}

/// A client that can be stopped.
final class HTTPStopper: Sendable {
  private let isStopped = Atomic(false)
  func stop() { isStopped.store(true, ordering: .relaxed) }
  var client: HTTPClient {
    var client = HTTPClient()
    client.shouldStop = { self.isStopped.load(ordering: .relaxed) }
    return client
  }
}
