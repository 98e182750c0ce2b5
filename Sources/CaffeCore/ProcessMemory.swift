#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory of this process.
public enum ProcessMemory {
  /// The most main memory it has held so far, in bytes: what the system calls the maximum resident set.
  public static var peak: Int {
    var usage = rusage()
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      getrusage(RUSAGE_SELF, &usage)
    #endif
    return usage.ru_maxrss * unit
  }

  /// Linux counts in kilobytes, Darwin in bytes.
  #if os(Linux)
    private static let unit = 1024
  #else
    private static let unit = 1
  #endif
}
