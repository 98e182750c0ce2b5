extension RandomStream {
  /// Eight blocks side by side, for whoever needs draws by the million.
  private typealias Words = SIMD8<UInt32>

  /// The 32 draws from number 4·`block` on, in their order: those of `block` and the seven after it.
  ///
  /// - Parameter draws: room for 32 draws.
  public func wideBlock(_ block: UInt64, into draws: UnsafeMutableBufferPointer<UInt32>) {
    let counters = SIMD8<UInt64>(0, 1, 2, 3, 4, 5, 6, 7) &+ block
    let words = RandomStream.philox(
      Words(truncatingIfNeeded: counters), Words(truncatingIfNeeded: counters &>> 32),
      Words(repeating: UInt32(truncatingIfNeeded: stream)), Words(repeating: UInt32(truncatingIfNeeded: stream >> 32)), key: key)
    for lane in 0..<8 {
      draws[lane * 4] = words.0[lane]
      draws[lane * 4 + 1] = words.1[lane]
      draws[lane * 4 + 2] = words.2[lane]
      draws[lane * 4 + 3] = words.3[lane]
    }
  }

  /// `philox(counter:key:)` for eight counters, whose words lie in four vectors.
  private static func philox(
    _ c0: Words, _ c1: Words, _ c2: Words, _ c3: Words, key: UInt64
  ) -> (Words, Words, Words, Words) {
    var (c0, c1, c2, c3) = (c0, c1, c2, c3)
    var k0 = UInt32(truncatingIfNeeded: key)
    var k1 = UInt32(truncatingIfNeeded: key >> 32)
    for _ in 0..<10 {
      let (high0, low0) = product(c0, 0xD251_1F53)
      let (high1, low1) = product(c2, 0xCD9E_8D57)
      (c0, c1, c2, c3) = (high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0)
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
  }

  /// The upper and lower words of eight products, from two multiplications of every other word.
  @inline(__always)
  private static func product(_ words: Words, _ factor: UInt64) -> (high: Words, low: Words) {
    let pairs = unsafeBitCast(words, to: SIMD4<UInt64>.self)
    let even = (pairs & 0xFFFF_FFFF) &* SIMD4(repeating: factor)
    let odd = (pairs &>> 32) &* SIMD4(repeating: factor)
    let high = (even &>> 32) | (odd & 0xFFFF_FFFF_0000_0000)
    let low = (even & 0xFFFF_FFFF) | (odd &<< 32)
    return (unsafeBitCast(high, to: Words.self), unsafeBitCast(low, to: Words.self))
  }
}
