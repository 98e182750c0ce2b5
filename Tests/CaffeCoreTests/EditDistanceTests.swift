import CaffeCore
import Testing

@Suite("Did you mean")
struct EditDistanceTests {
  private static let names = ["Convolution", "Deconvolution", "InnerProduct", "LRN", "Pooling", "ReLU", "PReLU", "Softmax"]

  @Test(
    "finds the name that is nearest",
    arguments: [
      ("Convolutoin", "Convolution"), ("convolution", "Convolution"), ("InerProduct", "InnerProduct"), ("Relu", "ReLU"),
      ("Prelu", "PReLU"), ("lrn", "LRN"), ("Softmaxx", "Softmax"), ("LNR", "LRN"),
    ])
  func finds(word: String, meant: String) {
    #expect(nearest(to: word, among: Self.names) == meant)
  }

  @Test("finds nothing where no name is within a third of the word", arguments: ["Q", "", "Transformer", "Pool", "xxxxxxxxxxx"])
  func findsNothing(word: String) {
    #expect(nearest(to: word, among: Self.names) == nil)
  }

  @Test("takes the alphabetically first of equally near names, whatever their order")
  func ties() {
    #expect(nearest(to: "ip3", among: ["ip2", "ip1"]) == "ip1")
    #expect(nearest(to: "ip3", among: ["ip1", "ip2"]) == "ip1")
  }

  @Test("does not spend time on a word that is no name")
  func longWords() {
    let word = String(repeating: "a", count: 100_000)
    #expect(nearest(to: word, among: [word]) == nil)
  }
}
