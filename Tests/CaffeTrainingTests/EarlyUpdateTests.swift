import CaffeCore
import CaffeFormat
import CaffeHDF5
import CaffeTraining
import Foundation
import Testing

@Suite("Weights that are updated while backward goes on")
struct EarlyUpdateTests {
  /// Two layers with the same weights in the middle, and a pooling behind a ReLU.
  private static let net = """
    name: 'twins'
    layer {
      name: 'data' type: 'DummyData' top: 'x' top: 'label'
      dummy_data_param {
        shape { dim: 6 dim: 4 dim: 8 dim: 8 } shape { dim: 6 } data_filler { type: 'FILLER' value: 0.5 } data_filler { value: 1 }
      }
    }
    layer { name: 'conv' type: 'Convolution' bottom: 'x' top: 'a'
      convolution_param { num_output: 16 kernel_size: 3 weight_filler { type: 'xavier' } } }
    layer { name: 'relu' type: 'ReLU' bottom: 'a' top: 'a' }
    layer { name: 'pool' type: 'Pooling' bottom: 'a' top: 'b' pooling_param { kernel_size: 2 stride: 2 } }
    layer { name: 'one' type: 'Convolution' bottom: 'b' top: 'c' param { name: 'w' } param { name: 'v' }
      convolution_param { num_output: 16 kernel_size: 3 pad: 1 weight_filler { type: 'xavier' } } }
    layer { name: 'wide' type: 'Convolution' bottom: 'c' top: 'd'
      convolution_param { num_output: 16 kernel_size: 1 weight_filler { type: 'xavier' } } }
    layer { name: 'two' type: 'Convolution' bottom: 'd' top: 'e' param { name: 'w' } param { name: 'v' }
      convolution_param { num_output: 16 kernel_size: 3 pad: 1 weight_filler { type: 'xavier' } } }
    layer { name: 'fc' type: 'InnerProduct' bottom: 'e' top: 'fc'
      inner_product_param { num_output: 40 weight_filler { type: 'xavier' } } }
    layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'fc' bottom: 'label' top: 'loss' }

    """

  /// What four iterations leave.
  private struct End {
    let sharesMemory: Bool
    let weights: Data
    /// The solver's memory.
    let history: [[Float]]
    /// The log without times and paths.
    let lines: [String]

    init(_ settings: String) throws {
      let training = try SmallTraining()
      let solver = try training.solver("max_iter: 4 display: 1 weight_decay: 0.01 \(settings)", net: net)
      try solver.solve()
      sharesMemory = solver.net.session.plan.sharesGradientMemory
      weights = try training.bytes("small_iter_4.caffemodel")
      history = try SolverState.load(path: training.folder.file("small_iter_4.solverstate")).history.map(\.data.floats)
      lines = training.lines.filter { !$0.contains("iter/s") && !$0.contains("Snapshotting") }
    }
  }

  @Test(
    "become what they are when all gradients are kept",
    arguments: [
      "momentum: 0.9", "type: 'Nesterov' momentum: 0.9", "type: 'AdaGrad'", "type: 'RMSProp' rms_decay: 0.9",
      "type: 'AdaDelta' momentum: 0.9", "type: 'Adam' momentum: 0.9", "type: 'AdamW' momentum: 0.9",
      "momentum: 0.9 lr_policy: 'plateau' plateau_winsize: 1 gamma: 0.5",
    ])
  func same(settings: String) throws {
    let early = try End(settings)
    // A limit that no gradient reaches changes nothing, but the solver has to see all of them.
    let kept = try End(settings + " clip_gradients: 1e9")
    #expect(early.sharesMemory && !kept.sharesMemory)
    #expect(early.weights == kept.weights)
    #expect(early.history.joined().contains { $0 != 0 } && early.history == kept.history)
    #expect(early.lines == kept.lines)
  }

  @Test("need no memory for all gradients at once")
  func memory() throws {
    let solver = try SmallTraining().solver("max_iter: 1 momentum: 0.9", net: Self.net)
    let plan = solver.net.session.plan
    let all = plan.residents.filter(\.hasDiff).reduce(0) { $0 + $1.byteCount }
    let largest = plan.residents.filter(\.hasDiff).map(\.byteCount).max() ?? 0
    #expect(plan.gradientBytes >= largest && plan.gradientBytes < all - 4096, "\(plan.gradientBytes) of \(all)")
  }

  @Test(
    "are not updated so by solvers that look at all gradients, or add up passes",
    arguments: ["clip_gradients: 1", "iter_size: 2", "debug_info: true"])
  func kept(settings: String) throws {
    let training = try SmallTraining()
    let solver = try training.solver("max_iter: 1 \(settings)", net: Self.net)
    #expect(!solver.net.session.plan.sharesGradientMemory)
    try solver.solve()
    #expect(training.lines.last == "Optimization Done.")
  }
}
