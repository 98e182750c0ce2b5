import CaffeTraining
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// SIGINT and SIGHUP as requests that work polls; a second SIGINT ends the program at once.
enum Signals {
  private static let interrupts = Atomic<Int>(0)
  private static let hangups = Atomic<Int>(0)

  /// Begins to listen.
  static func install() {
    _ = (interrupts.load(ordering: .relaxed), hangups.load(ordering: .relaxed))  // made before a handler needs them
    unblock()
    signal(SIGINT) { _ in if Signals.interrupts.add(1, ordering: .relaxed).oldValue > 0 { _exit(130) } }
    signal(SIGHUP) { _ in Signals.hangups.add(1, ordering: .relaxed) }
  }

  /// A parent with threads of its own may have left these signals blocked.
  private static func unblock() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGHUP)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  static var isInterrupted: Bool { interrupts.load(ordering: .relaxed) > 0 }

  /// The request since the last look, by what the flags say a signal means.
  static func action(sigint: Solver.Action, sighup: Solver.Action) -> Solver.Action {
    if interrupts.load(ordering: .relaxed) > 0 {
      if sigint != .stop { interrupts.store(0, ordering: .relaxed) }
      return sigint
    }
    return hangups.exchange(0, ordering: .relaxed) > 0 ? sighup : .none
  }
}
