import CaffeGraph
import CaffeLayers
import Foundation
import Testing

@testable import LayerPages

@Suite("Reference pages")
struct PageTests {
  @Test("in docs/layers are what the sources say now; if not, run make pages")
  func committed() throws {
    let folder = Pages.root.appending(path: PageSet.folder)
    let pages = try Pages.files.get()
    let stale = pages.filter { (try? String(contentsOf: folder.appending(path: $0.key), encoding: .utf8)) != $0.value }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }
    let left = names.filter { pages[$0] == nil }
    #expect((stale.keys + left).sorted() == [], "these pages are not up to date: run make pages")
  }

  @Test("there is one for every layer, and it says what the layer computes, its shapes, its gradient, and gives an example")
  func complete() throws {
    let layers = try Pages.made.get().layers
    #expect(layers.map(\.facts.type) == LayerRegistry.standard.typeNames)
    let gaps = layers.flatMap { layer in layer.gaps.map { "\(layer.facts.type): \($0)" } }
    #expect(gaps == ["DetectNetTransformation: an example", "Python: an example"], "these are missing from the doc comments")
  }

  @Test("show a layer's numbers of blobs, its fields with types and defaults, and the shapes of its example")
  func elu() throws {
    let page = try #require(try Pages.files.get()["ELU.md"])
    let expected = """
      # ELU

      y = x where x > 0, alpha · (e^x − 1) elsewhere. Clevert et al., ICLR 2016.

      ## Shapes

      Bottoms: 1. Tops: 1.

      Any shape; the top has it too.

      ## Gradient

      dx = dy where x > 0, dy · (y + alpha) elsewhere.

      ## Parameters

      `elu_param { … }`: field 140 of LayerParameter.

      | field | type | default | meaning |
      |---|---|---|---|
      | `alpha` | float | `1` | −alpha is what y comes close to as x falls. |

      ## Example

      ```prototxt
      # x: 2x3x4x5
      layer { name: "elu" type: "ELU" bottom: "x" top: "y" elu_param { alpha: 0.5 } }
      ```

      Tops: `y` 2x3x4x5.

      """
    #expect(page.contains(expected), "\(page)")
  }

  @Test("list the values of enums, link to messages that layers share, and name what else the layer reads")
  func links() throws {
    let pages = try Pages.files.get()
    let pooling = try #require(pages["Pooling.md"])
    #expect(pooling.contains("| `pool` | `MAX`, `AVE`, `STOCHASTIC` | `MAX` | "))
    #expect(pooling.contains("\n## Differences\n\n- ") && pooling.contains("\n## Dialects\n\n- "))
    let convolution = try #require(pages["Convolution.md"])
    #expect(convolution.contains("| `kernel_size` | repeated uint32 |  | Extent of the filters"))
    #expect(convolution.contains("| `weight_filler` | [FillerParameter](messages.md#fillerparameter) |"))
    #expect(convolution.contains("Weights: 4x3x3x3, 4."))
    #expect(pages["messages.md"]?.contains("\n## FillerParameter\n\n") == true)
    #expect(pages["SoftmaxWithLoss.md"]?.contains("See also [`loss_param`](messages.md#lossparameter).") == true)
    #expect(pages["Data.md"]?.contains("See also [`transform_param`](messages.md#transformationparameter).") == true)
    #expect(pages["Threshold.md"]?.contains("## Gradient\n\nNo gradient.\n") == true)
  }

  @Test("are listed by the folder of the layer, each with one sentence")
  func index() throws {
    let index = try #require(try Pages.files.get()["README.md"])
    #expect(index.contains("\n## Activations\n\n- [AbsVal](AbsVal.md): y = |x|\n"))
    #expect(index.contains("- [ELU](ELU.md): y = x where x > 0, alpha · (e^x − 1) elsewhere.\n"))
  }
}
