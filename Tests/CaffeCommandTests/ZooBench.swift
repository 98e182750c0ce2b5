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
      "XDG_CONFIG_HOME": home.file("config"), "GITHUB_TOKEN": token ?? "", "GH_TOKEN": "", "GITHUB_API_URL": api ?? "http://127.0.0.1:1",
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
