import CaffeCore
import Testing

@Suite("Random numbers")
struct RandomStreamTests {
  /// The known answers that Random123 publishes for philox4x32 with 10 rounds.
  @Test(
    "are Philox 4x32-10",
    arguments: [
      ([0, 0, 0, 0], 0, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
      (
        [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff], 0xffff_ffff_ffff_ffff,
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
      ),
      (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], 0x299f_31d0_a409_3822,
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ] as [([UInt32], UInt64, [UInt32])])
  func knownAnswers(counter: [UInt32], key: UInt64, expected: [UInt32]) {
    let result = RandomStream.philox(counter: SIMD4(counter[0], counter[1], counter[2], counter[3]), key: key)
    #expect([result[0], result[1], result[2], result[3]] == expected)
  }

  @Test("are the same eight blocks at a time", arguments: [0, 5, 0xffff_fffc, 0xffff_ffff_0000_0000] as [UInt64])
  func wide(first: UInt64) {
    let stream = RandomStream(seed: 7, path: 3)
    var draws = [UInt32](repeating: 0, count: 32)
    draws.withUnsafeMutableBufferPointer { stream.wideBlock(first, into: $0) }
    let single = (0..<8).flatMap { (lane: Int) -> [UInt32] in
      let block = stream.block(first + UInt64(lane))
      return block.indices.map { block[$0] }
    }
    #expect(draws == single)
  }

  @Test("depend on seed and path only, not on who asked before")
  func order() {
    let stream = RandomStream(seed: 7, path: 1, 2)
    let forward = (0..<64).map { stream.bits($0) }
    let backward = (0..<64).reversed().map { RandomStream(seed: 7, path: 1).appending(2).bits($0) }
    #expect(forward == Array(backward.reversed()))
  }

  @Test("differ between seeds, paths and the order of a path's steps")
  func independence() {
    let streams = [
      RandomStream(seed: 1, path: 1, 2), RandomStream(seed: 2, path: 1, 2), RandomStream(seed: 1, path: 2, 1),
      RandomStream(seed: 1, path: 1), RandomStream(seed: 1),
    ]
    let draws = streams.map { stream in (0..<1000).map { stream.bits($0) } }
    for (index, first) in draws.enumerated() {
      for second in draws[(index + 1)...] { #expect(zip(first, second).count { $0 == $1 } < 2) }
    }
  }

  @Test("are uniform in [0, 1)")
  func uniformity() {
    let stream = RandomStream(seed: 3)
    let count = 100_000
    var bins = [Int](repeating: 0, count: 100)
    for index in 0..<count {
      let value = stream.uniform(index)
      #expect(value >= 0 && value < 1)
      bins[Int(value * 100)] += 1
    }
    let expected = Double(count / bins.count)
    let chiSquare = bins.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    #expect(chiSquare > 50 && chiSquare < 160)  // 99 degrees of freedom: a mean of 99, a deviation of 14
  }

  @Test("among a few integers hit each equally often")
  func integers() {
    let stream = RandomStream(seed: 4)
    var hits = [Int](repeating: 0, count: 7)
    for index in 0..<70_000 { hits[stream.integer(index, below: 7)] += 1 }
    #expect(hits.allSatisfy { abs($0 - 10_000) < 500 })
  }

  @Test("of the normal kind have mean 0, deviation 1 and a normal's tails")
  func normals() {
    let stream = RandomStream(seed: 5)
    let count = 100_000
    let values = (0..<count).map { Double(stream.normal($0)) }
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    let beyondTwo = Double(values.count { abs($0) > 2 }) / Double(count)
    #expect(abs(mean) < 0.015)
    #expect(abs(variance - 1) < 0.02)
    #expect(abs(beyondTwo - 0.0455) < 0.003)
    #expect(values.allSatisfy { $0.isFinite })
  }

  @Test("of neighbouring indices are not correlated, also where two share a block")
  func correlation() {
    let stream = RandomStream(seed: 6)
    let count = 100_000
    let values = (0...count).map { Double(stream.normal($0)) }
    let product = (0..<count).reduce(0.0) { $0 + values[$1] * values[$1 + 1] } / Double(count)
    #expect(abs(product) < 0.015)
  }

  @Test("taken one after the other serve the standard library")
  func sequential() {
    var first = SequentialRandom(RandomStream(seed: 8))
    var second = SequentialRandom(RandomStream(seed: 8))
    let shuffled = Array(0..<50).shuffled(using: &first)
    #expect(shuffled == Array(0..<50).shuffled(using: &second))
    #expect(shuffled != Array(0..<50))
    #expect(shuffled.sorted() == Array(0..<50))
    let uniform = first.uniform()
    #expect(uniform >= 0 && uniform < 1)
  }
}
