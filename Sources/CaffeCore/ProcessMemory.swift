import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory of this process.
public enum ProcessMemory {
  /// The most main memory it has held so far, in bytes; 0 where the system does not tell.
  public static var peak: Int {
    #if os(Linux)
      return highWater ?? 0
    #else
      var usage = rusage()
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }

  /// Gives memory that nothing uses back to the system, where the C library keeps it otherwise.
  public static func releaseUnused() { csystem_release_unused() }

  #if os(Linux)
    /// The kernel's VmHWM. What getrusage tells includes what the process held before it became this program: a copy of
    /// whoever started it.
    private static var highWater: Int? {
      guard let file = fopen("/proc/self/status", "r") else { return nil }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 256)
      while fgets(&line, Int32(line.count), file) != nil {
        var kilobytes = 0
        if withUnsafeMutablePointer(
          to: &kilobytes,
          { place in
            withVaList([place]) { vsscanf(line, "VmHWM: %ld", $0) }
          }) == 1
        {
          return kilobytes * 1024
        }
      }
      return nil
    }
  #endif
}
