import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Zeroed memory for a session or for weights, in large pages where the system gives them.
// Handed to kernels as pointers; who may touch it when is the session's business.
final class Arena: @unchecked Sendable {
  let byteCount: Int
  private let base: UnsafeMutableRawPointer
  private let mapped: Int

  private static let largePage = 2 << 20

  /// - Throws: `OutOfMemory` when the machine does not have that much.
  init(byteCount: Int) throws(OutOfMemory) {
    self.byteCount = byteCount
    mapped = max(byteCount, 1) + Arena.largePage
    guard byteCount <= Arena.physicalMemory,
      let address = mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | Arena.anonymous, -1, 0),
      address != MAP_FAILED
    else { throw OutOfMemory(needed: byteCount, available: Arena.physicalMemory) }
    base = address
    #if os(Linux)
      if byteCount >= Arena.largePage { madvise(start, byteCount, MADV_HUGEPAGE) }
    #endif
  }

  deinit { munmap(base, mapped) }

  /// The first byte, on a large page's border.
  private var start: UnsafeMutableRawPointer {
    let address = UInt(bitPattern: base)
    let aligned = (address + UInt(Arena.largePage) - 1) / UInt(Arena.largePage) * UInt(Arena.largePage)
    return base + Int(aligned - address)
  }

  func pointer(at offset: Int) -> UnsafeMutablePointer<Float> {
    (start + offset).assumingMemoryBound(to: Float.self)
  }

  private static var physicalMemory: Int { sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)) }

  #if os(Linux)
    private static let anonymous = MAP_ANONYMOUS
  #else
    private static let anonymous = MAP_ANON
  #endif
}

/// A net that is larger than the machine.
public struct OutOfMemory: Error, Sendable, CustomStringConvertible {
  public let needed: Int
  public let available: Int

  public var description: String {
    "the net needs \(needed >> 20) MB of memory and the machine has \(available >> 20) MB; use a smaller batch or input"
  }
}
