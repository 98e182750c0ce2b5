import CaffeCore
import CaffeTesting

/// Draws for making up a layer.
struct Draw {
  private var random: SequentialRandom

  init(seed: UInt64) { random = SequentialRandom(RandomStream(seed: seed, path: 17)) }

  mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  mutating func flag() -> Bool { pick(0...1) == 1 }
  mutating func one<T>(_ choices: [T]) -> T { choices[pick(0...choices.count - 1)] }
  /// A number with two digits behind the point.
  mutating func number(_ range: ClosedRange<Int>) -> Float { Float(pick(range)) / 100 }
  /// Extents that multiply to few elements, so that every gradient can be checked.
  mutating func shape(_ ranks: ClosedRange<Int>, limit: Int = 48) -> Shape {
    let rank = pick(ranks)
    while true {
      let dims = (0..<rank).map { _ in pick(1...5) }
      if dims.reduce(1, *) <= limit { return Shape(dims) }
    }
  }
  /// An axis of a shape, from either end.
  mutating func axis(_ shape: Shape, from first: Int = 0) -> Int {
    let axis = pick(first...shape.rank - 1)
    return flag() ? axis : axis - shape.rank
  }
  /// `text`, or nothing.
  mutating func maybe(_ text: String) -> String { flag() ? text : "" }
}

/// A layer made up at random: its text, its bottoms in order, and what to put into them.
struct Configuration {
  var layer: String
  var bottoms: [(name: String, shape: Shape)]
  var tops = ["y"]
  var values: [String: SampleValues] = [:]
  var kinks: [Float] = []
  var phase = "TRAIN"

  init(_ layer: String, _ bottoms: [(name: String, shape: Shape)]) {
    self.layer = layer
    self.bottoms = bottoms
  }

  /// One bottom `x`.
  init(_ layer: String, _ shape: Shape) { self.init(layer, [("x", shape)]) }

  /// The same with other values.
  func with(_ change: (inout Configuration) -> Void) -> Configuration {
    var result = self
    change(&result)
    return result
  }
}

/// How to make up layers of a type.
struct ConfigurationSource: Sendable {
  let type: String
  let make: @Sendable (inout Draw) -> Configuration

  init(_ type: String, _ make: @escaping @Sendable (inout Draw) -> Configuration) {
    self.type = type
    self.make = make
  }
}
