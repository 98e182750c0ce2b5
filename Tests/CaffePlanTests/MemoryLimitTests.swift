import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("The memory that a plan may take")
struct MemoryLimitTests {
  private static let net = LayerCheck.net(
    "type: 'Convolution' convolution_param { num_output: 64 kernel_size: 3 pad: 1 }", ["x": [1, 64, 32, 32]])

  private static func plan(limit: Int?, without passes: Set<String> = []) throws -> ExecutionPlan {
    let net = try SampleNet(net)
    return try Planner.plan(
      Program(net.graph, purpose: .inference), backends: [try OneDNNBackend()],
      options: PlanOptions(threads: 1, withoutPasses: passes, memoryLimit: limit))
  }

  @Test("decides whether filters are kept transformed")
  func winograd() throws {
    let free = try Self.plan(limit: nil)
    #expect(try Self.plan(limit: free.byteCount).byteCount == free.byteCount)
    let plain = try Self.plan(limit: nil, without: [Passes.winograd])
    let bound = try Self.plan(limit: plain.byteCount)
    #expect(bound.byteCount == plain.byteCount)
    #expect(!bound.steps.contains { $0.kernel.implementation.hasPrefix("winograd") })
  }

  @Test("is an error that says both sizes where the net does not fit")
  func tooSmall() throws {
    let error = #expect(throws: PlanError.self) { try Self.plan(limit: 100_000) }
    let text = try #require(error).description
    #expect(text.hasPrefix("the net needs ") && text.hasSuffix("use a smaller batch or input, or allow more"), "\(text)")
    #expect(text.contains("and 1 MB are allowed"))
  }
}
