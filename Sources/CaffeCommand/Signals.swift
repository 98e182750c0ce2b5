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
  /// Room for the registers of any processor, and more than a handler needs.
  private static let stackSize = 1 << 18

  /// Begins to listen; called from the main thread, which the system gives signals to.
  static func install() {
    _ = (interrupts.load(ordering: .relaxed), hangups.load(ordering: .relaxed))  // made before a handler needs them
    unblock()
    provideStack()
    handle(SIGINT) { _ in if Signals.interrupts.add(1, ordering: .relaxed).oldValue > 0 { _exit(130) } }
    handle(SIGHUP) { _ in Signals.hangups.add(1, ordering: .relaxed) }
  }

  /// A parent with threads of its own may have left these signals blocked.
  private static func unblock() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGHUP)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Kernels of oneDNN use the stack pointer for memory of their own: a handler that ran there would write over the heap.
  private static func provideStack() {
    var stack = stack_t()
    stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: stackSize, alignment: 64)  // for as long as the program runs
    stack.ss_size = numericCast(stackSize)
    sigaltstack(&stack, nil)
  }

  private static func handle(_ signal: Int32, _ handler: @escaping @convention(c) (Int32) -> Void) {
    var action = sigaction()
    #if canImport(Glibc)
      action.__sigaction_handler.sa_handler = handler
    #else
      action.__sigaction_u.__sa_handler = handler
    #endif
    action.sa_flags = SA_ONSTACK | SA_RESTART
    sigaction(signal, &action, nil)
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
