import CaffeCore
import CaffeZoo
import Foundation
import LoopbackServers
import Testing

@Suite("The zoo when things go wrong", .enabled(if: Program.isBuilt), .serialized)
struct ZooFaultTests {
  @Test("killed thirty times at any moment, it leaves no bad file and goes on where it was")
  func killed() throws {
    let model = try PublishedModel(size: 3_000_000)
    model.faults { ($0.delay, $0.piece) = (0.001, 1 << 13) }
    let person = try ZooPerson()
    let directory = person.home.file("net")
    try model.write(to: directory)
    let place = directory + "/net.caffemodel"
    var isDone = false
    for round in 0..<30 {
      let running = try person.start(["zoo", "download", "net"])
      // Moments from before the first byte to after the last, in an order that looks random and is not.
      Thread.sleep(forTimeInterval: 0.01 + 0.015 * Double(round * 17 % 30))
      running.send(SIGKILL)
      _ = running.outcome()
      isDone = isDone || person.bytes(place) != nil
      #expect(person.bytes(place) == (isDone ? model.weights : nil), "round \(round)")
    }
    try person.does("zoo", "download", "net")
    #expect(person.bytes(place) == model.weights)
    let ranges = model.server.requests.compactMap(\.rangeStart)
    #expect(ranges == ranges.sorted() && !ranges.isEmpty, "each attempt goes on where the last one was killed")
  }

