#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The address of a machine, as far as the zoo cares: whether anybody in the world can reach it.
package struct NetworkAddress {
  /// 4 bytes for IPv4, 16 for IPv6; empty for anything else.
  let bytes: [UInt8]

  package init(bytes: [UInt8]) { self.bytes = bytes }

  init(_ address: UnsafePointer<sockaddr>) {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      bytes = UnsafeRawPointer(address).withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
        withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) }
      }
    case AF_INET6:
      bytes = UnsafeRawPointer(address).withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
        withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) }
      }
    default: bytes = []
    }
  }

  /// Whether it lies in none of the ranges that IANA keeps for private, local, shared or special use.
  package var isPublic: Bool {
    switch bytes.count {
    case 4: return !NetworkAddress.special4.contains { $0.contains(bytes) }
    case 16: return embedded.map { $0.isPublic } ?? !NetworkAddress.special6.contains { $0.contains(bytes) }
    default: return false
    }
  }

  /// The IPv4 address that an IPv6 address stands for (mapped, NAT64, 6to4), nil when it stands for none.
  private var embedded: NetworkAddress? {
    if bytes.starts(with: [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]) { return NetworkAddress(bytes: Array(bytes[12...])) }
    if bytes.starts(with: [0, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8)) {
      return NetworkAddress(bytes: Array(bytes[12...]))
    }
    return bytes.starts(with: [0x20, 0x02]) ? NetworkAddress(bytes: Array(bytes[2..<6])) : nil
  }

  /// The addresses whose first `length` bits are those of `bytes`.
  private struct Range {
    let bytes: [UInt8]
    let length: Int

    init(_ length: Int, _ bytes: UInt8...) { (self.bytes, self.length) = (bytes, length) }

    func contains(_ address: [UInt8]) -> Bool {
      (0..<length).allSatisfy { bit in
        let mask = UInt8(0x80) >> (bit % 8)
        let wanted = bit / 8 < bytes.count ? bytes[bit / 8] : 0
        return address[bit / 8] & mask == wanted & mask
      }
    }
  }

  // RFC 6890 and its updates.
  private static let special4 = [
    Range(8, 0), Range(8, 10), Range(10, 100, 64), Range(8, 127), Range(16, 169, 254), Range(12, 172, 16), Range(24, 192, 0, 0),
    Range(24, 192, 0, 2), Range(16, 192, 168), Range(15, 198, 18), Range(24, 198, 51, 100), Range(24, 203, 0, 113), Range(4, 224),
    Range(4, 240),
  ]
  private static let special6 = [
    Range(127), Range(8, 0x01, 0), Range(32, 0x20, 0x01, 0x0D, 0xB8), Range(7, 0xFC), Range(10, 0xFE, 0x80), Range(8, 0xFF),
    Range(10, 0xFE, 0xC0), Range(96), Range(48, 0, 0x64, 0xFF, 0x9B, 0, 1), Range(23, 0x20, 0x01, 0),
  ]
}
