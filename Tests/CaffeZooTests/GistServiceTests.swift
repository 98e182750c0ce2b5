import CaffeCore
import CaffeTesting
import CaffeZoo
import Foundation
import LoopbackServers
import Synchronization
import Testing

/// A stand-in for GitHub and a folder.
struct GistBench {
  let folder: TemporaryFolder
  let github = GistStandIn()
  let server: WebServer
  let pauses = PauseLog()

  final class PauseLog: Sendable {
    private let list = Mutex<[Double]>([])
    func add(_ seconds: Double) { list.withLock { $0.append(seconds) } }
    var all: [Double] { list.withLock { $0 } }
  }

  init() throws {
    folder = try TemporaryFolder()
    server = try github.serve()
  }

  func service(token: String? = nil) -> GistService {
    var service = GistService(api: server.address, token: token, cache: folder.file("gists"))
    let pauses = pauses
    service.pause = { pauses.add($0) }
    return service
  }

  /// A model's directory.
  func directory(_ name: String = "model", readme: String = "---\nname: Net of Ada\nlicense: MIT\n---\n\n# Net\n") throws
    -> String
  {
    let path = folder.file(name)
    try Folder.make(path)
    try AtomicFile.write(Array(readme.utf8), to: "\(path)/readme.md")
    try AtomicFile.write(Array("name: \"net\"\n".utf8), to: "\(path)/deploy.prototxt")
    return path
  }

  func text(_ path: String) throws -> String { String(decoding: try FileBytes.read(path, limit: 1 << 22), as: UTF8.self) }
}

@Suite("Gists")
struct GistServiceTests {
  @Test("are fetched with their files, owner and revision")
  func fetches() throws {
    let bench = try GistBench()
    let id = bench.github.publish(["readme.md": "hello", "deploy.prototxt": "name: \"a\""], summary: "a net")
    let gist = try bench.service().fetch(GistReference(id: id))
    #expect((gist.id, gist.owner, gist.summary) == (id, "ada", "a net"))
    #expect(gist.revision == bench.github.revision(of: id) && gist.isPublic && !gist.isFromPublic)
    #expect(try gist.files[FileName("readme.md", in: "")] == Array("hello".utf8))
    #expect(gist.reference.description == "\(id)@\(gist.revision ?? "")")
  }

