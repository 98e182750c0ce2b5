import CaffeCore
import CaffeTesting
import CaffeZoo
import Foundation
import LoopbackServers
import Testing

/// A person with a home directory of their own, and the program.
struct ZooPerson {
  let home: Workplace
  var environment: [String: String]

  /// - Parameter api: of a stand-in for GitHub.
  init(api: String? = nil, token: String? = nil) throws {
    home = try Workplace()
    environment = [
      "HOME": home.path, "XDG_CACHE_HOME": home.file("cache"), "XDG_DATA_HOME": home.file("data"),
      "XDG_CONFIG_HOME": home.file("config"), "GITHUB_TOKEN": token ?? "", "GH_TOKEN": "",
      "GITHUB_API_URL": api ?? "http://127.0.0.1:1",
    ]
    try home.write("[user]\n  name = Ada\n  email = ada@example.org\n", to: ".gitconfig")
  }

  func caffe(_ arguments: String...) throws -> Program.Outcome { try Program.run(arguments, in: home, environment: environment) }

  /// Runs what must succeed.
  @discardableResult
  func does(_ arguments: String..., sourceLocation: Testing.SourceLocation = #_sourceLocation) throws -> String {
    let outcome = try Program.run(arguments, in: home, environment: environment)
    #expect(outcome.code == 0, "\(outcome.words)", sourceLocation: sourceLocation)
    return outcome.results
  }

  func start(_ arguments: [String]) throws -> Running {
    try Running(#require(Program.path), arguments, in: home, environment: environment)
  }

  /// Runs git.
  func git(_ arguments: String...) throws {
    let outcome = try Running("/usr/bin/env", ["git"] + arguments, in: home, environment: environment).outcome()
    #expect(outcome.code == 0, "\(outcome.words)")
  }

  var store: String { home.file("data/caffe/models") }

  func bytes(_ path: String) -> [UInt8]? { try? FileBytes.read(path, limit: 1 << 26) }
}

/// A published model whose weights are bytes of any kind, on a web server with faults.
struct PublishedModel {
  let shelf = FileShelf()
  let server: WebServer
  let weights: [UInt8]

  init(size: Int) throws {
    let shelf = shelf
    server = try WebServer { shelf.answer($0) }
    weights = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }
    shelf.put(weights, at: "/net.caffemodel")
  }

  func faults(_ change: (inout FileShelf.Faults) -> Void) {
    var faults = FileShelf.Faults()
    change(&faults)
    shelf.put(weights, at: "/net.caffemodel", faults: faults)
  }

  /// Writes its directory.
  func write(to path: String) throws {
    try Folder.make(path)
    let readme = """
      ---
      name: Bytes
      caffemodel: net.caffemodel
      caffemodel_url: \(server.address)/net.caffemodel
      sha1: \(FileSums(of: weights).sha1)
      license: MIT
      ---
      """
    try AtomicFile.write(Array(readme.utf8), to: path + "/readme.md")
  }
}

/// A file system of one megabyte, where the system lets this user mount one.
final class SmallDisk {
  /// Whether it does.
  static let isPossible: Bool = {
    let place = FileManager.default.temporaryDirectory.appending(path: "caffe-disk-\(UUID().uuidString)").path
    return SmallDisk(at: place) != nil
  }()

  let path: String

  /// Mounts it; nil when that is not allowed.
  init?(at path: String) {
    self.path = path
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard SmallDisk.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path) == 0 else { return nil }
  }

  deinit {
    _ = SmallDisk.run("umount", path)
    try? FileManager.default.removeItem(atPath: path)
  }

  private static func run(_ arguments: String...) -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    guard (try? process.run()) != nil else { return -1 }
    process.waitUntilExit()
    return process.terminationStatus
  }
}
