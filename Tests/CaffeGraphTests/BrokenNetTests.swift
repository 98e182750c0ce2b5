import CaffeCore
import CaffeGraph
import Testing

@Suite("A broken net")
struct BrokenNetTests {
  @Test("says at which line and column what is wrong", arguments: BrokenNet.all)
  func firstLine(net: BrokenNet) {
    let mistakes = Stages.mistakes(net.text)
    #expect(mistakes == net.expected.map { "net.prototxt:\($0)" })
  }

  @Test("is one of thirty or more, no two alike")
  func table() {
    #expect(BrokenNet.all.count >= 30)
    #expect(Set(BrokenNet.all.map(\.name)).count == BrokenNet.all.count)
    #expect(Set(BrokenNet.all.flatMap(\.expected)).count == BrokenNet.all.flatMap(\.expected).count)
  }

  @Test("tells all that is wrong with its text at once, under the lines concerned")
  func textReport() throws {
    let text = """
      name: "three mistakes
      layer { name: "a" typ: "Input" top: "a" }
      layer {
      	name: "conv"  type: "Convolution"  convolution_param { kernel_size: five }
      }
      """
    let error = #expect(throws: Diagnostics.self) { try Stages.shaped(text) }
    #expect(
      error?.description == """
        net.prototxt:1:7: error: this string has no closing quote on its line
            1 | name: "three mistakes
              |       ^~~~~~~~~~~~~~~
        net.prototxt:2:19: error: LayerParameter has no field "typ"
            2 | layer { name: "a" typ: "Input" top: "a" }
              |                   ^~~  did you mean "top"?
        net.prototxt:4:70: error: "kernel_size": "five" is not a whole number
            4 | \tname: "conv"  type: "Convolution"  convolution_param { kernel_size: five }
              | \t                                                                    ^~~~
        """)
  }

  @Test("tells all that is wrong with its blobs at once")
  func graphReport() {
    let text = """
      layer { name: "a" type: "Input" top: "a" input_param { shape { dim: 2 } } }
      layer { name: "b" type: "ReLU" bottom: "A" top: "b" }
      layer { name: "c" type: "ReLU" bottom: "nothing" top: "a" }
      layer { name: "d" bottom: "a" top: "d" }
      """
    #expect(
      Stages.mistakes(text) == [
        "net.prototxt:2:40: error: layer \"b\" (ReLU): bottom \"A\" is not produced by an earlier layer",
        "net.prototxt:3:40: error: layer \"c\" (ReLU): bottom \"nothing\" is not produced by an earlier layer",
        "net.prototxt:3:55: error: layer \"c\" (ReLU): top \"a\" is already made by layer \"a\" (Input)",
        "net.prototxt:4:15: error: layer \"d\" has no type",
      ])
  }

  @Test("tells all that is wrong with its layers at once, and not what only follows from it")
  func shapeReport() {
    let text = """
      layer { name: "a" type: "Input" top: "a" input_param { shape { dim: [1, 3, 8, 8] } } }
      layer { name: "b" type: "Convolution" bottom: "a" top: "b" convolution_param { kernel_size: 3 } }
      layer { name: "c" type: "ReLU" bottom: "b" top: "c" }
      layer { name: "d" type: "Relu" bottom: "a" top: "d" }
      layer { name: "e" type: "Pooling" bottom: "a" top: "e" pooling_param { kernel_size: 9 } }
      layer { name: "f" type: "Eltwise" bottom: "a" top: "f" }
      """
    #expect(
      Stages.mistakes(text) == [
        "net.prototxt:2:60: error: layer \"b\" (Convolution): num_output must be at least 1",
        "net.prototxt:4:25: error: layer \"d\": there is no layer type \"Relu\"",
        "net.prototxt:5:15: error: layer \"e\" (Pooling): a kernel of 9 does not fit the padded input of 8 (bottoms: a 1x3x8x8)",
        "net.prototxt:6:43: error: layer \"f\" (Eltwise) takes at least 2 bottom(s), 1 given",
      ])
  }
}
