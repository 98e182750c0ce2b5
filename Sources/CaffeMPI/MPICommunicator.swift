import CMPI
import CaffeTraining

/// The processes that Open MPI's mpirun has started.
public final class MPICommunicator: Communicator {
  public let rank: Int
  public let size: Int
  private let thread: MPIThread

  /// Joins the job; the process must have been started as one of several.
  ///
  /// - Parameter onFailure: told, on a thread of its own, why the job cannot go on.
  /// - Throws: `RankError` when the library is not there or does not start.
  init(onFailure: @escaping @Sendable (String) -> Void) throws(RankError) {
    thread = MPIThread(onFailure: onFailure)
    (rank, size) = try thread.start()
  }

  /// The most bytes in one message: MPI counts with 32 bits.
  private static let largest = 1 << 30

  public func startSum(_ values: UnsafeMutableBufferPointer<Float>) throws -> any PendingSum {
    let (base, count) = try place(of: values)
    return start([{ cmpi_sum(base, count, $0) }])
  }

  public func startSum(_ values: UnsafeMutableBufferPointer<Double>) throws -> any PendingSum {
    let (base, count) = try place(of: values)
    return start([{ cmpi_sum_doubles(base, count, $0) }])
  }

  private func place<Number>(of values: UnsafeMutableBufferPointer<Number>) throws -> (UnsafeMutablePointer<Number>, Int32) {
    guard let count = Int32(exactly: values.count), let base = values.baseAddress else {
      throw RankError("\(values.count) values are more than MPI adds up at once")
    }
    return (base, count)
  }

  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws {
    for part in parts(of: bytes) { try start([{ cmpi_broadcast(part.baseAddress, Int32(part.count), $0) }]).wait() }
  }

  public func maximum(_ values: [Int]) throws -> [Int] {
    // An empty list is a wait for all ranks as well.
    var wide = (values.isEmpty ? [0] : values).map { Int64($0) }
    try wide.withUnsafeMutableBufferPointer { wide in
      let (base, count) = (wide.baseAddress, Int32(wide.count))
      try start([{ cmpi_maximum(base, count, $0) }]).wait()
    }
    return wide.prefix(values.count).map { Int($0) }
  }

  public func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    let counts = try collect(bytes.count)
    guard isFirst else {
      var bytes = bytes
      try bytes.withUnsafeMutableBytes { bytes in
        try start(parts(of: bytes).map { part in { cmpi_send(part.baseAddress, Int32(part.count), 0, cmpi_work, $0) } }).wait()
      }
      return []
    }
    var all = [bytes]
    // One after the other, so that no more than a rank's bytes are in two places.
    for rank in 1..<size { all.append(try receive(counts[rank], from: Int32(rank))) }
    return all
  }

  private func receive(_ count: Int, from rank: Int32) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeMutableBytes { bytes in
      try start(parts(of: bytes).map { part in { cmpi_receive(part.baseAddress, Int32(part.count), rank, cmpi_work, $0) } })
        .wait()
    }
    return bytes
  }

  private func collect(_ number: Int) throws -> [Int] {
    var (mine, all) = (Int64(number), [Int64](repeating: 0, count: size))
    try withUnsafePointer(to: &mine) { mine in
      try all.withUnsafeMutableBufferPointer { all in
        let base = all.baseAddress
        try start([{ cmpi_collect(mine, base, $0) }]).wait()
      }
    }
    return all.map { Int($0) }
  }

  private func start(_ calls: [MPIOperation.Call]) -> MPIOperation {
    let operation = MPIOperation(calls)
    thread.order(operation)
    return operation
  }

  private func parts(of bytes: UnsafeMutableRawBufferPointer) -> [UnsafeMutableRawBufferPointer] {
    stride(from: 0, to: bytes.count, by: MPICommunicator.largest).map { start in
      UnsafeMutableRawBufferPointer(rebasing: bytes[start..<min(start + MPICommunicator.largest, bytes.count)])
    }
  }

  // MARK: The end

  /// Leaves the job when all ranks are done; call it on all of them.
  public func leave() { thread.leave() }

  /// Ends all ranks. Comes back where MPI does not manage to: then the process ends itself.
  public func abort() { thread.abort(1) }
}
