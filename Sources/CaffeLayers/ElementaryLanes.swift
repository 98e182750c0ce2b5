import CaffeGraph

/// Eight elements at a time.
///
/// The elementary functions on lanes are what layers of elements compute with: the C library's take an element at a time, ten
/// times as long as the memory needs to bring it. They have the same special values (NaN, infinities, zeros), but for 0 where the
/// result would be below the smallest normal number, 1.2e-38. They err by at most 3 units in the last place; powers by half a unit
/// and more for each step in which a whole exponent is built. An element's result depends on the element alone, not on its
/// neighbours or its lane.
typealias Lanes = SIMD8<Float>
private typealias Whole = SIMD8<Int32>

/// e^x, by e^x = 2^n · e^r with |r| ≤ ½ ln 2 (Cody and Waite, Software Manual for the Elementary Functions, 1980).
@inline(__always)
func exponential(_ argument: Lanes) -> Lanes {
  // Beyond these the result is infinite or 0; NaN is on neither side and stays.
  let low = argument.replacing(with: smallestExponent, where: argument .< smallestExponent)
  let x = low.replacing(with: 89, where: low .> 89)
  let n = nearestWhole(x * 1.442_695_04)
  let result = exponential((x - n * 0.693_359_375) + n * 2.121_944_4e-4, timesTwoToThe: n)
  return result.replacing(with: 0, where: argument .< smallestExponent)
}

/// The logarithm of the smallest normal number: processors take a hundred times as long for those below.
private let smallestExponent: Float = -87.336_54

/// Adding 1.5 · 2²³ leaves no room for digits behind the point.
@inline(__always)
private func nearestWhole(_ x: Lanes) -> Lanes { (x + 12_582_912) - 12_582_912 }

/// e^r · 2^n for |r| ≤ ½ ln 2 and a whole n within −150 ... 129.
@inline(__always)
private func exponential(_ r: Lanes, timesTwoToThe n: Lanes) -> Lanes {
  var series = step(step(Lanes(repeating: 1.990_770_24e-4), r, 1.393_373_29e-3), r, 8.333_285_84e-3)
  series = step(step(step(series, r, 4.166_646_42e-2), r, 1.666_666_68e-1), r, 0.5)
  let power = 1 + (r + r * r * series)
  // In two steps, because 2^n may be no number where the product is one.
  let exponent = unsafeBitCast(n + 12_582_912, to: Whole.self) &- Whole(repeating: 0x4B40_0000)
  let half = exponent &>> 1
  return power * powerOfTwo(half) * powerOfTwo(exponent &- half)
}

/// One step of Horner's rule.
@inline(__always)
private func step(_ sum: Lanes, _ x: Lanes, _ coefficient: Float) -> Lanes { sum * x + Lanes(repeating: coefficient) }

/// 2^n for n within −126 ... 127.
@inline(__always)
private func powerOfTwo(_ n: Whole) -> Lanes { unsafeBitCast((n &+ 127) &<< 23, to: Lanes.self) }

/// The natural logarithm.
@inline(__always)
func logarithm(_ x: Lanes) -> Lanes {
  let (e, fraction) = logarithmParts(x)
  let result = e * 0.693_359_375 + (fraction - e * 2.121_944_4e-4)
  return result.replacing(with: -.infinity, where: x .== 0).replacing(with: .nan, where: x .< 0)
    .replacing(with: x, where: x .== .infinity .| x .!= x)
}

/// e and log(1 + f) of a positive x = 2^e · (1 + f), with 1 + f between √½ and √2; log(1 + f) is 2 artanh(s) for s = f / (2 + f).
@inline(__always)
private func logarithmParts(_ x: Lanes) -> (exponent: Lanes, fraction: Lanes) {
  let isSmall = x .< Float.leastNormalMagnitude
  let normal = x.replacing(with: x * 0x1p23, where: isSmall)
  let bits = unsafeBitCast(normal, to: Whole.self) &- rootOfHalf
  let f = unsafeBitCast((bits & 0x7F_FFFF) &+ rootOfHalf, to: Lanes.self) - 1
  let s = f / (2 + f)
  let z = s * s
  var series = step(Lanes(repeating: 0.233_326_31), z, 0.285_507_28)
  series = step(step(series, z, 0.400_001_23), z, 0.666_666_67)
  // 2s = f − s · f keeps the digits of f.
  return (Lanes(bits &>> 23) - Lanes().replacing(with: 23, where: isSmall), f - s * (f - z * series))
}

/// The bits of √½.
private var rootOfHalf: Whole { Whole(repeating: 0x3F35_04F3) }

/// tanh x: a polynomial near 0, where 1 − 2 / (e^2x + 1) loses digits.
@inline(__always)
func hyperbolicTangent(_ x: Lanes) -> Lanes {
  let size = unsafeBitCast(unsafeBitCast(x, to: Whole.self) & 0x7FFF_FFFF, to: Lanes.self)
  let z = x * x
  var series = step(step(Lanes(repeating: -0.006_113_19), z, 0.021_010_08), z, -0.053_854_07)
  series = step(step(series, z, 0.133_327_95), z, -0.333_333_29)
  let far = 1 - 2 / (exponential(size + size) + 1)
  let sign = unsafeBitCast(x, to: Whole.self) & Int32.min
  let signed = unsafeBitCast(unsafeBitCast(far, to: Whole.self) | sign, to: Lanes.self)
  return signed.replacing(with: x + x * z * series, where: size .< 0.625)
}

