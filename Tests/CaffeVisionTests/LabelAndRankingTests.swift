import CaffeCore
import CaffeVision
import Testing

@Suite("Labels and rankings")
struct LabelAndRankingTests {
  @Test("one label a line, whatever the line ends; missing ones are called by number")
  func labels() {
    let file = LabelFile(text: "n01440764 tench\r\n\n  gold fish \n\n\n")
    #expect(file.labels == ["n01440764 tench", "", "gold fish"])
    #expect(file[2] == "gold fish" && file[3] == "class 3" && file[-1] == "class -1")
    #expect(throws: FileError.self) { try LabelFile(contentsOf: "/nothing/here") }
  }

  @Test("highest first, ties by class, NaN last")
  func ranking() {
    let best = RankedClass.best(4, of: [0.1, .nan, 0.5, 0.1, 0.5, -.infinity])
    #expect(best.map(\.index) == [2, 4, 0, 3])
    #expect(RankedClass.best(9, of: [.nan, -.infinity]).map(\.index) == [1, 0])
    #expect(RankedClass.best(-1, of: [1]).isEmpty)
  }
}
