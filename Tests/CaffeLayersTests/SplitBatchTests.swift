import CaffeCore
import CaffeGraph
import Testing

@Suite("Normalisation over a batch in two processes")
struct SplitBatchTests {
  private static let channels: [[Float]] = [[0.5, 2], [1, 3], [2]]
  private static let learned: [[Float]] = [[1.5, -0.5], [0.25, 1]]

  private static let layers = [
    SplitBatch(layer: "type: 'BatchNorm' batch_norm_param { moving_average_fraction: 0.5 }", weights: channels),
    SplitBatch(
      layer: "type: 'BatchNorm' batch_norm_param { scale_bias: true moving_average_fraction: 0.5 }", weights: channels + learned),
    SplitBatch(layer: "type: 'BatchNorm' batch_norm_param { use_weight_bias: true }", weights: channels + learned),
    SplitBatch(layer: "type: 'BN' bn_param { momentum: 0.5 }", weights: learned + channels.prefix(2)),
    SplitBatch(layer: "type: 'BN' bn_param { bn_mode: LEARN }", weights: learned),
  ]

  private static func values(_ count: Int, from start: Int, scale: Float = 1) -> [Float] {
    (start..<start + count).map { (RandomStream(seed: 3).uniform($0) - 0.3) * scale }
  }

  private static let shapes: [Shape] = [[3, 2, 2, 1], [1, 2, 2, 1]]
  private static let parts = [values(12, from: 0, scale: 2), values(4, from: 20)]
  private static let gradients = [values(12, from: 40), values(4, from: 60)]

  private static func tensors(_ parts: [[Float]]) -> [Tensor] { zip(shapes, parts).map { .of($0, $1) } }

  @Test("three items here and one there are one batch of four", arguments: layers.indices)
  func whole(index: Int) throws {
    let layer = Self.layers[index]
    let outcomes = try layer.run(Self.tensors(Self.parts), gradients: Self.gradients)
    let whole = try layer.outcome(.of([4, 2, 2, 1], Self.parts.flatMap(\.self)), Self.gradients.flatMap(\.self))
    #expect(isClose(outcomes.flatMap(\.y), whole.y))
    #expect(isClose(outcomes.flatMap(\.dx), whole.dx))
    let alone = try layer.outcome(.of(Self.shapes[0], Self.parts[0]), Self.gradients[0])
    #expect(!isClose(outcomes[0].y, alone.y, within: 1e-2) && !isClose(outcomes[0].dx, alone.dx, within: 1e-2))
  }

  @Test("both keep the statistics of the whole batch, and gradients of what is learned add up to its", arguments: layers.indices)
  func parameters(index: Int) throws {
    let layer = Self.layers[index]
    let outcomes = try layer.run(Self.tensors(Self.parts), gradients: Self.gradients)
    let whole = try layer.outcome(.of([4, 2, 2, 1], Self.parts.flatMap(\.self)), Self.gradients.flatMap(\.self))
    for (place, blob) in layer.weights.enumerated() {
      let (first, second) = (outcomes[0].parameters[place], outcomes[1].parameters[place])
      let isLearned = Self.learned.contains(blob)
      #expect(isClose(isLearned ? zip(first, second).map(+) : first, whole.parameters[place]), "parameter \(place)")
      if !isLearned { #expect(first == second, "parameter \(place)") }
    }
  }

  @Test("gradients are the differences of an objective over both", arguments: layers.indices)
  func differences(index: Int) throws {
    let layer = Self.layers[index]
    func objective(_ parts: [[Float]]) throws -> Double {
      let outcomes = try layer.run(Self.tensors(parts), gradients: Self.gradients)
      return zip(outcomes.flatMap(\.y), Self.gradients.flatMap(\.self)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let gradients = try layer.run(Self.tensors(Self.parts), gradients: Self.gradients).map(\.dx)
    let step: Float = 1e-2
    for part in Self.parts.indices {
      for place in Self.parts[part].indices {
        var (above, below) = (Self.parts, Self.parts)
        above[part][place] += step
        below[part][place] -= step
        let estimate = try (objective(above) - objective(below)) / Double(2 * step)
        #expect(abs(Double(gradients[part][place]) - estimate) <= 1e-3 * max(1, abs(estimate)), "part \(part), place \(place)")
      }
    }
  }

  // Mean squares in single precision would leave nothing of the variance.
  @Test("values far from 0 keep their variance")
  func precision() throws {
    let layer = SplitBatch(layer: "type: 'BatchNorm' batch_norm_param { eps: 0 }", weights: [[0, 0], [0, 0], [0]])
    let parts = Self.parts.map { part in part.map { 30000 + ($0 * 64).rounded() / 64 } }
    let outcomes = try layer.run(Self.tensors(parts), gradients: Self.gradients)
    let centred = parts.map { part in part.map { $0 - 30000 } }
    let expected = try layer.run(Self.tensors(centred), gradients: Self.gradients)
    #expect(isClose(outcomes.flatMap(\.y), expected.flatMap(\.y), within: 0.02))
  }

  @Test("a sum that cannot be made is the error of the pass, forward or backward, and of all later ones", arguments: [0, 1])
  func failure(after count: Int) throws {
    var sums = 0
    let sum = BatchSum { values in
      sums += 1
      if sums > count { throw LostLine() }
      return values
    }
    let layer = try OneLayer("type: 'BatchNorm'", ["x": .of([4, 1], [1, 3, 5, 7])], phase: .TRAIN, batchSum: sum)
    if count == 0 {
      #expect(throws: LostLine.self) { try layer.forward() }
    } else {
      _ = try layer.forward()
      #expect(throws: LostLine.self) { try layer.backward(from: [1, 2, 3, 4]) }
    }
    #expect(throws: LostLine.self) { try layer.forward() }
    #expect(sums == count + 1)
  }

  @Test(
    "nothing is asked for where the statistics are stored ones",
    arguments: ["use_global_stats: true", "scale_bias: true use_global_stats: true"])
  func stored(parameters: String) throws {
    let sum = BatchSum { _ in throw LostLine() }
    let layer = try OneLayer(
      "type: 'BatchNorm' batch_norm_param { \(parameters) }", ["x": .of([4, 1], [1, 3, 5, 7])], phase: .TRAIN, batchSum: sum)
    _ = try layer.forward()
    _ = try layer.backward(from: [1, 2, 3, 4])
  }

  @Test("parts that are all empty have means of 0")
  func empty() {
    let all = BatchSum { $0 }.means([.nan, 2], of: 0)
    #expect(all.means == [0, 0] && all.items == 0)
  }
}

private struct LostLine: Error {}
