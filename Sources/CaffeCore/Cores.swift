import CSystem

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The cores that compute.
public enum Cores {
  /// How many the machine has.
  public static var online: Int { Int(csystem_online_cores()) }

  /// Whether this process was bound to some of them when it began.
  public static var areBound: Bool { Int(csystem_allowed_cores()) < online }

  /// How many of them this process may use, as it was when it began: `taskset` and mpirun take some away, and a container has the time of some
  /// alone (cgroup's `cpu.max`).
  public static let allowed = min(Int(csystem_allowed_cores()), quota(ofFile: "/sys/fs/cgroup/cpu.max") ?? .max)

  /// The whole cores that hold the time in a file of cgroup's second version: microseconds, or `max`, in each period of so many. nil where
  /// there is no bound.
  static func quota(ofFile path: String) -> Int? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 64)
    guard fgets(&line, Int32(line.count), file) != nil else { return nil }
    let numbers = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      .split(whereSeparator: \.isWhitespace).map { Int($0) }
    guard numbers.count == 2, let time = numbers[0], let period = numbers[1], time > 0, period > 0 else { return nil }
    return max(1, (time - 1) / period + 1)
  }
}
