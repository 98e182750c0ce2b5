import CaffeCore
import CaffeTesting

extension ConfigurationSource {
  /// `kernel_size`, `stride`, `pad` and `dilation` over some axes, each once for all or once an axis, and extents with room for
  /// them.
  private static func window(_ axes: Int, _ draw: inout Draw) -> (text: String, extents: [Int]) {
    let kernel = (0..<axes).map { _ in draw.pick(1...3) }
    let isEven = draw.flag()
    func field(_ name: String, _ values: [Int]) -> String {
      isEven ? "\(name): \(values[0]) " : values.map { "\(name): \($0) " }.joined()
    }
    let used = isEven ? [Int](repeating: kernel[0], count: axes) : kernel
    let dilation = draw.pick(1...2)
    let pad = used.map { $0 > 1 ? draw.pick(0...1) : 0 }
    let text =
      field("kernel_size", kernel) + field("stride", (0..<axes).map { _ in draw.pick(1...2) }) + field("pad", pad)
      + "dilation: \(dilation)"
    return (text, used.map { ($0 - 1) * dilation + 1 + draw.pick(0...2) })
  }

  private static func convolution(_ type: String) -> ConfigurationSource {
    ConfigurationSource(type) { draw in
      let axes = draw.one([1, 2, 2, 2, 3])
      let (window, extents) = window(axes, &draw)
      let group = draw.one([1, 1, 2])
      let sizes = "num_output: \(group * draw.pick(1...3)) group: \(group) bias_term: \(draw.flag())"
      return Configuration(
        "type: '\(type)' convolution_param { \(sizes) \(window) }", Shape([draw.pick(1...2), group * draw.pick(1...2)] + extents))
    }
  }

  static let linear: [ConfigurationSource] = [
    convolution("Convolution"), convolution("Deconvolution"),
    ConfigurationSource("Im2col") { draw in
      let (window, extents) = window(draw.pick(1...3), &draw)
      return Configuration(
        "type: 'Im2col' convolution_param { \(window) }", Shape([draw.pick(1...2), draw.pick(1...2)] + extents))
    },
    ConfigurationSource("InnerProduct") { draw in
      let shape = draw.shape(2...4)
      let options = "axis: \(draw.axis(shape, from: 1)) transpose: \(draw.flag()) bias_term: \(draw.flag())"
      return Configuration("type: 'InnerProduct' inner_product_param { num_output: \(draw.pick(1...6)) \(options) }", shape)
    },
    ConfigurationSource("Embed") { draw in
      Configuration(
        "type: 'Embed' embed_param { input_dim: 5 num_output: \(draw.pick(1...4)) bias_term: \(draw.flag()) }",
        draw.shape(1...3, limit: 12)
      ).with { $0.values = ["x": .labels(below: 5)] }
    },
    ConfigurationSource("Pooling") { draw in
      let axes = draw.one([1, 2, 2, 2, 3])
      let method = draw.one(["MAX", "AVE", "STOCHASTIC"])
      let kernel = draw.pick(1...3)
      let pad = method != "STOCHASTIC" && kernel > 1 ? draw.pick(0...1) : 0
      let round = draw.one(["", "round_mode: FLOOR", "ceil_mode: false"])
      let window =
        draw.pick(0...4) == 0
        ? "global_pooling: true" : "kernel_size: \(kernel) stride: \(draw.pick(1...kernel)) pad: \(pad) \(round)"
      let extents = (0..<axes).map { _ in kernel + draw.pick(0...2) }
      return Configuration(
        "type: 'Pooling' pooling_param { pool: \(method) \(window) }", Shape([draw.pick(1...2), draw.pick(1...2)] + extents)
      ).with {
        $0.values = ["x": method == "MAX" ? .distinct(spacing: 0.05) : .uniform(0.4...2)]
        if method == "STOCHASTIC" { $0.phase = "TEST" }
        if method == "MAX", draw.flag() { $0.tops = ["y", "mask"] }
      }
    },
    ConfigurationSource("SPP") { draw in
      let method = draw.one(["MAX", "AVE"])
      return Configuration(
        "type: 'SPP' spp_param { pyramid_height: \(draw.pick(1...2)) pool: \(method) }",
        [draw.pick(1...2), draw.pick(1...2), draw.pick(3...5), draw.pick(3...5)]
      ).with { $0.values = ["x": .distinct(spacing: 0.05)] }
    },
  ]

  static let normalisation: [ConfigurationSource] = [
    ConfigurationSource("LRN") { draw in
      let region = draw.one(["ACROSS_CHANNELS", "WITHIN_CHANNEL"])
      let numbers = "local_size: \(draw.one([1, 3, 5])) alpha: \(draw.number(10...150)) beta: 0.75 k: \(draw.number(100...200))"
      return Configuration("type: 'LRN' lrn_param { norm_region: \(region) \(numbers) }", draw.shape(4...4))
    },
    ConfigurationSource("MVN") { draw in
      Configuration(
        "type: 'MVN' mvn_param { normalize_variance: \(draw.flag()) across_channels: \(draw.flag()) eps: 0.0001 }",
        [draw.pick(1...3), draw.pick(1...2), draw.pick(2...3), draw.pick(2...3)])
    },
    ConfigurationSource("BatchNorm") { draw in
      let statistics = draw.one(["", "use_global_stats: true", "use_global_stats: false"])
      return Configuration(
        "type: 'BatchNorm' batch_norm_param { \(statistics) eps: \(draw.one(["0.00001", "0.01"])) }",
        Shape([draw.pick(4...6), draw.pick(1...3)] + (draw.flag() ? [2, 2] : [])))
    },
    ConfigurationSource("Scale") { draw in
      let shape = draw.shape(1...4, limit: 24)
      let axis = draw.pick(0...shape.rank - 1)
      let count = draw.one([-1, 0, draw.pick(1...shape.rank - axis)])
      let options = "axis: \(axis) bias_term: \(draw.flag())"
      guard draw.flag() else { return Configuration("type: 'Scale' scale_param { \(options) num_axes: \(count) }", shape) }
      let end = count < 0 ? shape.rank : axis + max(1, count)
      return Configuration(
        "type: 'Scale' scale_param { \(options) }", [("x", shape), ("factors", Shape(Array(shape.dims[axis..<end])))])
    },
    ConfigurationSource("Bias") { draw in
      let shape = draw.shape(1...4, limit: 24)
      let axis = draw.pick(0...shape.rank - 1)
      let count = draw.one([-1, 0, draw.pick(1...shape.rank - axis)])
      return Configuration("type: 'Bias' bias_param { axis: \(axis) num_axes: \(count) }", shape)
    },
  ]

  // MARK: Recurrent

  private static func sequence(_ type: String) -> ConfigurationSource {
    ConfigurationSource(type) { draw in
      let (steps, streams) = (draw.pick(1...4), draw.pick(1...2))
      var bottoms: [(name: String, shape: Shape)] = [
        ("x", Shape([steps, streams, draw.pick(1...3)])), ("cont", [steps, streams]),
      ]
      if draw.flag() { bottoms.append(("still", [streams, draw.pick(1...2)])) }
      let filler = "weight_filler { type: 'uniform' min: -0.5 max: 0.5 } bias_filler { type: 'uniform' min: -0.2 max: 0.2 }"
      return Configuration("type: '\(type)' recurrent_param { num_output: \(draw.pick(1...3)) \(filler) }", bottoms).with {
        $0.values = ["cont": .labels(below: 2), "x": .uniform(-1...1)]
      }
    }
  }

  static let recurrent = [sequence("LSTM"), sequence("RNN")]
}