  @Test("are fetched at a revision, and from the owner that was named or not at all")
  func pins() throws {
    let bench = try GistBench()
    let id = bench.github.publish(["readme.md": "first"])
    let first = try #require(bench.github.revision(of: id))
    _ = try bench.service(token: "token-of-ada").update(id, [FileName("readme.md", in: ""): "second"])
    #expect(try bench.service().fetch(GistReference(id: id, revision: first)).files.values.first == Array("first".utf8))
    #expect(try bench.service().fetch(GistReference(id: id)).files.values.first == Array("second".utf8))
    #expect(
      throws: ZooError(
        "gist \(id) belongs to ada, not to bob",
        advice: "check the address; without the user's name the gist is taken whoever it belongs to")
    ) {
      try bench.service().fetch(GistReference(id: id, owner: "bob"))
    }
  }

  @Test("whose files are longer than a megabyte come through the raw address, whole")
  func truncated() throws {
    let bench = try GistBench()
    let long = String(repeating: "ü", count: 800_000)
    let id = bench.github.publish(["train val.prototxt": long])
    #expect(try bench.service(token: "token-of-ada").fetch(GistReference(id: id)).files.values.first == Array(long.utf8))
    #expect(bench.server.requests.count == 2)
  }

  @Test("of more than 300 files are refused with the way to take them")
  func tooManyFiles() throws {
    let bench = try GistBench()
    let id = bench.github.publish(Dictionary(uniqueKeysWithValues: (0..<301).map { ("f\($0)", "x") }))
    let error = try #require(throws: ZooError.self) { try bench.service().fetch(GistReference(id: id)) }
    #expect(
      error.description == """
        gist \(id) has more than the 300 files that GitHub's API lists
          take it with git: git clone https://gist.github.com/\(id).git
        """)
  }

  @Test("asked for again cost nothing of the allowance while they are unchanged")
  func entityTags() throws {
    let bench = try GistBench()
    let id = bench.github.publish(["readme.md": "hello"])
    let service = bench.service()
    for _ in 0..<3 { #expect(try service.fetch(GistReference(id: id)).files.values.first == Array("hello".utf8)) }
    #expect(bench.github.remaining == 59)
    _ = try bench.service(token: "token-of-ada").update(id, [FileName("readme.md", in: ""): "new"])
    #expect(try service.fetch(GistReference(id: id)).files.values.first == Array("new".utf8))
  }

  @Test("explain what GitHub refuses")
  func explains() throws {
    let bench = try GistBench()
    let none = GistReference(id: String(repeating: "0", count: 32))
    func words(_ work: () throws -> Gist) -> String {
      do { return "\(try work())" } catch { return "\(error)" }
    }
    #expect(
      words { try bench.service().fetch(none) }
        == "gist \(none): there is none (404)\n  it was removed, or GITHUB_TOKEN is needed to see it")
    #expect(
      words { try bench.service(token: "old").fetch(none) }
        == "gist \(none): GitHub does not know the token (401): Bad credentials\n  renew GITHUB_TOKEN")
    let file = try FileName("a", in: "")
    #expect(
      words { try bench.service(token: "token-of-ada").create([file: ""], summary: "", isPublic: false) }
        == "a new gist: GitHub does not accept the content (422): Validation Failed; Gist content missing_field")
    let id = bench.github.publish(["a": "x"])
    #expect(
      words { try bench.service(token: "token-of-bob").update(id, [file: "y"]) }
        == "gist \(id): there is none (404)\n  it was removed, or is not yours to see or change")
    bench.github.setRemaining(0)
    #expect(
      words { try bench.service().fetch(none) } == """
        gist \(none): GitHub's limit of requests is reached until 17:46 UTC: API rate limit exceeded for 127.0.0.1.
          with GITHUB_TOKEN set there are 5,000 requests an hour instead of 60
        """)
    #expect(bench.pauses.all.isEmpty)
  }

  @Test("are asked for again after the pause that GitHub wishes, and after its troubles")
  func retries() throws {
    let bench = try GistBench()
    let id = bench.github.publish(["a": "x"])
    bench.github.fail(WebAnswer(429, headers: [("Retry-After", "7")]), WebAnswer(502), WebAnswer(503))
    #expect(try bench.service().fetch(GistReference(id: id)).files.count == 1)
    #expect(bench.pauses.all == [7, 2, 4])
  }

  @Test("that are none are called what they are")
  func nonsense() throws {
    let bench = try GistBench()
    for body in ["", "[]", "{\"id\": 7}", String(repeating: "[", count: 100_000), "\u{1B}[2J"] {
      bench.github.fail(WebAnswer(200, text: body))
      #expect(
        throws: ZooError(
          "gist 5843: the answer of \(bench.server.address) is not what GitHub's API documents",
          advice: "check the address of the API")
      ) { try bench.service().fetch(GistReference(id: "5843")) }
    }
  }

  @Test("cannot bring a file that leads elsewhere", arguments: ["../up", "a/b", ".git", "/etc/x", "a\u{1B}b"])
  func hostileNames(name: String) throws {
    let bench = try GistBench()
    let id = bench.github.publish([name: "x"])
    #expect(throws: ZooError.self) { try bench.service().fetch(GistReference(id: id)) }
  }

  @Test("packed to blow up are read no further than the limit")
  func bomb() throws {
    let bench = try GistBench()
    // 100 MB of zeros, packed twice as gzip members would be: libz's own format of one block, made by the system's gzip.
    let path = bench.folder.file("zeros")
    let maker = Process()
    maker.executableURL = URL(filePath: "/bin/sh")
    maker.arguments = ["-c", "head -c 100000000 /dev/zero | gzip > \"$0\"", path]
    try maker.run()
    maker.waitUntilExit()
    let packed = try FileBytes.read(path, limit: 1 << 20)
    bench.github.fail(WebAnswer(200, headers: [("Content-Encoding", "gzip")], body: packed))
    let error = try #require(throws: ZooError.self) { try bench.service().fetch(GistReference(id: "5843")) }
    #expect(error.message == "\(bench.server.address)/gists/5843: the answer is longer than 67108864 bytes")
  }

  @Test("of another server are not asked for here, so that no token goes astray")
  func otherServer() throws {
    let bench = try GistBench()
    let gist = try #require(GistReference("https://code.lab.org/gist/ada/034c6ac3865563b69e60"))
    #expect(throws: ZooError("gist \(gist) lies on code.lab.org", advice: "set GITHUB_API_URL to https://code.lab.org/api/v3")) {
      try bench.service(token: "token-of-ada").fetch(gist)
    }
    #expect(bench.server.requests.isEmpty)
  }

  @Test("are found by their name through all pages")
  func finds() throws {
    let bench = try GistBench()
    for number in 0..<250 { bench.github.publish(["readme.md": "x"], summary: "net \(number)") }
    let service = bench.service(token: "token-of-ada")
    #expect(try service.find(summary: "net 249") != nil)
    #expect(try service.find(summary: "net 250") == nil)
    #expect(bench.server.requests.map(\.target).filter { $0.hasSuffix("page=3") }.count >= 1)
  }
}

