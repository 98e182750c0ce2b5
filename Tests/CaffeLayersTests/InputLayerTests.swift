import CaffeCore
import CaffeTesting
import Testing

@Suite("Input")
struct InputLayerTests {
  @Test("has one shape for all tops or one each")
  func shapes() throws {
    let one = "layer { name: 'in' type: 'Input' top: 'a' top: 'b' input_param { shape { dim: 2 dim: 3 } } }"
    let sum = "layer { name: 's' type: 'Eltwise' bottom: 'a' bottom: 'b' top: 'y' }"
    try LayerCheck.all("\(one)\n\(sum)")
    let two =
      "layer { name: 'in' type: 'Input' top: 'a' top: 'b' input_param { shape { dim: 2 dim: 3 } shape { dim: 2 dim: 4 } } }"
    let concat = "layer { name: 'c' type: 'Concat' bottom: 'a' bottom: 'b' top: 'y' }"
    try LayerCheck.all("\(two)\n\(concat)")
  }

  @Test("refuses another number of shapes")
  func count() {
    let mistake = OneLayer.mistake("type: 'Input' input_param { shape { } shape { } }", [:], tops: ["a", "b", "c"])
    #expect(mistake?.contains("3 top(s) need one shape, or one each; 2 given") == true)
  }

  @Test("needs a shape from somewhere")
  func missing() {
    let mistake = OneLayer.mistake("type: 'Input'", [:])
    #expect(mistake?.contains("the shape of top \"y\" is not known") == true)
  }
}
