import CaffeZoo
import Testing

@Suite("A network address")
struct NetworkAddressTests {
  @Test(
    "of private, local or special use is not public",
    arguments: [
      [127, 0, 0, 1], [10, 1, 2, 3], [172, 16, 0, 1], [172, 31, 255, 255], [192, 168, 1, 1], [169, 254, 169, 254],
      [100, 64, 0, 1],
      [0, 0, 0, 0], [224, 0, 0, 1], [255, 255, 255, 255], [192, 0, 2, 1], [198, 18, 0, 1],
    ] as [[UInt8]])
  func special4(bytes: [UInt8]) { #expect(!NetworkAddress(bytes: bytes).isPublic) }

  @Test("of anybody else is", arguments: [[8, 8, 8, 8], [172, 32, 0, 1], [100, 128, 0, 1], [169, 253, 0, 1]] as [[UInt8]])
  func public4(bytes: [UInt8]) { #expect(NetworkAddress(bytes: bytes).isPublic) }

  private func six(_ head: [UInt8], _ tail: [UInt8] = []) -> NetworkAddress {
    NetworkAddress(bytes: head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail)
  }

  @Test("of version 6 is judged likewise, the version 4 address inside it included")
  func six() {
    #expect(six([0x26, 0x06, 0x47]).isPublic)
    for special in [
      six([], [1]), six([]), six([0xFE, 0x80]), six([0xFD]), six([0xFF, 2]), six([0x20, 1, 0x0D, 0xB8]), six([0x20, 1, 0, 0]),
      six([0xFE, 0xC0]),
    ] {
      #expect(!special.isPublic)
    }
    #expect(!six([], [0xFF, 0xFF, 127, 0, 0, 1]).isPublic && six([], [0xFF, 0xFF, 8, 8, 8, 8]).isPublic)
    #expect(!six([0, 0x64, 0xFF, 0x9B], [10, 0, 0, 1]).isPublic && !six([0x20, 2, 192, 168, 0, 1]).isPublic)
  }

  @Test("of no known family is not") func unknown() { #expect(!NetworkAddress(bytes: []).isPublic) }
}

@Suite("The gate of addresses")
struct AddressGateTests {
  private let outside = NetworkAddress(bytes: [8, 8, 8, 8])
  private let inside = NetworkAddress(bytes: [127, 0, 0, 1])

  @Test("lets nobody from outside in")
  func fromOutside() {
    var gate = AddressGate(isPublicOnly: false)
    #expect(gate.admits(outside) && !gate.admits(inside) && gate.admits(outside))
  }

  @Test("lets those inside go anywhere, and back")
  func fromInside() {
    var gate = AddressGate(isPublicOnly: false)
    #expect(gate.admits(inside) && gate.admits(outside) && gate.admits(inside))
  }

  @Test("for what strangers published lets nobody in at all")
  func publicOnly() {
    var gate = AddressGate(isPublicOnly: true)
    #expect(!gate.admits(inside) && gate.admits(outside) && !gate.admits(inside))
  }
}
