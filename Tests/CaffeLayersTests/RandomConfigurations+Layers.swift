import CaffeCore
import CaffeTesting

extension ConfigurationSource {
  static let all = elements + losses + shapes + linear + normalisation + recurrent + forks

  // MARK: Functions of elements

  private static func simple(_ type: String, kinks: [Float] = [], values: SampleValues = .uniform(-2...2)) -> ConfigurationSource
  {
    ConfigurationSource(type) { draw in
      Configuration("type: '\(type)'", draw.shape(1...5)).with {
        $0.kinks = kinks
        $0.values = ["x": values]
      }
    }
  }

  private static let elements: [ConfigurationSource] = [
    simple("AbsVal", kinks: [0]), simple("BNLL"), simple("TanH"), simple("Sigmoid"),
    ConfigurationSource("ReLU") { draw in
      Configuration("type: 'ReLU' relu_param { negative_slope: \(draw.number(-50...80)) }", draw.shape(1...5)).with {
        $0.kinks = [0]
      }
    },
    ConfigurationSource("PReLU") { draw in
      Configuration("type: 'PReLU' prelu_param { channel_shared: \(draw.flag()) }", draw.shape(2...5)).with { $0.kinks = [0] }
    },
    ConfigurationSource("ELU") { draw in
      Configuration("type: 'ELU' elu_param { alpha: \(draw.number(-50...150)) }", draw.shape(1...5)).with { $0.kinks = [0] }
    },
    ConfigurationSource("Swish") { draw in
      Configuration("type: 'Swish' swish_param { beta: \(draw.number(-150...200)) }", draw.shape(1...5))
    },
    ConfigurationSource("Clip") { draw in
      let (low, high) = (draw.number(-150...0), draw.number(1...150))
      return Configuration("type: 'Clip' clip_param { min: \(low) max: \(high) }", draw.shape(1...5)).with {
        $0.kinks = [low, high]
      }
    },
    ConfigurationSource("Power") { draw in
      let power = draw.one([-1, -0.5, 0.5, 1, 2, 3, 1.3] as [Float])
      return Configuration(
        "type: 'Power' power_param { power: \(power) scale: \(draw.number(20...150)) shift: \(draw.number(50...150)) }",
        draw.shape(1...5)
      ).with { $0.values = ["x": .uniform(0.5...2)] }
    },
    ConfigurationSource("Exp") { draw in
      let base = draw.one(["", "base: 2 ", "base: 0.7 "])
      return Configuration(
        "type: 'Exp' exp_param { \(base)scale: \(draw.number(-80...80)) shift: \(draw.number(-50...50)) }", draw.shape(1...5))
    },
    ConfigurationSource("Log") { draw in
      let base = draw.one(["", "base: 2 ", "base: 10 "])
      return Configuration(
        "type: 'Log' log_param { \(base)scale: \(draw.number(50...150)) shift: \(draw.number(50...150)) }", draw.shape(1...5)
      ).with { $0.values = ["x": .uniform(0.5...2)] }
    },
    ConfigurationSource("Threshold") { draw in
      Configuration("type: 'Threshold' threshold_param { threshold: \(draw.number(-50...50)) }", draw.shape(1...5))
    },
    ConfigurationSource("Dropout") { draw in
      Configuration("type: 'Dropout' dropout_param { dropout_ratio: \(draw.number(5...95)) }", draw.shape(1...5)).with {
        $0.phase = ["TRAIN", "TEST"][draw.pick(0...1)]
      }
    },
    ConfigurationSource("Eltwise") { draw in
      let (count, shape) = (draw.pick(2...4), draw.shape(1...4, limit: 16))
      let operation = draw.one(["SUM", "PROD", "MAX"])
      let coefficients =
        operation == "SUM" && draw.flag() ? (0..<count).map { _ in "coeff: \(draw.number(-200...200)) " }.joined() : ""
      let stable = operation == "PROD" ? "stable_prod_grad: \(draw.flag())" : ""
      let names = ["a", "b", "c", "d"].prefix(count)
      return Configuration(
        "type: 'Eltwise' eltwise_param { operation: \(operation) \(coefficients)\(stable) }", names.map { ($0, shape) }
      ).with {
        for (index, name) in names.enumerated() {
          // Far enough apart that a step of the check changes no winner, and away from 0, by which PROD may divide.
          $0.values[name] = .uniform(Float(index) * 0.4 + 0.2...Float(index) * 0.4 + 0.5)
        }
      }
    },
  ]

