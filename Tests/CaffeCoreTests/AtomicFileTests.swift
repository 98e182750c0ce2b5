import CaffeCore
import Foundation
import Testing

@Suite("An atomic file")
final class AtomicFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "caffe-core-\(UUID().uuidString)").path
  private var path: String { folder + "/out.bin" }
  private var temporary: String { path + ".\(getpid()).partial" }
  private var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? [] }

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func read() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

  @Test("is not there before the commit and whole after it")
  func commit() throws {
    let file = try AtomicFile(path: path)
    try file.write([1, 2])
    try file.write([])
    try file.write([3])
    #expect(file.offset == 3)
    #expect(!contents.contains("out.bin"))
    try file.commit()
    #expect(try read() == [1, 2, 3])
    #expect(contents == ["out.bin"])
  }

  @Test("replaces what was there")
  func replaces() throws {
    try AtomicFile.write([UInt8](repeating: 7, count: 3 << 20), to: path)
    try AtomicFile.write([9], to: path)
    #expect(try read() == [9])
  }

  @Test("that is abandoned or dropped leaves what was there and no litter")
  func abandon() throws {
    try AtomicFile.write([1], to: path)
    let file = try AtomicFile(path: path)
    try file.write([2])
    file.abandon()
    file.abandon()
    do {
      let dropped = try AtomicFile(path: path)
      try dropped.write([3])
    }
    #expect(try read() == [1])
    #expect(contents == ["out.bin"])
  }

  @Test("makes the folders it needs, and says so where it cannot")
  func folders() throws {
    try AtomicFile.write([1], to: folder + "/new/deep/x")
    #expect(FileManager.default.fileExists(atPath: folder + "/new/deep/x"))
    let error = #expect(throws: FileError.self) { try AtomicFile(path: folder + "/new/deep/x/y") }
    #expect(error?.description == "\(folder)/new/deep/x/y: cannot create the file: Not a directory")
    #expect(error?.code == ENOTDIR)
  }

  /// The number of a process that has ended.
  private func deadProcess() throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "true"]
    try process.run()
    process.waitUntilExit()
    return process.processIdentifier
  }

  @Test("removes what dead processes left of attempts to write it, and nothing else")
  func leftovers() throws {
    let dead = try deadProcess()
    let kept = [
      "out.bin.1.partial", "other.bin.\(dead).partial", "out.bin.\(dead)x.partial", "out.bin..partial", "out.bin.\(dead).part",
      "out.bin.-\(dead).partial", "out.bin.99999999999999999999.partial",
    ]
    for name in kept + ["out.bin.\(dead).partial"] { try Data([1]).write(to: URL(filePath: "\(folder)/\(name)")) }
    try AtomicFile.write([1], to: path)
    #expect(Set(contents) == Set(kept + ["out.bin"]))
  }

  @Test("a pipe takes the bytes and stays a pipe")
  func pipe() throws {
    let pipe = "\(folder)/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    let reader = open(pipe, O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try AtomicFile.write([1, 2, 3], to: pipe)
    #expect(Array(FileHandle(fileDescriptor: reader).availableData) == [1, 2, 3])
    #expect(contents == ["pipe"])
  }

  @Test("a link in what a dead process left leads nowhere")
  func links() throws {
    let left = "\(folder)/out.bin.\(try deadProcess()).partial"
    let precious = "\(folder)/precious"
    for path in [left, precious] { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    try Data([1]).write(to: URL(filePath: "\(precious)/file"))
    try FileManager.default.createSymbolicLink(atPath: "\(left)/link", withDestinationPath: precious)
    try AtomicFile.write([1], to: path)
    #expect(FileManager.default.fileExists(atPath: "\(precious)/file"))
    #expect(Set(contents) == ["out.bin", "precious"])
  }

  @Test("leaves alone what somebody holds a lock on, as a process of another machine does")
  func locked() throws {
    let name = "out.bin.\(try deadProcess()).partial"
    try Data([1]).write(to: URL(filePath: "\(folder)/\(name)"))
    let lock = PartialPath.lock("\(folder)/\(name)")
    try AtomicFile.write([1], to: path)
    #expect(contents.contains(name))
    close(lock)
    try AtomicFile.write([1], to: path)
    #expect(contents == ["out.bin"])
  }

  @Test("holds such a lock itself")
  func holdsLock() throws {
    let file = try AtomicFile(path: path)
    let descriptor = open(temporary, O_RDONLY)
    defer { close(descriptor) }
    #expect(flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    file.abandon()
  }

  @Test("in a folder that may not be written says so", .enabled(if: getuid() != 0, "root may write anywhere"))
  func forbiddenFolder() throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder) }
    let error = #expect(throws: FileError.self) { try AtomicFile(path: path) }
    #expect(error?.code == EACCES)
  }

  @Test("cannot take the place of a folder, and leaves no litter")
  func overFolder() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
    #expect(error?.description.hasPrefix("\(path): cannot rename the finished file: ") == true)
    #expect(contents == ["out.bin"])
  }

  @Test(
    "on a full disk fails and leaves what was there",
    .enabled(if: access("/dev/full", W_OK) == 0, "this system has no /dev/full"), arguments: [10, 5 << 20])
  func fullDisk(size: Int) throws {
    try AtomicFile.write([1], to: path)
    try FileManager.default.createSymbolicLink(atPath: temporary, withDestinationPath: "/dev/full")
    let error = #expect(throws: FileError.self) { try AtomicFile.write([UInt8](repeating: 2, count: size), to: path) }
    #expect(error?.description == "\(path): cannot write: No space left on device")
    #expect(try read() == [1])
    #expect(contents == ["out.bin"])
  }

  @Test("appears whole or not at all in /dev/shm too", .enabled(if: access("/dev/shm", W_OK) == 0, "this system has no /dev/shm"))
  func memoryFolder() throws {
    let path = "/dev/shm/caffe-test-\(getpid())"
    defer { unlink(path) }
    try AtomicFile.write([1], to: path)
    let file = try AtomicFile(path: path)
    try file.write([2, 2])
    file.abandon()
    #expect(try Data(contentsOf: URL(filePath: path)) == Data([1]))
    #expect(FilePlace.isStream("/dev/null") && !FilePlace.isStream(path))
  }
}
