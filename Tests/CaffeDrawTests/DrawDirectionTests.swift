import CaffeDraw
import Testing

@Suite("The direction of a drawn net")
struct DrawDirectionTests {
  @Test("has Graphviz's names")
  func names() { #expect(DrawDirection.allCases.map(\.rawValue) == ["LR", "RL", "TB", "BT"]) }
}
