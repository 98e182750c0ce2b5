import CMPI

/// Signs of life between rank 0 and each other rank: MPI itself waits for a host that is gone for ever.
///
/// Used by the thread of MPI alone.
final class Heartbeats {
  /// How often one is sent.
  static let interval = Duration.seconds(2)
  /// How long none may come: less than mpirun takes to give a host up, which would not say which rank was lost.
  static let limit = Duration.seconds(15)
  /// A thread that slept longer was stopped itself, and has nothing to say about others.
  private static let ownSilence = Duration.seconds(5)

  private static let alive: UInt8 = 1
  private static let leaving: UInt8 = 2

  /// One other rank. Its two bytes stay where they are, as MPI reads and writes them.
  private final class Peer {
    let rank: Int
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 2)
    var sending: cmpi_request?
    var receiving: cmpi_request?
    var lastHeard = ContinuousClock.now
    var hasLeft = false

    init(_ rank: Int) { self.rank = rank }
    deinit { bytes.deallocate() }
  }

  private let peers: [Peer]
  private var lastSent = ContinuousClock.now - Heartbeats.interval
  private var lastTick = ContinuousClock.now
  private var isLeaving = false

  init(rank: Int, size: Int) { peers = (rank == 0 ? Array(1..<size) : [0]).map(Peer.init) }

  /// Sends, listens, and says which rank is silent.
  ///
  /// - Returns: a rank that was not heard for too long, and an error code of MPI, 0 for none.
  func tick() -> (silent: Int?, code: Int32) {
    let now = ContinuousClock.now
    if now - lastTick > Heartbeats.ownSilence { for peer in peers { peer.lastHeard = now } }
    lastTick = now
    let isDue = now - lastSent >= Heartbeats.interval
    if isDue { lastSent = now }
    for peer in peers {
      let code = max(listen(to: peer, now), isDue ? send(Heartbeats.alive, to: peer) : 0)
      guard code == 0 else { return (nil, code) }
    }
    return (peers.first { !$0.hasLeft && now - $0.lastHeard > Heartbeats.limit }?.rank, 0)
  }

  /// Says that this rank goes, once.
  func leave() {
    guard !isLeaving else { return }
    isLeaving = true
    for peer in peers { _ = send(Heartbeats.leaving, to: peer) }
  }

  /// Whether all others have said that they go, and have been told.
  var isOver: Bool { isLeaving && peers.allSatisfy { $0.hasLeft && $0.sending == nil } }

  private func listen(to peer: Peer, _ now: ContinuousClock.Instant) -> Int32 {
    var isDone = false
    if peer.sending != nil {
      let code = cmpi_test(&peer.sending, &isDone)
      guard code == 0 else { return code }
    }
    guard !peer.hasLeft else { return 0 }
    if peer.receiving != nil {
      let code = cmpi_test(&peer.receiving, &isDone)
      guard code == 0, peer.receiving == nil else { return code }
      peer.lastHeard = now
      peer.hasLeft = peer.bytes[1] == Heartbeats.leaving
      if peer.hasLeft { return 0 }
    }
    return cmpi_receive(peer.bytes + 1, 1, Int32(peer.rank), cmpi_heartbeat, &peer.receiving)
  }

  /// Sends unless the last one has not gone yet.
  private func send(_ sign: UInt8, to peer: Peer) -> Int32 {
    var isDone = false
    while sign == Heartbeats.leaving, peer.sending != nil { _ = cmpi_test(&peer.sending, &isDone) }
    guard peer.sending == nil, !isLeaving || sign == Heartbeats.leaving else { return 0 }
    peer.bytes[0] = sign
    return cmpi_send(peer.bytes, 1, Int32(peer.rank), cmpi_heartbeat, &peer.sending)
  }
}
