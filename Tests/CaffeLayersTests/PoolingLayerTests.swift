import CaffeCore
import CaffeFormat
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

  @Test("keeps the contract of layers over lines and volumes", arguments: ["MAX", "AVE"])
  func anyAxes(method: String) throws {
    for (window, shape) in [
      ("kernel_size: 3 stride: 2 pad: 1", [2, 3, 9] as Shape), ("kernel_size: 2", [2, 2, 4, 3, 5]),
      ("kernel_size: 3 stride: 2 pad: 1", [1, 2, 5, 4, 6]), ("global_pooling: true", [2, 2, 3, 2, 3]),
    ] {
      let net = LayerCheck.net("type: 'Pooling' pooling_param { pool: \(method) \(window) }", ["x": shape])
      try LayerCheck.all(net, values: ["x": .distinct(spacing: 0.05)])
    }
  }

  @Test("over a volume is the mean or the largest of its cube, and over a line that of a plane of height 1")
  func volume() throws {
    let cube = Tensor.of([1, 1, 2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    let mean = try OneLayer("type: 'Pooling' pooling_param { pool: AVE kernel_size: 2 }", ["x": cube])
    #expect(try mean.forward() == [6, 7])
    #expect(mean.top("y")?.shape == [1, 1, 1, 1, 2])
    let largest = try OneLayer("type: 'Pooling' pooling_param { kernel_size: 2 }", ["x": cube], tops: ["y", "m"])
    #expect(try largest.forward() == [11, 12])
    #expect(largest.top("m")?.values == [10, 11])
    let line = try OneLayer(
      "type: 'Pooling' pooling_param { pool: AVE kernel_size: 2 stride: 2 }", ["x": .of([1, 1, 5], [1, 3, 5, 9, 4])])
    #expect(try line.forward() == [2, 7, 4])
  }

  @Test("of the largest passes NaN on")
  func notANumber() throws {
    let x = Tensor.of([1, 1, 1, 6], [1, .nan, .nan, .nan, 3, 2])
    let layer = try OneLayer("type: 'Pooling' pooling_param { kernel_h: 1 kernel_w: 2 stride_w: 2 }", ["x": x])
    let values = try layer.forward()
    #expect(values[0].isNaN && values[1].isNaN && values[2] == 3)
  }

  private static func drawing(_ phase: Phase, _ x: Tensor, seed: UInt64 = 3, threads: Int = 1) throws -> OneLayer {
    try OneLayer(
      "type: 'Pooling' pooling_param { pool: STOCHASTIC kernel_size: 2 stride: 2 }", ["x": x], phase: phase, seed: seed,
      threads: threads)
  }

  @Test("draws elements in proportion to their values, and gives each gradient to the one drawn")
  func drawn() throws {
    let windows = 20_000
    let x = Tensor.of([1, windows, 2, 2], (0..<windows * 4).map { [1, 2, 0, 5][$0 % 4] })
    let layer = try Self.drawing(.TRAIN, x)
    let values = try layer.forward()
    for (value, share) in [(1, 0.125), (2, 0.25), (5, 0.625)] as [(Float, Double)] {
      #expect(abs(Double(values.count { $0 == value }) / Double(windows) - share) < 0.01)
    }
    #expect(try Self.drawing(.TRAIN, x, threads: 3).forward() == values)
    #expect(try Self.drawing(.TRAIN, x, seed: 4).forward() != values)
    let gradient = try layer.backward(from: [Float](repeating: 1, count: windows))
    for window in 0..<100 {
      let place = try #require((0..<4).first { gradient[window * 4 + $0] == 1 })
      #expect(x.values[window * 4 + place] == values[window])
    }
    #expect(gradient.reduce(0, +) == Float(windows))
  }

  @Test("takes the expectation of what it would draw in testing, with its derivative")
  func expected() throws {
    let layer = try Self.drawing(.TEST, .of([1, 2, 2, 2], [1, 2, 0, 5, 0, 0, 0, 0]))
    #expect(try layer.forward() == [3.75, 0])
    let net = LayerCheck.net("type: 'Pooling' pooling_param { pool: STOCHASTIC kernel_size: 2 }", ["x": [2, 2, 4, 3]])
    try LayerCheck.all(net, phase: .TEST, values: ["x": .uniform(0.5...2)])
    #expect(
      OneLayer.mistake("type: 'Pooling' pooling_param { pool: STOCHASTIC kernel_size: 2 pad: 1 }", ["x": [1, 1, 4, 4]])?.contains(
        "pad goes with pool: MAX and AVE only") == true)
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
