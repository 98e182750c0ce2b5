import Caffe
import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Dispatch
import Synchronization
import Testing

@Suite("Sessions")
struct SessionTests {
  private static func net() throws -> Net {
    let folder = Checkout().path + "/models/lenet"
    return try Net(prototxt: "\(folder)/deploy.prototxt", weights: "\(folder)/lenet.caffemodel")
  }

  private static func images(_ draw: Int, count: Int = 2) -> Tensor {
    SampleValues.uniform(0...1).tensor([count, 1, 28, 28], RandomStream(seed: UInt64(draw), path: 0))
  }

  @Test("on several threads at once give what they give one after the other")
  func concurrent() throws {
    let net = try Self.net()
    let alone = try (0..<24).map { try net.forward(["data": Self.images($0)]) }
    let together = Mutex<[Int: [String: Tensor]]>([:])
    DispatchQueue.concurrentPerform(iterations: 24) { index in
      let result = try? net.forward(["data": Self.images(index)])
      together.withLock { $0[index] = result }
    }
    let results = together.withLock { $0 }
    for index in alone.indices { #expect(results[index] == alone[index], "input \(index)") }
    #expect(Set(alone.map { $0["prob"]?.values ?? [] }).count == 24)
  }

  @Test("plan anew for inputs of another shape")
  func reshaped() throws {
    let net = try Self.net()
    let three = Self.images(1, count: 3)
    let whole = try #require(try net.forward(["data": three])["prob"])
    #expect(whole.shape == [3, 10])
    for row in 0..<3 {
      let image = try Tensor([1, 1, 28, 28], values: Array(three.values[row * 784..<(row + 1) * 784]))
      let one = try #require(try net.forward(["data": image])["prob"])
      let expected = try Tensor([1, 10], values: Array(whole.values[row * 10..<(row + 1) * 10]))
      #expect(Tolerance(absolute: 1e-6, relative: 1e-5).mismatch(one, expected) == nil)
    }
  }

  @Test("refuse inputs they do not have, lack, or cannot take")
  func inputs() throws {
    let net = try Self.net()
    #expect(throws: RunError.self) { try net.forward([:]) }
    #expect(throws: RunError.self) { try net.forward(["data": Self.images(0), "image": Self.images(0)]) }
    #expect(throws: (any Error).self) { try net.forward(["data": Tensor([1, 1, 3, 3])]) }
  }

  @Test("of a net that is larger than any machine end in an error")
  func outOfMemory() throws {
    let input = "layer { name: 'in' type: 'Input' top: 'b0' input_param { shape { dim: 2000 dim: 1000000 } } }\n"
    let sigmoids = (0..<4000).map { "layer { name: 's\($0)' type: 'Sigmoid' bottom: 'b\($0)' top: 'b\($0 + 1)' }\n" }.joined()
    let definition = try Stage.graph(input + sigmoids)
    let plan = try Planner.plan(Program(definition, purpose: .inference, observing: nil), backends: [])
    let weights = try ResidentWeights(plan) { _, _ in }
    let error = #expect(throws: OutOfMemory.self) { try Session(weights) }
    #expect((error?.needed ?? 0) > 4000 * 8_000_000_000)
    #expect(error?.description.contains("use a smaller batch or input") == true)
  }

  @Test("with more weights than any machine holds end in an error")
  func tooManyWeights() throws {
    let input = "layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: 1 dim: 40000 } } }\n"
    let products = (0..<1000).map {
      "layer { name: 'p\($0)' type: 'InnerProduct' bottom: 'x' top: 'y\($0)' inner_product_param { num_output: 50000 } }\n"
    }
    let plan = try Planner.plan(Program(Stage.graph(input + products.joined()), purpose: .inference), backends: [])
    #expect(throws: OutOfMemory.self) { try ResidentWeights(plan) { _, _ in } }
  }
}
