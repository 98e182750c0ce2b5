import CaffeCore
import CaffeTesting
import CaffeZoo
import Foundation
import Testing

/// Readmes damaged at random. A crash is told by the seed in the file `caffe-fuzz-readme.seed` of the folder for temporary
/// files.
@Suite("Damaged readmes", .serialized)
struct ReadmeFuzzTests {
  private static let seconds = ProcessInfo.processInfo.environment["CAFFE_FUZZ_SECONDS"].flatMap(Double.init) ?? 1
  private static let seedFile = FileManager.default.temporaryDirectory.appending(path: "caffe-fuzz-readme.seed")

  @Test("are read, updated and written, and what is written reads as the same")
  func readmes() throws {
    let sound = PublishedReadmes.all.map { Array($0.text.utf8) }
    let end = Date.now.addingTimeInterval(Self.seconds)
    var seed = UInt64(ProcessInfo.processInfo.environment["CAFFE_FUZZ_SEED"] ?? "") ?? 0
    while Date.now < end {
      try Data("\(seed)".utf8).write(to: Self.seedFile)
      var random = SeededGenerator(seed: seed)
      let bytes = Self.damaged(sound, &random)
      let time = leastTime(within: .seconds(2)) { check(bytes, seed) }
      #expect(time < .seconds(2), "seed \(seed)")
      seed &+= 1
    }
    try? FileManager.default.removeItem(at: Self.seedFile)
  }

  private func check(_ bytes: [UInt8], _ seed: UInt64) {
    let readme = Readme(SourceFile(name: "readme.md", bytes: bytes))
    #expect(readme.problems.allSatisfy { $0.location?.file === readme.source && !$0.description.isEmpty })
    #expect(readme.body.utf8.count <= 3 * bytes.count)
    let updated = Readme(
      SourceFile(name: "readme.md", text: readme.updating([(key: "gist_id", value: "0123456789abcdef0123")])))
    #expect(
      updated.frontMatter.gistID == "0123456789abcdef0123",
      "seed \(seed) \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    let written = Readme(SourceFile(name: "readme.md", text: readme.frontMatter.yaml)).frontMatter
    #expect(written.name == readme.frontMatter.name, "seed \(seed)")
    #expect(written.weights == readme.frontMatter.weights, "seed \(seed)")
  }

  private static let pieces = [
    "---\n", ": ", "\n", "  ", "- ", "'", "\"", "[", "{", "}", "&a ", "*a", "!", "? ", "|\n", "#", "<<<<<<< a\n", "=======\n",
    ">>>>>>> b\n", "\t", "\r", "\u{FEFF}", "\u{85}", "gist_id: 1\n", "caffemodel: ", "\u{0}", "\u{F0000}", "\\", "%YAML 1.2\n",
    "...\n",
  ].map { Array($0.utf8) }

  private static func damaged(_ sound: [[UInt8]], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = sound.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      let place = Int.random(in: 0...bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
      case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...20, using: &random)))
      case 2 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
      default:
        let other = sound.randomElement(using: &random) ?? []
        bytes.insert(contentsOf: other.prefix(Int.random(in: 0...other.count, using: &random)), at: place)
      }
    }
    return bytes
  }
}
