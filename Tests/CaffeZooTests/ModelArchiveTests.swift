import CaffeCore
import CaffeTesting
import CaffeZoo
import Foundation
import LoopbackServers
import Testing

@Suite("An archive with a model's directory")
struct ModelArchiveTests {
  /// What a Python script writes as `archive`, with zipfile, tarfile and io at hand.
  private func archive(_ script: String) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let maker = Process()
    maker.executableURL = URL(filePath: "/usr/bin/env")
    maker.arguments = ["python3", "-c", "import io, tarfile, zipfile\n" + script]
    maker.currentDirectoryURL = URL(filePath: folder.path)
    try maker.run()
    maker.waitUntilExit()
    return try FileBytes.read(folder.file("archive"), limit: 1 << 24)
  }

  private static let tarScript = """
    def add(tar, name, data=b'x', kind=tarfile.REGTYPE, link=''):
        info = tarfile.TarInfo(name); info.size = len(data) if kind == tarfile.REGTYPE else 0; info.type = kind; info.linkname = link
        tar.addfile(info, io.BytesIO(data))
    tar = tarfile.open('archive', 'w:gz')

    """

  @Test("as zip or tar.gz gives the files beside the readme, wherever that lies")
  func reads() throws {
    let zip = try archive(
      """
      with zipfile.ZipFile('archive', 'w', zipfile.ZIP_DEFLATED) as z:
          z.writestr('net-abc/readme.md', 'r'); z.writestr('net-abc/deploy.prototxt', 'd'); z.writestr('net-abc/sub/x', 's')
          z.writestr('other.txt', 'o'); z.writestr('net-abc/.DS_Store', 'h')
      """)
    let files = try ModelArchive.files(of: zip, name: "a.zip")
    #expect(Set(files.keys.map(\.description)) == ["readme.md", "deploy.prototxt"])
    let tar = try archive(Self.tarScript + "add(tar, './README.md'); add(tar, './LICENSE'); tar.close()")
    #expect(Set(try ModelArchive.files(of: tar, name: "a.tar.gz").keys.map(\.description)) == ["README.md", "LICENSE"])
  }

  @Test(
    "with entries that lead elsewhere is refused",
    arguments: [
      "add(tar, '../up')", "add(tar, '/etc/cron.d/x')", "add(tar, 'a/../../up')",
      "add(tar, 'l', kind=tarfile.SYMTYPE, link='/etc/passwd')",
      "add(tar, 'l', kind=tarfile.LNKTYPE, link='../x')", "add(tar, 'f', kind=tarfile.FIFOTYPE)",
      "add(tar, 'd', kind=tarfile.CHRTYPE)",
      "add(tar, 'a\\x1b[2Jb')",
    ])
  func hostile(entry: String) throws {
    let tar = try archive(Self.tarScript + "add(tar, 'readme.md'); \(entry); tar.close()")
    #expect(throws: ZooError.self) { try ModelArchive.files(of: tar, name: "a.tar.gz") }
  }

  @Test("that unpacks to too much, or into too many files, is refused")
  func bombs() throws {
    let big = try archive(Self.tarScript + "add(tar, 'readme.md', b'\\0' * (65 << 20)); tar.close()")
    #expect(throws: ZooError("a unpacks to more than 64 MB", advice: "weights are fetched by caffemodel_url, not in the archive"))
    {
      try ModelArchive.files(of: big, name: "a")
    }
    let many = try archive(Self.tarScript + "[add(tar, 'f%d' % i) for i in range(1001)]; tar.close()")
    #expect(throws: ZooError("a has more than 1000 entries", advice: "it is no model's directory")) {
      try ModelArchive.files(of: many, name: "a")
    }
  }

  @Test("that is none, is cut or has no readme is called what it is")
  func broken() throws {
    #expect(throws: ZooError.self) { try ModelArchive.files(of: [], name: "a") }
    #expect(throws: ZooError.self) { try ModelArchive.files(of: Array("<html>".utf8), name: "a") }
    let tar = try archive(Self.tarScript + "add(tar, 'deploy.prototxt', b'x' * 100000); tar.close()")
    #expect(throws: ZooError("a holds no readme.md", advice: "a model's directory has one")) {
      try ModelArchive.files(of: tar, name: "a")
    }
    #expect(throws: ZooError.self) { try ModelArchive.files(of: Array(tar.prefix(tar.count / 2)), name: "a") }
  }

  @Test("is fetched and pinned by its checksum")
  func pinned() throws {
    let zip = try archive("with zipfile.ZipFile('archive', 'w') as z: z.writestr('readme.md', 'r')")
    let shelf = FileShelf()
    shelf.put(zip, at: "/net.zip")
    let server = try WebServer { shelf.answer($0) }
    let url = server.address + "/net.zip"
    let model = try ModelFetch().fetch(.archive(url: url, sha256: nil))
    #expect(model.source == .archive(url: url, sha256: FileSums(of: zip).sha256))
    #expect(model.readme == [0x72])
    let wrong = String(repeating: "0", count: 64)
    #expect(
      throws: ZooError(
        "\(url) has SHA-256 \(FileSums(of: zip).sha256), not \(wrong)",
        advice: "the archive was changed since it was listed; ask who listed it")
    ) { try ModelFetch().fetch(.archive(url: url, sha256: wrong)) }
  }
}