/// 1 / (1 + e^−x)
@inline(__always)
func logistic(_ x: Lanes) -> Lanes {
  (1 / (1 + exponential(-x.replacing(with: -87, where: x .< -87)))).replacing(with: 0, where: x .< -87)
}

/// log(1 + e^x) = max(x, 0) + log(1 + e^−|x|), the last of which is 2 artanh(s) with s = u / (2 + u) for u = e^−|x|.
@inline(__always)
func softplus(_ x: Lanes) -> Lanes {
  let u = exponential(unsafeBitCast(unsafeBitCast(x, to: Whole.self) | Int32.min, to: Lanes.self))
  // Small ones are their own logarithm, and their squares would be no normal numbers.
  let isSmall = u .< 1e-10
  let w = u.replacing(with: 1e-10, where: isSmall)
  let s = w / (2 + w)
  let z = s * s
  var series = step(step(Lanes(repeating: 0.232537739), z, 0.217000433), z, 0.285928106)
  series = step(step(series, z, 0.399996963), z, 0.666666674)
  return x.replacing(with: 0, where: x .< 0) + (s + s + s * z * series).replacing(with: u, where: isSmall)
}

/// x^y for all x with one exponent.
@inline(__always)
func power(_ x: Lanes, _ y: Float) -> Lanes {
  if y.magnitude > 64 || y.isNaN { return power(x, beyond: y) }
  return y == y.rounded() ? power(x, whole: Int(y)) : power(x, fractional: y)
}

/// Element by element, for exponents that nobody has.
@inline(never)
private func power(_ x: Lanes, beyond y: Float) -> Lanes {
  var result = Lanes()
  for lane in x.indices { result[lane] = power(x[lane], y) }
  return result
}

/// Multiplications, which know the sign.
@inline(__always)
private func power(_ x: Lanes, whole exponent: Int) -> Lanes {
  var (result, square, left) = (Lanes(repeating: 1), x, exponent.magnitude)
  while left > 0 {
    if left & 1 == 1 { result *= square }
    square *= square
    left >>= 1
  }
  return exponent < 0 ? 1 / result : result
}

/// 2^(y · log₂ x), with y times the exponent of x exact.
@inline(__always)
private func power(_ x: Lanes, fractional y: Float) -> Lanes {
  let (e, fraction) = logarithmParts(x)
  let coarse = Float(bitPattern: y.bitPattern & 0xFFFF_F000)
  let logarithm = fraction * 1.442_695_04 * y + e * (y - coarse)
  let sum = e * coarse + logarithm
  let isHuge = sum .> 129
  let isTiny = sum .< -150
  let n = nearestWhole(sum.replacing(with: 0, where: isHuge .| isTiny))
  let result = exponential(((e * coarse - n) + logarithm) * 0.693_147_18, timesTwoToThe: n)
  return result.replacing(with: .infinity, where: isHuge).replacing(with: 0, where: isTiny)
    .replacing(with: y > 0 ? 0 : .infinity, where: x .== 0).replacing(with: .nan, where: x .< 0 .| x .!= x)
    .replacing(with: y > 0 ? .infinity : 0, where: x .== .infinity .| x .== -.infinity)
}

extension TensorView {
  /// Sets every element to a function of `x`'s.
  @inline(__always)
  func setEach(_ x: TensorView, _ function: (Lanes) -> Lanes) {
    setEach { function(x.lanes($0, $1)) }
  }

  /// Sets every element to a function of those of `x` and `y`.
  @inline(__always)
  func setEach(_ x: TensorView, _ y: TensorView, _ function: (Lanes, Lanes) -> Lanes) {
    setEach { function(x.lanes($0, $1), y.lanes($0, $1)) }
  }

  @inline(__always)
  private func setEach(_ value: (_ start: Int, _ count: Int) -> Lanes) {
    let (count, width) = (count, Lanes.scalarCount)
    var start = 0
    while start + width <= count {
      UnsafeMutableRawPointer(pointer + start).storeBytes(of: value(start, width), as: Lanes.self)
      start += width
    }
    guard start < count else { return }
    let last = value(start, count - start)
    for lane in 0..<count - start { pointer[start + lane] = last[lane] }
  }

  /// Elements from `start` on; beyond `count` of them the lanes are 0.
  @inline(__always)
  private func lanes(_ start: Int, _ count: Int) -> Lanes {
    guard count < Lanes.scalarCount else { return UnsafeRawPointer(pointer + start).loadUnaligned(as: Lanes.self) }
    var lanes = Lanes()
    for lane in 0..<count { lanes[lane] = pointer[start + lane] }
    return lanes
  }
}
