import CaffeCore
import CaffeTesting

extension ConfigurationSource {
  /// Layers that Caffe 1.0 does not have.
  static let forks: [ConfigurationSource] = [
    ConfigurationSource("ReLU6") { draw in
      Configuration("type: 'ReLU6'", draw.shape(1...4)).with {
        $0.kinks = [0, 6]
        $0.values = ["x": .uniform(-3...9)]
      }
    },
    ConfigurationSource("Mish") { draw in Configuration("type: 'Mish'", draw.shape(1...4)) },
    ConfigurationSource("Axpy") { draw in
      let shape = draw.shape(4...4, limit: 24)
      return Configuration("type: 'Axpy'", [("a", [shape[0], shape[1], 1, 1]), ("x", shape), ("b", shape)])
    },
    ConfigurationSource("Permute") { draw in
      let shape = draw.shape(2...4)
      var axes = Array(0..<shape.rank)
      for index in axes.indices.dropFirst() { axes.swapAt(index, draw.pick(0...index)) }
      let order = axes.prefix(draw.pick(1...shape.rank)).map { "order: \($0)" }.joined(separator: " ")
      return Configuration("type: 'Permute' permute_param { \(order) }", shape)
    },
    ConfigurationSource("Normalize") { draw in
      Configuration(
        "type: 'Normalize' norm_param { across_spatial: \(draw.flag()) channel_shared: \(draw.flag()) "
          + "scale_filler { value: \(draw.number(50...300)) } }", draw.shape(4...4, limit: 36)
      ).with { $0.values = ["x": .uniform(0.3...2)] }
    },
    ConfigurationSource("ShuffleChannel") { draw in
      let group = draw.pick(1...3)
      return Configuration(
        "type: 'ShuffleChannel' shuffle_channel_param { group: \(group) }",
        [draw.pick(1...2), group * draw.pick(1...3), 2, draw.pick(1...3)])
    },
    ConfigurationSource("Reorg") { draw in
      let stride = draw.pick(1...2)
      let isReverse = draw.flag()
      let channels = stride * stride * draw.pick(1...2)
      return Configuration(
        "type: 'Reorg' reorg_param { stride: \(stride) reverse: \(isReverse) }",
        [draw.pick(1...2), channels, stride * draw.pick(1...2), stride * draw.pick(1...2)])
    },
    ConfigurationSource("Upsample") { draw in
      Configuration(
        "type: 'Upsample' upsample_param { scale: \(draw.pick(1...3)) }",
        [draw.pick(1...2), draw.pick(1...3), draw.pick(1...3), draw.pick(1...3)])
    },
    ConfigurationSource("Interp") { draw in
      let size = draw.one([
        "height: \(draw.pick(1...7)) width: \(draw.pick(1...7))", "zoom_factor: \(draw.pick(1...3))",
        "shrink_factor: \(draw.pick(1...2))",
      ])
      return Configuration(
        "type: 'Interp' interp_param { \(size) }", [draw.pick(1...2), draw.pick(1...2), draw.pick(1...4), draw.pick(1...4)])
    },
    ConfigurationSource("SmoothL1Loss") { draw in
      let shape = draw.shape(1...4, limit: 12)
      var bottoms = [(name: "a", shape: shape), (name: "b", shape: shape)]
      if draw.flag() { bottoms += [(name: "inside", shape: shape), (name: "outside", shape: shape)] }
      return Configuration("type: 'SmoothL1Loss' smooth_l1_loss_param { sigma: \(draw.number(50...300)) }", bottoms).with {
        $0.values = ["inside": .labels(below: 2), "outside": .uniform(0.2...1)]
      }
    },
    ConfigurationSource("ConvolutionDepthwise") { draw in
      let (channels, kernel) = (draw.pick(1...3), draw.pick(1...3))
      return Configuration(
        "type: 'ConvolutionDepthwise' convolution_param { num_output: \(channels) kernel_size: \(kernel) pad: \(draw.pick(0...1)) "
          + "stride: \(draw.pick(1...2)) bias_term: \(draw.flag()) }",
        [draw.pick(1...2), channels, kernel + draw.pick(0...2), kernel + 1])
    },
    ConfigurationSource("BN") { draw in
      Configuration(
        "type: 'BN' bn_param { slope_filler { value: 1.5 } bias_filler { value: 0.1 } frozen: \(draw.flag()) }",
        [draw.pick(4...6), draw.pick(1...3), 2, 2])
    },
    ConfigurationSource("ROIPooling") { draw in
      Configuration(
        "type: 'ROIPooling' roi_pooling_param { pooled_h: \(draw.pick(1...2)) pooled_w: \(draw.pick(1...2)) spatial_scale: \(draw.one([0.5, 1])) }",
        [("x", [1, draw.pick(1...2), 4, 5]), ("rois", [draw.pick(1...3), 5])]
      ).with { $0.values = ["x": .distinct(spacing: 0.05), "rois": .uniform(0...0.9)] }
    },
  ]
}