@Suite("An upload to a gist")
struct GistUploadTests {
  @Test("makes a gist of the top-level files but the weights, and writes its id and revision into the readme")
  func creates() throws {
    let bench = try GistBench()
    let directory = try bench.directory()
    try AtomicFile.write([1, 2], to: "\(directory)/net.caffemodel")
    try AtomicFile.write([1], to: "\(directory)/net.caffemodel.h5")
    try AtomicFile.write([0xFF, 0xFE], to: "\(directory)/cat.png")
    try AtomicFile.write([], to: "\(directory)/empty.txt")
    try AtomicFile.write([65], to: "\(directory)/.hidden")
    try Folder.make("\(directory)/data")
    try FileManager.default.createSymbolicLink(atPath: "\(directory)/passwords", withDestinationPath: "/etc/passwd")
    let upload = try GistUpload(directory: directory)
    #expect(
      upload.skipped.map { "\($0.file): \($0.reason)" } == [
        "data: gists have no directories", "empty.txt: gists take no empty files",
        "net.caffemodel: weights are fetched by caffemodel_url", "net.caffemodel.h5: weights are fetched by caffemodel_url",
        "passwords: it is a link or no plain file",
      ])
    let gist = try upload.run(bench.service(token: "token-of-ada"), isPublic: true)
    let files = try #require(bench.github.files(of: gist.id))
    #expect(Set(files.keys) == ["cat.png.base64", "deploy.prototxt", "readme.md"])
    let copy = try ModelFetch(gists: bench.service()).fetch(.gist(GistReference(id: gist.id)))
    #expect(try copy.files[FileName("cat.png", in: "")] == [0xFF, 0xFE] && copy.files.count == 3)
    let local = Readme(SourceFile(name: "readme.md", text: try bench.text("\(directory)/readme.md"))).frontMatter
    #expect(local.gistID == gist.id && local.gistRevision == bench.github.revision(of: gist.id))
    #expect(Readme(SourceFile(name: "readme.md", text: files["readme.md"] ?? "")).frontMatter.gistID == gist.id)
  }

  @Test("with a gist_id changes that gist and removes files that are gone")
  func updates() throws {
    let bench = try GistBench()
    let directory = try bench.directory()
    try AtomicFile.write([65], to: "\(directory)/old.txt")
    let service = bench.service(token: "token-of-ada")
    let first = try GistUpload(directory: directory).run(service, isPublic: false)
    try FileManager.default.removeItem(atPath: "\(directory)/old.txt")
    try AtomicFile.write([66], to: "\(directory)/new.txt")
    let second = try GistUpload(directory: directory).run(service, isPublic: false)
    #expect(second.id == first.id && second.revision != first.revision)
    #expect(Set(try #require(bench.github.files(of: first.id)).keys) == ["deploy.prototxt", "new.txt", "readme.md"])
  }

  @Test("of what is there already changes nothing, and --new makes another gist")
  func unchanged() throws {
    let bench = try GistBench()
    let directory = try bench.directory()
    let service = bench.service(token: "token-of-ada")
    let first = try GistUpload(directory: directory).run(service, isPublic: false)
    #expect(try GistUpload(directory: directory).run(service, isPublic: false).revision == first.revision)
    #expect(bench.github.files(of: first.id)?["readme.md"]?.contains("gist_revision") == false)
    let other = try GistUpload(directory: directory, isNew: true).run(service, isPublic: false)
    #expect(other.id != first.id && bench.github.files(of: other.id)?["readme.md"]?.contains(other.id) == true)
  }

  @Test("that fails after the gist was made leaves its id in the readme")
  func failsLate() throws {
    let bench = try GistBench()
    let directory = try bench.directory()
    let service = bench.service(token: "token-of-ada")
    let body = "{\"id\": \"034c6ac3865563b69e60\", \"files\": {}}"
    bench.github.fail(WebAnswer(201, text: body), WebAnswer(401, text: "{\"message\": \"Bad credentials\"}"))
    #expect(throws: ZooError.self) { try GistUpload(directory: directory).run(service, isPublic: false) }
    #expect(
      Readme(SourceFile(name: "readme.md", text: try bench.text("\(directory)/readme.md"))).frontMatter.gistID
        == "034c6ac3865563b69e60")
  }

  @Test("that may have arrived is not sent twice, and its id cannot be a path")
  func careful() throws {
    let bench = try GistBench()
    bench.github.fail(WebAnswer(502))
    #expect(throws: ZooError.self) {
      try GistUpload(directory: bench.directory()).run(bench.service(token: "token-of-ada"), isPublic: false)
    }
    #expect(bench.server.requests.count == 1 && bench.pauses.all.isEmpty)
    let hostile = try bench.directory("hostile", readme: "---\nname: Net\nlicense: MIT\ngist_id: ../user/repos\n---\n")
    #expect(throws: ZooError.self) { try GistUpload(directory: hostile) }
  }

  @Test("needs a readme with a name")
  func needsName() throws {
    let bench = try GistBench()
    let nameless = try bench.directory("nameless", readme: "---\nlicense: MIT\n---\n")
    #expect(
      throws: ZooError(
        "\(nameless)/readme.md gives the model no name", advice: "caffe zoo check \(nameless) says what is missing")
    ) { try GistUpload(directory: nameless) }
    try FileManager.default.removeItem(atPath: nameless + "/readme.md")
    #expect(throws: ZooError("\(nameless) has no readme.md", advice: "caffe zoo new writes one")) {
      try GistUpload(directory: nameless)
    }
  }
}
