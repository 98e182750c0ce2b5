/// Random numbers as a function of a key and a counter: no state, so no order.
///
/// The generator is Philox 4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011). Draw
/// `i` of stream `s` under seed `k` is the same whoever asks, in whatever order and on whatever number of threads.
public struct RandomStream: Sendable, Hashable {
  let key: UInt64
  let stream: UInt64

  /// - Parameters:
  ///   - seed: the run's seed (`random_seed`).
  ///   - path: what the draws are for, outermost first: layer, iteration, item …
  public init(seed: UInt64, path: UInt64...) {
    key = RandomStream.mixed(seed)
    stream = path.reduce(0x9E37_79B9_7F4A_7C15) { RandomStream.mixed($0 ^ $1) }
  }

  private init(key: UInt64, stream: UInt64) {
    self.key = key
    self.stream = stream
  }

  /// The stream for one more step of the path.
  public func appending(_ step: UInt64) -> RandomStream {
    RandomStream(key: key, stream: RandomStream.mixed(stream ^ step))
  }

  /// Four independent 32-bit draws: numbers 4·`block` to 4·`block`+3 of the stream.
  public func block(_ block: UInt64) -> SIMD4<UInt32> {
    let counter = SIMD4<UInt32>(
      UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
      UInt32(truncatingIfNeeded: stream), UInt32(truncatingIfNeeded: stream >> 32))
    return RandomStream.philox(counter: counter, key: key)
  }

  /// The generator itself, Philox 4x32-10.
  package static func philox(counter: SIMD4<UInt32>, key: UInt64) -> SIMD4<UInt32> {
    var counter = counter
    var k0 = UInt32(truncatingIfNeeded: key)
    var k1 = UInt32(truncatingIfNeeded: key >> 32)
    for _ in 0..<10 {
      let p0 = UInt64(counter[0]) * 0xD251_1F53
      let p1 = UInt64(counter[2]) * 0xCD9E_8D57
      counter = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ counter[1] ^ k0, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ counter[3] ^ k1, UInt32(truncatingIfNeeded: p0))
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return counter
  }

  /// Draw `index` as 32 random bits.
  public func bits(_ index: Int) -> UInt32 { block(UInt64(index) / 4)[index % 4] }

  /// Draw `index`, uniform in [0, 1) in steps of 2⁻²⁴.
  public func uniform(_ index: Int) -> Float { RandomStream.unit(bits(index)) }

  /// Draw `index`, uniform among 0 ..< `bound`.
  public func integer(_ index: Int, below bound: Int) -> Int {
    let pair = block(UInt64(index))
    let wide = UInt64(pair[0]) << 32 | UInt64(pair[1])
    return Int(wide.multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// 24 random bits as a float in [0, 1).
  public static func unit(_ bits: UInt32) -> Float { Float(bits >> 8) * 0x1p-24 }

  /// The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A sequence of draws from a `RandomStream`, for code that takes one after the other.
public struct SequentialRandom: RandomNumberGenerator, Sendable {
  private let stream: RandomStream
  private var position: UInt64 = 0

  public init(_ stream: RandomStream) { self.stream = stream }

  public mutating func next() -> UInt64 {
    let block = stream.block(position)
    position += 1
    return UInt64(block[0]) << 32 | UInt64(block[1])
  }

  /// Uniform in [0, 1).
  public mutating func uniform() -> Float { RandomStream.unit(UInt32(truncatingIfNeeded: next() >> 32)) }
}
