import CaffeCore
import CaffeTesting
import Testing

@Suite("Pooling")
struct PoolingLayerTests {
  private static let windows = [
    "kernel_size: 3 stride: 2", "kernel_size: 2 stride: 2", "kernel_size: 3", "kernel_size: 3 stride: 2 pad: 1",
    "kernel_size: 3 pad: 2", "kernel_size: 4 stride: 3 pad: 1", "kernel_h: 3 kernel_w: 2 stride_h: 2 stride_w: 1",
    "kernel_h: 2 kernel_w: 3 pad_h: 1 pad_w: 0", "kernel_size: 3 stride: 2 round_mode: FLOOR",
    "kernel_size: 3 stride: 2 pad: 1 round_mode: FLOOR", "global_pooling: true", "kernel_size: 1 stride: 2 round_mode: FLOOR",
    "kernel_size: 3 stride: 2 ceil_mode: false",
  ]

  @Test("keeps the contract of layers", arguments: windows, ["MAX", "AVE"])
  func contract(window: String, method: String) throws {
    let net = LayerCheck.net("type: 'Pooling' pooling_param { pool: \(method) \(window) }", ["x": [2, 3, 7, 6]])
    try LayerCheck.all(net, values: ["x": .distinct(spacing: 0.05)])
  }

  @Test("says where the maxima were in a second top", arguments: [false, true])
  func mask(fast: Bool) throws {
    let layer = try OneLayer(
      "type: 'Pooling' pooling_param { kernel_size: 2 stride: 2 }", ["x": .of([1, 1, 2, 4], [1, 2, 3, 9, 5, 4, 8, 7])],
      tops: ["y", "m"],
      fast: fast)
    #expect(try layer.forward() == [5, 9])
    #expect(layer.top("m")?.values == [4, 3])
  }

  @Test("gives the gradient to the first of equal maxima", arguments: [false, true])
  func firstWins(fast: Bool) throws {
    let layer = try OneLayer(
      "type: 'Pooling' pooling_param { kernel_size: 2 }", ["x": .of([1, 1, 2, 2], [3, 3, 3, 3])], fast: fast)
    #expect(try layer.forward() == [3])
    #expect(try layer.backward(from: [1]) == [1, 0, 0, 0])
  }

  @Test("divides means by the window with its padding, but without what overhangs it", arguments: [false, true])
  func divisor(fast: Bool) throws {
    let padded = try OneLayer(
      "type: 'Pooling' pooling_param { pool: AVE kernel_size: 2 stride: 2 pad: 1 }", ["x": Tensor([1, 1, 3, 3], repeating: 4)],
      fast: fast)
    #expect(try padded.forward() == [1, 2, 2, 4])
    let overhanging = try OneLayer(
      "type: 'Pooling' pooling_param { pool: AVE kernel_size: 2 stride: 2 }", ["x": Tensor([1, 1, 3, 3], repeating: 4)],
      fast: fast)
    #expect(try overhanging.forward() == [4, 4, 4, 4])
    let both = try OneLayer(
      "type: 'Pooling' pooling_param { pool: AVE kernel_size: 3 stride: 2 pad: 1 }", ["x": Tensor([1, 1, 4, 4], repeating: 9)],
      fast: fast)
    #expect(isClose(try both.forward(), [4, 6, 3, 6, 9, 4.5, 3, 4.5, 2.25]))
  }

  @Test("rounds sizes up unless told to round down, and drops a last window that begins in the padding")
  func sizes() throws {
    func shape(_ window: String, _ input: Shape) throws -> Shape? {
      let layer = try OneLayer("type: 'Pooling' pooling_param { \(window) }", ["x": Tensor(input)])
      _ = try layer.forward()
      return layer.top("y")?.shape
    }
    #expect(try shape("kernel_size: 3 stride: 2", [1, 1, 6, 7]) == [1, 1, 3, 3])
    #expect(try shape("kernel_size: 3 stride: 2 round_mode: FLOOR", [1, 1, 6, 7]) == [1, 1, 2, 3])
    #expect(try shape("kernel_size: 3 stride: 2 ceil_mode: false", [1, 1, 6, 7]) == [1, 1, 2, 3])
    #expect(try shape("kernel_size: 3 stride: 2 ceil_mode: true", [1, 1, 6, 7]) == [1, 1, 3, 3])
    #expect(try shape("kernel_size: 2 stride: 2 pad: 1", [1, 1, 3, 4]) == [1, 1, 2, 3])
    #expect(try shape("global_pooling: true", [2, 5, 3, 4]) == [2, 5, 1, 1])
  }

  @Test("refuses what Caffe refuses")
  func mistakes() {
    func mistake(_ parameters: String) -> String {
      OneLayer.mistake("type: 'Pooling' pooling_param { \(parameters) }", ["x": [1, 1, 5, 5]]) ?? "none"
    }
    #expect(mistake("").contains("give kernel_size, or kernel_h and kernel_w"))
    #expect(mistake("kernel_size: 2 pad: 2").contains("pad 2 must be smaller than the kernel 2"))
    #expect(mistake("kernel_size: 3 global_pooling: true").contains("leave kernel sizes out"))
    #expect(
      mistake("kernel_size: 2 ceil_mode: true round_mode: FLOOR").contains(
        "ceil_mode: true and round_mode: FLOOR contradict each other"))
    #expect(mistake("kernel_size: 9").contains("a kernel of 9 does not fit the padded input of 5"))
  }
}