  // MARK: Losses

  private static func normalization(_ draw: inout Draw) -> String {
    let mode = draw.one([
      "", "normalization: VALID", "normalization: FULL", "normalization: BATCH_SIZE", "normalization: NONE", "normalize: false",
    ])
    return "loss_param { \(mode) \(draw.maybe("ignore_label: \(draw.pick(0...2))")) }"
  }

  private static let losses: [ConfigurationSource] = [
    ConfigurationSource("Softmax") { draw in
      let shape = draw.shape(1...4)
      return Configuration("type: 'Softmax' softmax_param { axis: \(draw.axis(shape)) }", shape)
    },
    ConfigurationSource("SoftmaxWithLoss") { draw in
      let shape = draw.shape(2...4)
      let axis = draw.pick(0...shape.rank - 1)
      let labels = Shape(shape.dims.enumerated().filter { $0.offset != axis }.map(\.element))
      return Configuration(
        "type: 'SoftmaxWithLoss' softmax_param { axis: \(axis) } \(normalization(&draw))", [("x", shape), ("label", labels)]
      ).with { $0.values = ["label": .labels(below: shape[axis])] }
    },
    ConfigurationSource("SigmoidCrossEntropyLoss") { draw in
      let shape = draw.shape(1...4)
      return Configuration("type: 'SigmoidCrossEntropyLoss' \(normalization(&draw))", [("x", shape), ("target", shape)]).with {
        $0.values = ["target": draw.flag() ? .labels(below: 2) : .uniform(0...1)]
      }
    },
    ConfigurationSource("EuclideanLoss") { draw in
      let shape = draw.shape(1...4, limit: 24)
      return Configuration("type: 'EuclideanLoss'", [("a", shape), ("b", shape)])
    },
    ConfigurationSource("HingeLoss") { draw in
      let shape = draw.shape(2...2)
      return Configuration(
        "type: 'HingeLoss' hinge_loss_param { norm: \(draw.one(["L1", "L2"])) }", [("x", shape), ("label", [shape[0]])]
      ).with {
        $0.values = ["label": .labels(below: shape[1])]
        $0.kinks = [-1, 1]
      }
    },
    ConfigurationSource("ContrastiveLoss") { draw in
      let shape = draw.shape(2...2, limit: 20)
      return Configuration(
        "type: 'ContrastiveLoss' contrastive_loss_param { margin: \(draw.number(300...900)) legacy_version: \(draw.flag()) }",
        [("a", shape), ("b", shape), ("alike", [shape[0]])]
      ).with { $0.values = ["alike": .labels(below: 2), "a": .uniform(0...0.5), "b": .uniform(0.8...1.4)] }
    },
    ConfigurationSource("MultinomialLogisticLoss") { draw in
      let shape = draw.shape(2...2)
      return Configuration("type: 'MultinomialLogisticLoss'", [("x", shape), ("label", [shape[0]])]).with {
        $0.values = ["x": .uniform(0.3...1), "label": .labels(below: shape[1])]
      }
    },
    ConfigurationSource("InfogainLoss") { draw in
      let shape = draw.shape(2...4)
      let axis = draw.pick(1...shape.rank - 1)
      let labels = Shape(shape.dims.enumerated().filter { $0.offset != axis }.map(\.element))
      return Configuration(
        "type: 'InfogainLoss' infogain_loss_param { axis: \(axis) } \(normalization(&draw))",
        [("x", shape), ("label", labels), ("gain", [1, 1, shape[axis], shape[axis]])]
      ).with { $0.values = ["label": .labels(below: shape[axis]), "gain": .uniform(0.1...1)] }
    },
    ConfigurationSource("Accuracy") { draw in
      let shape = draw.shape(2...4)
      let axis = draw.pick(1...shape.rank - 1)
      let labels = Shape(shape.dims.enumerated().filter { $0.offset != axis }.map(\.element))
      return Configuration(
        "type: 'Accuracy' accuracy_param { axis: \(axis) top_k: \(draw.pick(1...shape[axis])) \(draw.maybe("ignore_label: 1")) }",
        [("x", shape), ("label", labels)]
      ).with {
        $0.values = ["label": .labels(below: shape[axis])]
        if draw.flag() { $0.tops = ["y", "classes"] }
      }
    },
    ConfigurationSource("ArgMax") { draw in
      let shape = draw.shape(1...4)
      let axis = draw.axis(shape)
      let extent = shape[axis < 0 ? axis + shape.rank : axis]
      let within = draw.flag() ? "axis: \(axis) top_k: \(draw.pick(1...extent))" : ""
      return Configuration("type: 'ArgMax' argmax_param { out_max_val: \(draw.flag()) \(within) }", shape)
    },
  ]

