#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension RandomStream {
  /// Draw `index` from the standard normal distribution (Box and Muller, 1958).
  public func normal(_ index: Int) -> Float {
    let draws = block(UInt64(index) / 2)
    let pair = index % 2 == 0 ? (draws[0], draws[1]) : (draws[2], draws[3])
    let radius = sqrt(-2 * log((Double(pair.0) + 1) * 0x1p-32))
    return Float(radius * cos(2 * Double.pi * Double(pair.1) * 0x1p-32))
  }
}
