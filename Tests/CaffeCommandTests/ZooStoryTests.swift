import CaffeCore
import CaffeTesting
import CaffeZoo
import Foundation
import LoopbackServers
import Testing

@Suite("The story of a model", .enabled(if: Program.isBuilt), .serialized)
struct ZooStoryTests {
  @Test(
    "from its author's directory through a gist and an index to another home that classifies with it",
    .enabled(if: Nginx.program != nil, "\(Nginx.reason)"))
  func story() throws {
    let github = GistStandIn()
    let api = try github.serve()
    let author = try ZooPerson(api: api.address, token: "token-of-ada")
    let id = try publish(author, github)
    let index = try list(id, author)
    try use(index, ZooPerson(api: api.address))
  }

  /// new → check → upload; the weights lie on a web server.
  private func publish(_ author: ZooPerson, _ github: GistStandIn) throws -> String {
    let lenet = Checkout(of: #filePath).path + "/models/lenet"
    try Folder.make(author.home.file("web"))
    try Folder.make(author.home.file("nginx"))
    try author.does("data", "digits", "digits", "--train", "10", "--test", "10", "--samples", "1")
    let nginx = try Nginx(serving: author.home.file("web"), folder: author.home.file("nginx"))
    ZooStoryTests.servers.append(nginx)
    try author.does(
      "zoo", "new", "ada_digits", "--deploy", lenet + "/deploy.prototxt", "--weights", lenet + "/lenet.caffemodel", "--labels",
      lenet + "/labels.txt", "--train-val", lenet + "/train_val.prototxt", "--name", "Ada's digits", "--license", "BSD-2-Clause",
      "--url", nginx.address + "/lenet.caffemodel", "--task", "classification", "--author", "Ada", "--verify",
      lenet + "/seven.png")
    try fillIn(author.home.file("ada_digits/readme.md"))
    let check = try author.caffe("zoo", "check", "ada_digits", "--run")
    #expect(check.code == 0, "\(check.words)")
    try FileManager.default.copyItem(atPath: lenet + "/lenet.caffemodel", toPath: author.home.file("web/lenet.caffemodel"))
    let upload = try author.caffe("zoo", "gist-upload", "ada_digits")
    #expect(upload.code == 0, "\(upload.words)")
    let id = Readme(SourceFile(name: "r", bytes: author.bytes(author.home.file("ada_digits/readme.md")) ?? [])).frontMatter.gistID
    return try #require(id)
  }

  /// Servers that live as long as the tests.
  nonisolated(unsafe) private static var servers: [Nginx] = []

  /// What an author would write where `zoo new` left room.
  private func fillIn(_ path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacing("TODO", with: "Digits that were drawn;").write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// index add → check → render → publish, into a bare repository.
  private func list(_ id: String, _ author: ZooPerson) throws -> String {
    let bare = author.home.file("zoo.git")
    try author.git("init", "--quiet", "--bare", bare)
    try author.git("clone", "--quiet", bare, author.home.file("zoo"))
    try author.does("zoo", "index", "add", id, "--name", "ada_digits", "--index", "zoo")
    try author.does("zoo", "index", "check", "--index", "zoo")
    try author.does("zoo", "index", "render", "--index", "zoo")
    try author.does("zoo", "index", "publish", "--index", "zoo")
    return bare
  }

  /// subscribe → search → pull → verify → classify.
  private func use(_ index: String, _ reader: ZooPerson) throws {
    try reader.does("zoo", "index", "subscribe", "lab", index)
    #expect(try reader.does("zoo", "search", "digits").contains("ada_digits"))
    let nothing = try reader.caffe("zoo", "search", "nosuchword")
    #expect(nothing.code == 1 && nothing.results.isEmpty && nothing.words == "no index lists a model with these words\n")
    #expect(try reader.does("zoo", "info", "ada_digits").contains("BSD-2-Clause"))
    let pull = try reader.caffe("zoo", "pull", "ada_digits")
    #expect(pull.code == 0 && pull.words.contains("Ada's digits: licence BSD-2-Clause, 1.7 MB"), "\(pull.words)")
    let verified = try reader.does("zoo", "verify", "ada_digits")
    #expect(verified.contains("has the published SHA-256") && verified.contains("the answers are those published"))
    let picture = Checkout(of: #filePath).path + "/models/lenet/seven.png"
    #expect(try reader.does("classify", "ada_digits", picture, "--top", "1").contains("- \"7\""))
    #expect(try reader.does("zoo", "list").contains("ada_digits"))
    // A model that is here needs no server, by its full name either.
    var offline = reader
    offline.environment["GITHUB_API_URL"] = "http://127.0.0.1:1"
    #expect(try offline.does("classify", "lab/ada_digits", picture, "--top", "1").contains("- \"7\""))
  }

  @Test("that is in the program: named in a verb, it is there without a network")
  func bundled() throws {
    let person = try ZooPerson()
    let picture = Checkout(of: #filePath).path + "/models/lenet/seven.png"
    let outcome = try person.caffe("classify", "lenet", picture, "--top", "1")
    #expect(outcome.code == 0 && outcome.results.contains("- \"7\""), "\(outcome.words)")
    #expect(outcome.words.contains("LeNet on MNIST: licence BSD-2-Clause, 1.7 MB"))
    #expect(try person.does("zoo", "verify", "lenet").contains("the answers are those published"))
    #expect(try person.does("summary", "bvlc_googlenet", "--input-shape", "data=1,3,224,224").contains("6998552 parameters"))
    try person.does("zoo", "rm", "lenet")
    #expect(!FileManager.default.fileExists(atPath: person.store + "/lenet"))
  }

  @Test("whose name is misspelt is asked for by the nearest name")
  func misspelt() throws {
    let outcome = try ZooPerson().caffe("summary", "bvlc_googlnet")
    #expect(outcome.code == 1)
    #expect(
      outcome.words == """
        caffe: bvlc_googlnet: there is no such file, and no index lists a model of that name
          nearest name: bvlc_googlenet

        """)
  }

  @Test("that was changed here is reported, not mended, by a look at it")
  func verifiesOnly() throws {
    let person = try ZooPerson()
    try person.does("zoo", "pull", "lenet")
    let place = person.store + "/lenet/lenet.caffemodel"
    try AtomicFile.write([1, 2, 3], to: place)
    let outcome = try person.caffe("zoo", "verify", "lenet")
    #expect(outcome.code == 1 && outcome.words.contains("lenet: lenet.caffemodel has 3 bytes, not 1724973"), "\(outcome.words)")
    #expect(person.bytes(place) == [1, 2, 3])
    #expect(try person.caffe("zoo", "verify", "lenett").words.contains("lenett is neither a directory nor a pulled model"))
  }

  @Test("whose weights were changed since they were compared is not used")
  func changedWeights() throws {
    let person = try ZooPerson()
    let picture = Checkout(of: #filePath).path + "/models/lenet/seven.png"
    for _ in 0..<2 { try person.does("classify", "lenet", picture) }
    try AtomicFile.write([1, 2, 3], to: person.store + "/lenet/lenet.caffemodel")
    let outcome = try person.caffe("classify", "lenet", picture)
    #expect(outcome.code == 1 && outcome.words.contains("the file here has 3 bytes, not 1724973"), "\(outcome.words)")
  }

  @Test("with mistakes is not published by accident")
  func unready() throws {
    let github = GistStandIn()
    let api = try github.serve()
    let person = try ZooPerson(api: api.address, token: "token-of-ada")
    try PublishedModel(size: 10).write(to: person.home.file("net"))
    let outcome = try person.caffe("zoo", "gist-upload", "net")
    #expect(outcome.code == 1 && outcome.words.contains("caffe: net is not ready to be published\n"), "\(outcome.words)")
    #expect(!api.requests.contains { $0.method == "POST" })
    try person.does("zoo", "gist-upload", "net", "--unchecked")
  }

  private func addAddress(_ url: String, to path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let line = "caffemodel: lenet.caffemodel\n"
    try text.replacing(line, with: line + "caffemodel_url: \(url)\n").write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test("through Caffe's three scripts")
  func scripts() throws {
    let github = GistStandIn()
    let api = try github.serve()
    let person = try ZooPerson(api: api.address, token: "token-of-ada")
    let lenet = Checkout(of: #filePath).path + "/models/lenet"
    let weights = try #require(person.bytes(lenet + "/lenet.caffemodel"))
    let shelf = FileShelf()
    shelf.put(weights, at: "/lenet.caffemodel")
    let server = try WebServer { shelf.answer($0) }
    try FileManager.default.copyItem(atPath: lenet, toPath: person.home.file("net"))
    try FileManager.default.removeItem(atPath: person.home.file("net/lenet.caffemodel"))
    try addAddress(server.address + "/lenet.caffemodel", to: person.home.file("net/readme.md"))
    let scripts = Checkout(of: #filePath).path + "/scripts/"
    func run(_ script: String, _ arguments: String...) throws -> Program.Outcome {
      try Running(scripts + script, arguments, in: person.home, environment: person.environment).outcome()
    }
    #expect(try run("download_model_binary.py", "net").code == 0)
    #expect(person.bytes(person.home.file("net/lenet.caffemodel")) == weights)
    #expect(try run("download_model_binary.py", "net").results == "net/lenet.caffemodel: Model already exists.\n")
    #expect(try run("upload_model_to_gist.sh", "net").code == 0)
    let id = try #require(
      Readme(SourceFile(name: "r", bytes: person.bytes(person.home.file("net/readme.md")) ?? [])).frontMatter.gistID)
    #expect(try run("download_model_from_gist.sh", "ada/\(id)", "copies").code == 0)
    #expect(person.bytes(person.home.file("copies/ada-\(id)/readme.md")) != nil)
    let again = try run("download_model_from_gist.sh", "ada/\(id)", "copies")
    #expect(again.code == 1)
    #expect(again.words.contains("copies/ada-\(id) is there already\n  choose another directory, or replace it with --force"))
  }
}