  @Test("killed while it replaces a pulled model, it leaves the old one or the new one, whole")
  func killedReplacing() throws {
    let github = GistStandIn()
    let server = try github.serve()
    let model = try PublishedModel(size: 400_000)
    let person = try ZooPerson(api: server.address)
    func readme(_ version: Int) -> String {
      "---\nname: Bytes \(version)\ncaffemodel: net.caffemodel\ncaffemodel_url: \(model.server.address)/net.caffemodel\nsha1: "
        + "\(FileSums(of: model.weights).sha1)\nlicense: MIT\n---\n"
    }
    let first = github.publish(["readme.md": readme(1), "a.txt": "1"])
    try person.does("zoo", "pull", first, "--name", "net")
    for round in 2..<12 {
      let next = github.publish(["readme.md": readme(round), "a.txt": "\(round)"])
      let running = try person.start(["zoo", "pull", next, "--name", "net", "--force"])
      Thread.sleep(forTimeInterval: 0.008 * Double(round * 7 % 11))
      running.send(SIGKILL)
      _ = running.outcome()
      let text = String(decoding: person.bytes(person.store + "/net/readme.md") ?? [], as: UTF8.self)
      let version = text.firstMatch(of: #/Bytes (\d+)/#)?.1 ?? "none"
      #expect(person.bytes(person.store + "/net/a.txt") == Array(version.utf8), "round \(round)")
      #expect(person.bytes(person.store + "/net/net.caffemodel") == model.weights, "round \(round)")
    }
    try person.does("zoo", "pull", first, "--name", "net", "--force")
    let left = try FileManager.default.contentsOfDirectory(atPath: person.store).filter { $0.contains("partial") }
    #expect(left == [])
  }

  @Test("two that pull the same model fetch it once")
  func twoAtOnce() throws {
    let github = GistStandIn()
    let server = try github.serve()
    let model = try PublishedModel(size: 1_000_000)
    model.faults { ($0.delay, $0.piece) = (0.002, 1 << 14) }
    let person = try ZooPerson(api: server.address)
    let id = github.publish([
      "readme.md": "---\nname: Bytes\ncaffemodel: net.caffemodel\ncaffemodel_url: \(model.server.address)/net.caffemodel\nsha1: "
        + "\(FileSums(of: model.weights).sha1)\nlicense: MIT\n---\n"
    ])
    let both = try (0..<2).map { _ in try person.start(["zoo", "pull", id, "--name", "net"]) }
    let outcomes = both.map { $0.outcome() }
    #expect(outcomes.map(\.code) == [0, 0], "\(outcomes.map(\.words))")
    #expect(person.bytes(person.store + "/net/net.caffemodel") == model.weights)
    #expect(model.shelf.sentBytes == model.weights.count)
  }

  @Test("stopped by Ctrl-C it says so, and goes on later")
  func interrupted() throws {
    let model = try PublishedModel(size: 2_000_000)
    model.faults { ($0.delay, $0.piece) = (0.02, 1 << 14) }
    let person = try ZooPerson()
    try model.write(to: person.home.file("net"))
    let running = try person.start(["zoo", "download", "net"])
    #expect(running.waits(for: "0.2 of 2.0 MB"))
    running.send(SIGINT)
    let outcome = running.outcome()
    #expect(outcome.code == 130 && outcome.words.hasSuffix("caffe: stopped\n"), "\(outcome.words)")
    model.faults { _ in }
    try person.does("zoo", "download", "net")
    #expect(model.server.requests.last?.rangeStart ?? 0 > 100_000)
  }

  @Test("on a full disk it says so, and leaves nothing bad and nothing half")
  func fullDisk() throws {
    let model = try PublishedModel(size: 500_000)
    let person = try ZooPerson()
    try model.write(to: person.home.file("net"))
    try person.home.write("old", to: "net/net.caffemodel")
    // The system refuses to write files beyond 64 blocks, as a full disk would.
    let script = "trap '' XFSZ; ulimit -f 64; exec \"$@\""
    let running = try Running(
      "/bin/sh", ["-c", script, "sh", try #require(Program.path), "zoo", "download", "net"], in: person.home,
      environment: person.environment)
    let outcome = running.outcome()
    #expect(outcome.code == 1 && outcome.words.contains("cannot write: File too large"), "\(outcome.words)")
    #expect(person.bytes(person.home.file("net/net.caffemodel")) == Array("old".utf8))
    #expect(try FileManager.default.contentsOfDirectory(atPath: person.home.file("cache/caffe/weights/partial")) == [])
    try person.does("zoo", "download", "net")
    #expect(person.bytes(person.home.file("net/net.caffemodel")) == model.weights)
  }

  @Test(
    "on a disk that is too small it says how much is missing, before a byte is fetched",
    .enabled(if: SmallDisk.isPossible, "this user may not mount a small file system"))
  func smallDisk() throws {
    let model = try PublishedModel(size: 3_000_000)
    var person = try ZooPerson()
    try model.write(to: person.home.file("net"))
    let disk = try #require(SmallDisk(at: person.home.file("disk")))
    person.environment["XDG_CACHE_HOME"] = disk.path
    let outcome = try person.caffe("zoo", "download", "net")
    #expect(outcome.code == 1 && outcome.words.contains("cannot write 3000000 bytes where "), "\(outcome.words)")
    #expect(outcome.words.contains("are free: No space left on device"))
    #expect(person.bytes(person.home.file("net/net.caffemodel")) == nil)
  }

  @Test("of a hostile publisher it shows no control characters and writes nothing elsewhere")
  func hostile() throws {
    let github = GistStandIn()
    let server = try github.serve()
    let person = try ZooPerson(api: server.address)
    let id = github.publish([
      "readme.md": "---\nname: \"x\\e[2J\\e]0;owned\\a\"\ncaffemodel: ../../up.caffemodel\ncaffemodel_url: http://127.0.0.1:1/x\n"
        + "sha1: \(String(repeating: "a", count: 40))\nlicense: \"\\e[31mMIT\"\n---\n"
    ])
    let outcome = try person.caffe("zoo", "pull", id, "--name", "net")
    #expect(outcome.code == 1)
    #expect(
      !(outcome.words + outcome.results).unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
    #expect(outcome.words.contains("leads to another directory"), "\(outcome.words)")
    #expect(!FileManager.default.fileExists(atPath: person.store + "/net"))
    #expect(!FileManager.default.fileExists(atPath: person.home.file("data/up.caffemodel")))
  }
}
