import Caffe
import CaffeCore
import CaffeDraw
import CaffeFormat
import CaffeGraph
import CaffeLayers
import Testing

@Suite("A drawn net")
struct NetDrawingTests {
  private static let registry = LayerRegistry.standard

  private static func definition(_ text: String) throws -> NetDefinition {
    try NetDefinition(SourceFile(name: "net.prototxt", text: text), schema: registry.schema)
  }

  private static func drawing(_ text: String) throws -> NetDrawing {
    let graph = try NetGraph(try definition(text), state: NetState(phase: .TEST), registry: registry)
    return NetDrawing(try ShapedGraph(graph, registry: registry))
  }

  private static let small = """
    name: "small"
    layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 2 dim: 3 dim: 8 dim: 8 } } }
    layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
      convolution_param { num_output: 4 kernel_size: 3 stride: 2 pad: 1 group: 1 } }
    layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
    layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { pool: AVE kernel_h: 2 kernel_w: 4 stride: 2 } }
    """

  /// The lines that tell of boxes, blobs and arrows.
  private static func content(_ text: String) -> [String] {
    text.split(separator: "\n").map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("layer") || $0.hasPrefix("blob") }.map(
      String.init)
  }

  @Test("shows layers with their parameters and blobs with their shapes")
  func blobs() throws {
    let lines = Self.content(DotText(try Self.drawing(Self.small)).text)
    #expect(lines.count == 3 + 3 + 5)
    #expect(lines[1].contains("label=<<b>conv</b><br/>"))
    #expect(lines[1].contains(">4 maps, 3×3, stride 2, pad 1</font>"))
    #expect(lines[2].contains(">mean 2×4, stride 2</font>"))
    #expect(lines[3].contains(">data</font><br/>") && lines[3].contains(">2×3×8×8</font>"))
    #expect(
      lines.suffix(5) == [
        "layer0 -> blob0", "blob0 -> layer1", "layer1 -> blob1", "blob1 -> layer2", "layer2 -> blob2",
      ])
  }

  @Test("shows layers in place in the box of the layer before them")
  func inPlace() throws {
    let lines = Self.content(DotText(try Self.drawing(Self.small)).text)
    #expect(lines[1].contains(">+ ReLU</font>"))
    #expect(!lines.contains { $0.contains("<b>relu</b>") })
  }

  @Test("as layers alone has shapes without the batch in the boxes")
  func layers() throws {
    let lines = Self.content(DotText(try Self.drawing(Self.small), direction: .topToBottom, style: .layers).text)
    #expect(lines.count == 3 + 2)
    #expect(lines[1].contains(">4×4×4</font>"))
    #expect(lines.suffix(2) == ["layer0 -> layer1", "layer1 -> layer2"])
  }

  @Test("is the same text every time, with the direction in it", arguments: DrawDirection.allCases)
  func deterministic(direction: DrawDirection) throws {
    let texts = Set(try (0..<3).map { _ in DotText(try Self.drawing(Self.small), direction: direction).text })
    #expect(texts.count == 1)
    #expect(texts.first?.hasPrefix("digraph \"small\" {\n  graph [rankdir=\(direction.rawValue), ") == true)
  }

  @Test("keeps names from outside text, whatever is in them")
  func hostileNames() throws {
    let net = #"""
      name: "a\" ]; evil [label=\"x\\"
      layer { name: "<b>&\"x\">\033[2J" type: "ReLU" bottom: "d" top: "\"]; evil -> layer0; [\"" }
      """#
    let text = DotText(NetDrawing(try Self.definition(net), state: nil)).text
    #expect(text.hasPrefix(#"digraph "a\" ]; evil [label=\"x\\" {"#))
    #expect(text.contains("<b>&lt;b&gt;&amp;&quot;x&quot;&gt;?[2J</b>"))
    #expect(text.contains(">&quot;]; evil -&gt; layer0; [&quot;</font>"))
  }

  @Test("of all phases joins what each phase's data layer makes")
  func allPhases() throws {
    let net = """
      layer { name: "train" type: "DummyData" top: "data" include { phase: TRAIN } }
      layer { name: "test" type: "DummyData" top: "data" include { phase: TEST } }
      layer { name: "relu" type: "ReLU" bottom: "data" top: "out" }
      """
    let definition = try Self.definition(net)
    let all = Self.content(DotText(NetDrawing(definition, state: nil), style: .layers).text)
    #expect(all.suffix(2) == ["layer0 -> layer2", "layer1 -> layer2"])
    let test = Self.content(DotText(NetDrawing(definition, state: NetState(phase: .TEST)), style: .layers).text)
    #expect(test.count == 3 && test[0].contains("<b>test</b>"))
  }

  private static let hasGraphviz = (try? Graphviz()) != nil

  @Test("becomes a picture", .enabled(if: hasGraphviz, "Graphviz's dot is not installed"), arguments: Graphviz.Format.allCases)
  func picture(format: Graphviz.Format) throws {
    let bytes = try Graphviz().picture(of: DotText(try Self.drawing(Self.small)), as: format)
    #expect(bytes.starts(with: format == .svg ? Array("<svg".utf8) : [0x89, 0x50, 0x4E, 0x47]))
    #expect(format == .png || String(decoding: bytes, as: UTF8.self).contains("4 maps, 3×3"))
  }

  @Test(
    "of a thousand layers, more than a pipe holds, becomes a picture without waiting for ever",
    .enabled(if: hasGraphviz, "Graphviz's dot is not installed"))
  func longNet() throws {
    let layers = (1...1000).map { #"layer { name: "l\#($0)" type: "ReLU" bottom: "b\#($0 - 1)" top: "b\#($0)" }"# }
    let net = #"layer { name: "data" type: "Input" top: "b0" }"# + "\n" + layers.joined(separator: "\n")
    let text = DotText(NetDrawing(try Self.definition(net), state: nil), style: .layers)
    #expect(text.text.utf8.count > 1 << 17)
    let bytes = try Graphviz().picture(of: text, as: .svg)
    #expect(bytes.count > 1 << 18)
  }
}
