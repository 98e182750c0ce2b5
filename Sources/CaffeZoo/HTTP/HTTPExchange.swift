import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What has come of one exchange while it runs; lives on one thread.
final class HTTPExchange {
  private let request: HTTPRequest
  private let onHead: (HTTPHead) throws -> Void
  private let onBytes: (UnsafeRawBufferPointer) throws -> Void
  private let shouldStop: () -> Bool
  private var head = HTTPHead()
  private var isHeadTold = false
  private var gate: AddressGate
  private var failure: (any Error)?
  private var refusal: String?

  init(
    _ request: HTTPRequest, onHead: @escaping (HTTPHead) throws -> Void,
    onBytes: @escaping (UnsafeRawBufferPointer) throws -> Void, shouldStop: @escaping () -> Bool
  ) {
    self.request = request
    gate = AddressGate(isPublicOnly: request.isPublicOnly)
    self.onHead = onHead
    self.onBytes = onBytes
    self.shouldStop = shouldStop
  }

  static func at(_ context: UnsafeMutableRawPointer?) -> HTTPExchange? {
    context.map { Unmanaged<HTTPExchange>.fromOpaque($0).takeUnretainedValue() }
  }

  func take(header bytes: UnsafePointer<CChar>?, _ count: Int) {
    let line = String(decoding: UnsafeRawBufferPointer(start: bytes, count: min(count, 16_384)), as: UTF8.self)
    head.take(line.trimmedEnd)
  }

  func take(body bytes: UnsafePointer<UInt8>?, _ count: Int) -> Bool {
    guard tellHead() else { return false }
    do {
      try onBytes(UnsafeRawBufferPointer(start: bytes, count: count))
      return true
    } catch {
      failure = error
      return false
    }
  }

  private func tellHead() -> Bool {
    guard !isHeadTold else { return failure == nil }
    isHeadTold = true
    head.isPublic = gate.isFirstPublic ?? false
    do { try onHead(head) } catch { failure = error }
    return failure == nil
  }

  func mayConnect(to address: UnsafePointer<sockaddr>?) -> Bool {
    guard let address else { return false }
    if gate.admits(NetworkAddress(address)) { return true }
    refusal = "refused: it leads from a public server into a private network or to this machine"
    return false
  }

  func isStopped() -> Bool { shouldStop() }

  /// The final answer's head.
  func result(_ outcome: ccurl_outcome, _ transfer: OpaquePointer) throws -> HTTPHead {
    if let failure { throw failure }
    let last = String(cString: ccurl_final_url(transfer))
    let url = last.isEmpty ? request.url : last
    guard outcome == CCURL_DONE else {
      if let refusal { throw HTTPFailure(reason: .refused, url: url, detail: refusal) }
      throw HTTPFailure(reason: HTTPFailure.Reason(outcome), url: url, detail: String(cString: ccurl_message(transfer)))
    }
    guard tellHead() else { throw failure ?? HTTPFailure(reason: .other, url: url, detail: "") }
    return head
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self[...]
    while let last = text.unicodeScalars.last, last.value <= 32 { text = text.dropLast() }
    return String(text)
  }
}
