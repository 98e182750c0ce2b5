import CaffeCore
import CaffeGraph

/// A layer on two parts of a batch, as two processes have them that add up what the layer asks for.
///
/// One part runs after the other. Each round adds what the other part told in the round before: what that depends on is right one
/// exchange earlier, so that after three rounds forward and backward, which have an exchange each, are right.
struct SplitBatch {
  let layer: String
  let weights: [[Float]]

  struct Outcome {
    var y: [Float] = []
    var dx: [Float] = []
    /// By number of the layer's parameter; of learned ones the gradient, of the others what forward left.
    var parameters: [[Float]] = []
  }

  private final class Messages {
    var before: [[Double]] = []
    var now: [[Double]] = []

    func next() { (before, now) = (now, []) }
  }

  /// - Parameters:
  ///   - parts: the two parts' bottoms.
  ///   - gradients: those of their tops.
  /// - Returns: of each part.
  func run(_ parts: [Tensor], gradients: [[Float]]) throws -> [Outcome] {
    let messages = parts.map { _ in Messages() }
    var outcomes: [Outcome] = []
    for _ in 0..<3 {
      outcomes = try parts.indices.map { part in
        let (mine, other) = (messages[part], messages[1 - part])
        let sum = BatchSum { values in
          let place = mine.now.count
          mine.now.append(values)
          return other.before.count > place ? zip(values, other.before[place]).map(+) : values
        }
        return try outcome(parts[part], gradients[part], sum)
      }
      for message in messages { message.next() }
    }
    return outcomes
  }

  /// What one process makes of a batch.
  func outcome(_ x: Tensor, _ gradient: [Float], _ sum: BatchSum? = nil) throws -> Outcome {
    let layer = try OneLayer(layer, ["x": x], weights: weights, phase: .TRAIN, batchSum: sum)
    var outcome = Outcome(y: try layer.forward())
    outcome.dx = try layer.backward(from: gradient)
    outcome.parameters = try weights.indices.map { index in
      let gradient = try layer.gradient(ofParameter: index)
      return gradient.isEmpty ? try layer.parameter(index) : gradient
    }
    return outcome
  }
}
