import CaffeTraining
import Foundation
import Synchronization

/// Ranks that are threads of one process: what MPI does, without MPI.
final class ThreadRanks: @unchecked Sendable {
  /// What the ranks do together, once all have come to it.
  private final class Meeting {
    var floats: [Int: UnsafeMutableBufferPointer<Float>] = [:]
    var doubles: [Int: UnsafeMutableBufferPointer<Double>] = [:]
    var bytes: [Int: UnsafeMutableRawBufferPointer] = [:]
    var lists: [Int: [Int]] = [:]
    var messages: [Int: [UInt8]] = [:]
    var arrived = 0
    var isOver = false
  }

  let size: Int
  // All of these under the condition's lock.
  private let condition = NSCondition()
  private var meetings: [Int: Meeting] = [:]
  private var failure: String?

  private init(size: Int) { self.size = size }

  /// Runs `body` once for each rank, at the same time.
  ///
  /// - Returns: what each gave, in the order of the ranks; an error of one makes the others fail where they wait for it.
  static func run<Value: Sendable>(
    _ size: Int, _ body: @escaping @Sendable (any Communicator) throws -> Value
  ) -> [Result<Value, any Error>] {
    let ranks = ThreadRanks(size: size)
    let results = Mutex<[Int: Result<Value, any Error>]>([:])
    let done = DispatchGroup()
    for rank in 0..<size {
      done.enter()
      // A thread of its own: ranks wait for each other, and a pool may have fewer threads than there are ranks.
      Thread.detachNewThread {
        let result = Result { try body(Member(rank: rank, of: ranks)) }
        if case .failure(let error) = result { ranks.fail("rank \(rank): \(error)") }
        results.withLock { $0[rank] = result }
        done.leave()
      }
    }
    done.wait()
    return results.withLock { results in (0..<size).compactMap { results[$0] } }
  }

  private func fail(_ text: String) {
    condition.lock()
    failure = failure ?? text
    condition.broadcast()
    condition.unlock()
  }

  /// Comes to meeting number `number`; the last to come does what all came for.
  private func arrive(_ number: Int, _ bring: (Meeting) -> Void, _ act: (Meeting) -> Void) {
    condition.lock()
    defer { condition.unlock() }
    let meeting = meetings[number] ?? Meeting()
    meetings[number] = meeting
    bring(meeting)
    meeting.arrived += 1
    guard meeting.arrived == size else { return }
    act(meeting)
    meeting.isOver = true
    condition.broadcast()
  }

  private func leave(_ number: Int) throws -> Meeting {
    condition.lock()
    defer { condition.unlock() }
    while let meeting = meetings[number] {
      if meeting.isOver { return meeting }
      if let failure { throw RankError(failure) }
      condition.wait()
    }
    throw RankError("no such meeting")
  }

  /// One rank.
  // One thread uses it.
  private final class Member: Communicator, @unchecked Sendable {
    let rank: Int
    var size: Int { ranks.size }
    private let ranks: ThreadRanks
    private var next = 0

    init(rank: Int, of ranks: ThreadRanks) { (self.rank, self.ranks) = (rank, ranks) }

    private func meet(_ bring: (Meeting) -> Void, _ act: (Meeting) -> Void) -> Int {
      next += 1
      ranks.arrive(next, bring, act)
      return next
    }

    func startSum(_ values: UnsafeMutableBufferPointer<Float>) throws -> any PendingSum { sum(values, \.floats) }

    func startSum(_ values: UnsafeMutableBufferPointer<Double>) throws -> any PendingSum { sum(values, \.doubles) }

    private func sum<Number: BinaryFloatingPoint>(
      _ values: UnsafeMutableBufferPointer<Number>,
      _ lists: ReferenceWritableKeyPath<Meeting, [Int: UnsafeMutableBufferPointer<Number>]>
    ) -> Sum {
      let (rank, size) = (rank, size)
      let add = { (meeting: Meeting) in
        for index in values.indices {
          let sum = (0..<size).reduce(Number(0)) { $0 + (meeting[keyPath: lists][$1]?[index] ?? .nan) }
          for rank in 0..<size { meeting[keyPath: lists][rank]?[index] = sum }
        }
      }
      let number = meet({ $0[keyPath: lists][rank] = values }, add)
      return Sum(number, ranks)
    }

    func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws {
      let (rank, size) = (rank, size)
      let copy = { (meeting: Meeting) in
        for rank in 1..<size {
          if let source = meeting.bytes[0] { meeting.bytes[rank]?.copyMemory(from: UnsafeRawBufferPointer(source)) }
        }
      }
      let number = meet({ $0.bytes[rank] = bytes }, copy)
      _ = try ranks.leave(number)
    }

    func maximum(_ values: [Int]) throws -> [Int] {
      let rank = rank
      let meeting = try ranks.leave(meet({ $0.lists[rank] = values }, { _ in }))
      return values.indices.map { index in meeting.lists.values.map { $0[index] }.max() ?? 0 }
    }

    func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
      let rank = rank
      let meeting = try ranks.leave(meet({ $0.messages[rank] = bytes }, { _ in }))
      return rank == 0 ? (0..<size).map { meeting.messages[$0] ?? [] } : []
    }
  }

  private final class Sum: PendingSum {
    private let number: Int
    private let ranks: ThreadRanks
    let duration: Range<ContinuousClock.Instant>? = nil

    init(_ number: Int, _ ranks: ThreadRanks) { (self.number, self.ranks) = (number, ranks) }

    func wait() throws { _ = try ranks.leave(number) }
  }
}
