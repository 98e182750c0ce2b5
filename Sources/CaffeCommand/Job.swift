import Caffe
import CaffeCore
import CaffeMPI
import CaffeTraining
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The processes that mpirun has started together with this one.
enum Job {
  private struct State {
    var ranks: MPICommunicator?
    var hasFailed = false
    var snapshot: String?
  }

  private static let state = Mutex(State())

  /// Joins the others; nil when this process works alone. Of several only rank 0 is heard from then on.
  ///
  /// - Throws: `RankError` when there are others that cannot be reached.
  static func join() throws -> (any Communicator)? {
    guard let ranks = try MPILaunch(ProcessInfo.processInfo.environment).join(onFailure: { fail("caffe: \($0)") }) else {
      return nil
    }
    state.withLock { $0.ranks = ranks }
    Console.isQuiet = !ranks.isFirst
    return ranks
  }

  /// What all ranks must have alike: the program and how it was called.
  static func fingerprint(_ options: KeyValuePairs<String, String>) -> JobFingerprint {
    var job = JobFingerprint(host: host)
    job.add("version of the program", CaffeCommand.configuration.version)
    for (name, value) in options { job.add(name, value) }
    return job
  }

  /// Remembers what a training that breaks off can go on from.
  static func remember(snapshot: String?) { state.withLock { $0.snapshot = snapshot ?? $0.snapshot } }

  /// Leaves a job whose work is done, together with all ranks.
  static func leave() { state.withLock { $0.ranks }?.leave() }

  /// Says what went wrong and on which rank, and ends all of them; does nothing for a process that works alone.
  static func fail(_ text: String) {
    let (ranks, isFirst, snapshot) = state.withLock { state in
      defer { state.hasFailed = true }
      return (state.ranks, !state.hasFailed, state.snapshot)
    }
    guard let ranks else { return }
    if isFirst {
      Console.isQuiet = false
      Console.note(words(text, rank: ranks.rank, of: ranks.size))
      if let snapshot {
        Console.note("caffe: the last snapshot is \(snapshot); --snapshot goes on from it, on any number of ranks")
      }
      ranks.abort()
    } else {
      Thread.sleep(forTimeInterval: 10)  // Another thread ends the process.
    }
    _exit(1)
  }

  /// `caffe: rank 1 of 2 (host): …`
  private static func words(_ text: String, rank: Int, of size: Int) -> String {
    let start = "caffe: "
    let rest = text.hasPrefix(start) ? String(text.dropFirst(start.count)) : text
    return "\(start)rank \(rank) of \(size) (\(host)): \(rest)"
  }

  /// The name of this machine.
  static let host: String = {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown host" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()

  /// Compute threads where nothing is said: the cores that this process may run on, or this rank's share of the machine's.
  static let threads = MPILaunch.threads(
    cores: Cores.allowed, areBound: Cores.areBound, ProcessInfo.processInfo.environment)
}