  // MARK: Shapes

  private static let shapes: [ConfigurationSource] = [
    ConfigurationSource("Concat") { draw in
      let shape = draw.shape(1...4, limit: 16)
      let axis = draw.pick(0...shape.rank - 1)
      let bottoms = ["a", "b", "c"].prefix(draw.pick(1...3)).map {
        (name: $0, shape: shape.replacing(axis: axis, with: draw.pick(1...4)))
      }
      return Configuration("type: 'Concat' concat_param { axis: \(draw.flag() ? axis : axis - shape.rank) }", bottoms)
    },
    ConfigurationSource("Slice") { draw in
      let rest = draw.shape(1...3, limit: 12)
      let axis = draw.pick(0...rest.rank - 1)
      let first = draw.pick(1...3)
      let second = first + draw.pick(1...3)
      let shape = rest.replacing(axis: axis, with: second + draw.pick(1...3))
      return Configuration("type: 'Slice' slice_param { axis: \(axis) slice_point: \(first) slice_point: \(second) }", shape).with
      {
        $0.tops = ["p", "q", "r"]
      }
    },
    ConfigurationSource("Crop") { draw in
      let small = draw.shape(2...4, limit: 12)
      let axis = draw.pick(0...small.rank - 1)
      let offsets = (axis..<small.rank).map { _ in draw.pick(0...2) }
      let large = Shape(small.dims.enumerated().map { $0 < axis ? $1 : $1 + offsets[$0 - axis] })
      let text = offsets.map { "offset: \($0)" }.joined(separator: " ")
      return Configuration("type: 'Crop' crop_param { axis: \(axis) \(text) }", [("x", large), ("size", small)])
    },
    ConfigurationSource("Flatten") { draw in
      let shape = draw.shape(2...5)
      let first = draw.pick(0...shape.rank - 1)
      return Configuration(
        "type: 'Flatten' flatten_param { axis: \(first) end_axis: \(draw.pick(first...shape.rank - 1)) }", shape)
    },
    ConfigurationSource("Reshape") { draw in
      let shape = draw.shape(2...4)
      let dims = draw.one(["dim: 0 dim: -1", "dim: -1", "dim: 0 dim: 0 dim: -1", "dim: 1 dim: -1", "dim: 0 dim: 1 dim: -1"])
      return Configuration(
        "type: 'Reshape' reshape_param { shape { \(dims) } \(draw.maybe("axis: \(draw.pick(0...1))")) }", shape)
    },
    ConfigurationSource("Tile") { draw in
      let shape = draw.shape(1...4, limit: 24)
      return Configuration("type: 'Tile' tile_param { axis: \(draw.axis(shape)) tiles: \(draw.pick(1...4)) }", shape)
    },
    ConfigurationSource("Reduction") { draw in
      let shape = draw.shape(1...4)
      let operation = draw.one(["SUM", "ASUM", "SUMSQ", "MEAN"])
      return Configuration(
        "type: 'Reduction' reduction_param { operation: \(operation) axis: \(draw.axis(shape)) coeff: \(draw.number(-150...150)) }",
        shape
      ).with { $0.kinks = operation == "ASUM" ? [0] : [] }
    },
    ConfigurationSource("BatchReindex") { draw in
      let shape = draw.shape(1...4)
      return Configuration("type: 'BatchReindex'", [("x", shape), ("items", [draw.pick(1...6)])]).with {
        $0.values = ["items": .labels(below: shape[0])]
      }
    },
    ConfigurationSource("Filter") { draw in
      let shape = draw.shape(1...4)
      return Configuration("type: 'Filter'", [("x", shape), ("keep", [shape[0]])]).with {
        $0.values = ["keep": .labels(below: 2)]
      }
    },
    ConfigurationSource("Silence") { draw in Configuration("type: 'Silence'", draw.shape(1...4)).with { $0.tops = [] } },
    ConfigurationSource("Split") { draw in Configuration("type: 'Split'", draw.shape(1...4)).with { $0.tops = ["p", "q"] } },
  ]
}
