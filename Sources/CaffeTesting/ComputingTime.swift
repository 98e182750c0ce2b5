#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How long the calling thread computes in `body`; what threads do that it starts does not count. Unlike a clock's time this does not go on
/// while other tests have the cores, or while the machine stands still.
public func computingTime(_ body: () throws -> Void) rethrows -> Duration {
  let start = threadTime()
  try body()
  return threadTime() - start
}

/// How long `body` takes, also where it starts threads: the first time within a limit, or the least of three. A machine that stands still for
/// a while spoils one of them, what really takes long all.
public func leastTime(within limit: Duration, _ body: () throws -> Void) rethrows -> Duration {
  var least = try ContinuousClock().measure(body)
  for _ in 1..<3 where least >= limit { least = min(least, try ContinuousClock().measure(body)) }
  return least
}

private func threadTime() -> Duration {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return .seconds(Int(time.tv_sec)) + .nanoseconds(Int(time.tv_nsec))
}
