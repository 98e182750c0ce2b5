import Caffe
import CaffeCore
import CaffeGraph
import CaffePlan
import CaffeTesting
import Dispatch
import Foundation
import Synchronization
import Testing

@Suite("What a layer keeps from pass to pass")
struct LayerStateTests {
  /// An LSTM whose sequence never begins anew, with layers around it that need memory of their own.
  private static let text = """
    layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: [2, 3, 40] } } }
    layer { name: 'ones' type: 'Input' top: 'cont' input_param { shape { dim: [2, 3] } } }
    layer { name: 'before' type: 'TanH' bottom: 'x' top: 'a' }
    layer { name: 'lstm' type: 'LSTM' bottom: 'a' bottom: 'cont' top: 'h' recurrent_param { num_output: 40 weight_filler { type: 'xavier' } } }
    layer { name: 'after' type: 'TanH' bottom: 'h' top: 'b' }
    layer { name: 'last' type: 'InnerProduct' bottom: 'b' top: 'y' inner_product_param { num_output: 4 weight_filler { type: 'xavier' } } }
    """

  private static func session(_ net: SampleNet, _ weights: ResidentWeights) throws -> Session {
    let session = try Session(weights, seed: 1)
    try net.fill(session, values: ["cont": .uniform(1...1)])
    return session
  }

  private static func outputs(_ session: Session, passes: Int) throws -> [[Float]] {
    try (0..<passes).map { _ in
      try session.forward()
      return session.output("y")?.values ?? []
    }
  }

  @Test("lies under nothing else, whether buffers share memory or not", arguments: [Purpose.inference, .training])
  func memory(purpose: Purpose) throws {
    let net = try SampleNet(Self.text)
    let shared = try Self.outputs(try Self.session(net, net.weights(net.plan(purpose, []))), passes: 3)
    let apart = try Self.outputs(
      try Self.session(net, net.weights(net.plan(purpose, [], without: [Passes.shareMemory]))), passes: 3)
    #expect(shared == apart)
    #expect(shared[0] != shared[1] && shared[1] != shared[2])
  }

  @Test("goes on from call to call of a net, whichever thread calls, until it is told to forget")
  func net() throws {
    let folder = try TemporaryFolder()
    try Data(Self.text.utf8).write(to: URL(filePath: folder.file("net.prototxt")))
    let net = try Net(prototxt: folder.file("net.prototxt"))
    let inputs = ["x": Tensor([2, 3, 40], repeating: 0.5), "cont": Tensor([2, 3], repeating: 1)]
    func pass() throws -> Tensor? { try net.forward(inputs)["y"] }
    let alone = try (0..<8).map { _ in try pass() }
    #expect(alone[0] != alone[1])
    net.resetState()
    let together = Mutex<[Tensor?]>([])
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      let result = try? net.forward(inputs)["y"]
      together.withLock { $0.append(result) }
    }
    let results = together.withLock { $0 }
    #expect(alone.allSatisfy(results.contains))
  }

  @Test("is given back to the place that it was taken from")
  func places() throws {
    let net = try SampleNet(Self.text)
    let weights = try net.weights(net.plan(.inference, []))
    let session = try Self.session(net, weights)
    _ = try Self.outputs(session, passes: 1)
    let memories = session.memories
    #expect(memories.map(\.index) == [0, 1])
    let other = try Self.session(net, weights)
    try other.restore(memories)
    #expect(try Self.outputs(other, passes: 1) == Self.outputs(session, passes: 1))
    var turned = memories
    (turned[0].index, turned[1].index) = (1, 0)
    let error = #expect(throws: RunError.self) { try other.restore(turned) }
    #expect(
      error?.description == "layer \"lstm\" of this net does not remember \(memories[0].values.count) values as its blob 1: "
        + "it is another net")
  }

  @Test("is not among what can be kept behind shapes that depend on values, which is said")
  func forgetful() throws {
    let filtered = """
      layer { name: 'in' type: 'Input' top: 'x' top: 's' input_param { shape { dim: [2, 3, 4] } shape { dim: [2] } } }
      layer { name: 'filter' type: 'Filter' bottom: 'x' bottom: 's' top: 'f' }
      layer { name: 'cont' type: 'Input' top: 'cont' input_param { shape { dim: [2, 3] } } }
      layer { name: 'late' type: 'LSTM' bottom: 'f' bottom: 'cont' top: 'h' recurrent_param { num_output: 4 weight_filler { type: 'xavier' } } }
      """
    let late = try SampleNet(filtered)
    #expect(try Session(late.weights(late.plan(.training, [])), seed: 1).forgetfulLayers == ["late"])
    let early = try SampleNet(Self.text)
    #expect(try Session(early.weights(early.plan(.training, [])), seed: 1).forgetfulLayers.isEmpty)
  }

  @Test("belongs to one session, and is zero again when it is reset")
  func sessions() throws {
    let net = try SampleNet(Self.text)
    let weights = try net.weights(net.plan(.inference, []))
    let (one, other) = (try Self.session(net, weights), try Self.session(net, weights))
    let first = try Self.outputs(one, passes: 2)
    #expect(try Self.outputs(other, passes: 2) == first)
    one.resetState()
    #expect(try Self.outputs(one, passes: 2) == first)
  }
}
