import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Batches, image by image")
struct BatchTests {
  /// Three branches of convolutions that a Concat joins: by Winograd, of one pixel, of five by five.
  private static func text(_ batch: Int, outputs: [Int] = [32, 16, 48], after: String = "") -> String {
    let branches = zip(["kernel_size: 3 pad: 1", "kernel_size: 1", "kernel_size: 5 pad: 2"], outputs).enumerated().map {
      index, branch in
      """
      layer { name: 'b\(index)' type: 'Convolution' bottom: 'x' top: 'b\(index)'
        convolution_param { num_output: \(branch.1) \(branch.0) } }
      layer { name: 'r\(index)' type: 'ReLU' bottom: 'b\(index)' top: 'b\(index)' }
      """
    }
    return """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: \(batch) dim: 32 dim: 14 dim: 14 } } }
      \(branches.joined(separator: "\n"))
      layer { name: 'all' type: 'Concat' bottom: 'b0' bottom: 'b1' bottom: 'b2' top: 'all' }
      layer { name: 'end' type: 'Convolution' bottom: 'all' top: 'end' convolution_param { num_output: 16 kernel_size: 1 } }
      \(after)
      """
  }

  private static func check(_ net: SampleNet, threads: Int = 2, observing blobs: Set<String>? = []) throws -> ExecutionPlan {
    let plan = try net.plan(.inference, [try OneDNNBackend()], threads: threads, observing: blobs)
    let (fast, plain) = (try net.session(plan), try net.session(net.plan(.inference, [], observing: blobs)))
    for session in [fast, plain] { try session.forward() }
    #expect(Tolerance(absolute: 5e-4, relative: 1e-3).mismatches(fast.observedTops, plain.observedTops, "") == [])
    return plan
  }

  private static func copies(_ plan: ExecutionPlan) -> Bool { plan.steps.contains { $0.name == "all" && $0.kind == .forward } }

  @Test("write the inputs of a Concat where it would copy them", arguments: [1, 2, 4, 7])
  func concat(batch: Int) throws {
    let plan = try Self.check(try SampleNet(Self.text(batch)))
    #expect(!Self.copies(plan), "\(plan.steps.map(\.name))")
  }

  @Test("copy where threads would wait, channels fill no blocks, or a branch is no convolution")
  func copied() throws {
    let waiting = try Self.check(try SampleNet(Self.text(3)), threads: 2)
    #expect(Self.copies(waiting))
    #expect(Self.copies(try Self.check(try SampleNet(Self.text(4, outputs: [32, 20, 48])))))
    let net = Self.text(4).replacing("bottom: 'b0' bottom: 'b1'", with: "bottom: 'x' bottom: 'b1'")
    #expect(Self.copies(try Self.check(try SampleNet(net))))
  }

  @Test("can be looked at in the middle, and read by others than the Concat")
  func observed() throws {
    _ = try Self.check(try SampleNet(Self.text(4)), observing: nil)
    let more = """
      layer { name: 'p' type: 'Pooling' bottom: 'b1' top: 'p' pooling_param { kernel_size: 2 stride: 2 } }
      layer { name: 'c' type: 'Convolution' bottom: 'b2' top: 'c' convolution_param { num_output: 32 kernel_size: 3 } }
      layer { name: 'twice' type: 'Concat' bottom: 'b0' bottom: 'b1' top: 'twice' }
      """
    _ = try Self.check(try SampleNet(Self.text(4, after: more)), observing: nil)
    let plan = try Self.check(try SampleNet(Self.text(4, after: more)))
    #expect(!Self.copies(plan) && plan.steps.contains { $0.name == "twice" && $0.kind == .forward })
  }

  @Test("give the same bits for any number of threads", arguments: [3, 4])
  func threads(batch: Int) throws {
    let net = try SampleNet(Self.text(batch))
    let results = try net.tops(OneDNNBackend(), threads: [1, 2, 3, 4])
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test("give the same bits for any number of threads, whatever the convolution", arguments: [3, 4])
  func kinds(batch: Int) throws {
    let kinds = [
      (3, "num_output: 32 kernel_size: 7 stride: 2"), (32, "num_output: 64 kernel_size: 3 stride: 2"),
      (64, "num_output: 32 kernel_size: 5 group: 2 pad: 2"), (512, "num_output: 128 kernel_size: 1"),
      (64, "num_output: 64 kernel_size: 3 group: 64 pad: 1"), (256, "num_output: 64 kernel_size: 1 stride: 2"),
    ]
    for (channels, layer) in kinds {
      let text = LayerCheck.net("type: 'Convolution' convolution_param { \(layer) }", ["x": [batch, channels, 15, 15]])
      let net = try SampleNet(text)
      let results = try net.tops(OneDNNBackend(), threads: [1, 2, 3, 4, 7])
      #expect(results.allSatisfy { $0 == results[0] }, "\(channels) channels, \(layer)")
    }
  }
}
