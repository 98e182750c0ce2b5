import CSystem

/// The cores that compute.
public enum Cores {
  /// How many the machine has.
  public static var online: Int { Int(csystem_online_cores()) }

  /// How many of them this process was allowed to run on when it first asked: `taskset` and mpirun take some away, and a library may later
  /// bind single threads.
  public static let allowed = Int(csystem_allowed_cores())
}
