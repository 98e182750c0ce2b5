import CaffeCore
import Foundation
import Testing

@Suite("Differences of texts")
struct UnifiedDiffTests {
  @Test("equal texts have none")
  func equal() {
    #expect(UnifiedDiff.text(from: "a\nb\n", named: "a", to: "a\nb\n", named: "b").isEmpty)
  }

  @Test("a change has three lines around it, and places of both sides")
  func hunk() {
    let old = (1...12).map { "\($0)\n" }.joined()
    let new = old.replacing("6\n", with: "six\nand\n")
    #expect(
      UnifiedDiff.text(from: old, named: "old", to: new, named: "new") == """
        --- old
        +++ new
        @@ -3,7 +3,8 @@
         3
         4
         5
        -6
        +six
        +and
         7
         8
         9

        """)
    #expect(UnifiedDiff.text(from: "", named: "a", to: "x\n", named: "b") == "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+x\n")
  }

  @Test("patch makes the new text of the old one", .enabled(if: access("/usr/bin/patch", X_OK) == 0, "needs the program patch"))
  func patch() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "caffe-diff-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for seed in 0..<20 {
      var random = SequentialRandom(RandomStream(seed: UInt64(seed)))
      let old = (0..<60).map { _ in "\(random.next() % 8)\n" }
      let new = old.filter { _ in random.next() % 5 > 0 }.flatMap { random.next() % 6 > 0 ? [$0] : [$0, "new\n"] }
      try old.joined().write(toFile: "\(folder)/old", atomically: false, encoding: .utf8)
      let difference = UnifiedDiff.text(from: old.joined(), named: "old", to: new.joined(), named: "old")
      let outcome = try ChildProgram("patch").run(["-s", "old"], input: Array(difference.utf8), in: folder)
      #expect(outcome.status == 0, "\(String(decoding: outcome.output, as: UTF8.self))")
      #expect(try String(contentsOfFile: "\(folder)/old", encoding: .utf8) == new.joined())
    }
  }

  @Test("texts too long to compare are replaced whole")
  func long() {
    let old = (0..<15_000).map { "\($0)\n" }.joined()
    let difference = UnifiedDiff.text(from: old, named: "a", to: "x\n" + old, named: "b")
    #expect(difference.hasPrefix("--- a\n+++ b\n@@ -1,15000 +1,15001 @@\n-0\n"))
  }
}
