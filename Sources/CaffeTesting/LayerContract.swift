import CaffeCore
import CaffeGraph

/// Calls a layer directly, on memory full of NaN wherever it has no business: what it left unwritten, or read without
/// having declared it, shows.
struct LayerContract {
  private let net: CheckedNet
  private var signature: LayerSignature { net.node.signature }

  init(_ net: CheckedNet) { self.net = net }

  func failures() throws -> [String] {
    let plain = LayerRun(net, rubbish: 0)
    plain.forward()
    let poisoned = LayerRun(net, rubbish: .nan)
    poisoned.forward()
    var failures = differences(poisoned.afterForward, plain.afterForward, "forward does not write all it should: ")
    failures += backwardFailures(plain)
    if signature.allowsInPlace { failures += inPlaceFailures(plain) }
    return failures
  }

  private var hasBackward: Bool { net.graph.gradients.hasGradient }

  private func backwardFailures(_ plain: LayerRun) -> [String] {
    guard hasBackward else { return [] }
    let sound = plain.backward(reading: .everything)
    let poisoned = plain.backward(reading: .declared, rubbish: .nan)
    let undeclared = "backward reads what it did not declare, or adds to a bottom's gradient: "
    let again = plain.backward(reading: .everything, startingAt: 1)
    return differences(poisoned, sound, undeclared) + additionFailures(sound, again)
  }

  private func additionFailures(_ fromZero: [String: Tensor], _ fromOne: [String: Tensor]) -> [String] {
    let raised = fromZero.filter { $0.key.hasPrefix("parameter") }.mapValues { tensor in
      Tensor(tensor.shape) { for index in $0.indices { $0[index] = tensor[index] + 1 } }
    }
    return Tolerance().mismatches(fromOne, raised, "backward does not add to the gradient of ")
  }

  private func inPlaceFailures(_ plain: LayerRun) -> [String] {
    guard signature.tops[0].count == net.graph.shapes[net.node.bottoms[0]].count else {
      return ["the layer allows work in place, but its first top has another size than its first bottom"]
    }
    let overlaid = LayerRun(net, rubbish: .nan, inPlace: true)
    overlaid.forward()
    let title = "in place the layer computes something else: "
    let forward = differences(overlaid.afterForward, plain.afterForward, title)
    guard hasBackward, net.graph.gradients.propagates.last?.first == true else { return forward }
    let backward = plain.backward(reading: .declared, rubbish: .nan, inPlace: true)
    return forward + differences(backward, plain.backward(reading: .everything), title)
  }

  private func differences(_ actual: [String: Tensor], _ expected: [String: Tensor], _ title: String) -> [String] {
    Tolerance.exact.mismatches(actual, expected, title)
  }
}
