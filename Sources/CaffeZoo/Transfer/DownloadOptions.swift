#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How patiently and how far files are fetched.
public struct DownloadOptions: Sendable {
  /// Asks no server at all.
  public var isOffline = false
  /// The most bytes a file may have whose size was not published.
  public var sizeLimit = 8 << 30
  /// How often in a row an address is asked without a new byte coming.
  public var attempts = 5
  /// The longest pause, in seconds, that a server may ask for.
  public var longestPause = 120.0
  /// Only addresses that anybody can reach are asked; for what strangers published.
  public var isPublicOnly = false
  /// Waits some seconds; returns early when work is to stop.
  public var pause: @Sendable (Double) -> Void = { seconds in usleep(UInt32(seconds * 1e6)) }

  public init() {}

  /// Seconds before attempt `number` (from 1): 0.5, 1, 2, 4 …, at most 30.
  func backOff(before number: Int) -> Double { min(30, 0.5 * Double(1 << min(number - 1, 10))) }
}
