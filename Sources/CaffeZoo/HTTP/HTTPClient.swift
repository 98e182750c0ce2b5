import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Asks web servers, over libcurl: http and https, redirects to no other protocol and from no public address to a private one.
public struct HTTPClient: Sendable {
  /// How long a silent server is borne.
  public struct Patience: Sendable {
    /// Seconds until a connection stands.
    public var connect = 20
    /// Seconds for which fewer than `slowest` bytes a second may come.
    public var slow = 30
    /// Bytes a second.
    public var slowest = 100

    public init() {}
  }

  public var patience = Patience()
  /// The most redirects that are followed.
  public var redirects = 8
  /// How this program names itself to servers.
  public var userAgent = "caffe-zoo"
  /// Asked now and then; true ends the exchange.
  public var shouldStop: @Sendable () -> Bool = { false }

  public init() {}

  /// Performs an exchange.
  ///
  /// - Parameters:
  ///   - onHead: is told status and headers of the final answer before its body; what it throws ends the exchange.
  ///   - onBytes: is given the body piece by piece, likewise.
  /// - Returns: the head of the final answer.
  /// - Throws: `HTTPFailure`, or what the closures throw.
  @discardableResult
  public func send(
    _ request: HTTPRequest, onHead: (HTTPHead) throws -> Void = { _ in }, onBytes: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> HTTPHead {
    guard ccurl_open() else { throw HTTPFailure(reason: .noLibrary, url: request.url, detail: "") }
    guard HTTPURL.isValid(request.url) else { throw HTTPFailure(reason: .badAddress, url: request.url, detail: "") }
    guard let transfer = ccurl_new(request.method, request.url) else {
      throw HTTPFailure(reason: .other, url: request.url, detail: "out of memory")
    }
    defer { ccurl_free(transfer) }
    prepare(transfer, for: request)
    return try withoutActuallyEscaping(onHead) { onHead in
      try withoutActuallyEscaping(onBytes) { onBytes in
        let exchange = HTTPExchange(request, onHead: onHead, onBytes: onBytes, shouldStop: shouldStop)
        let outcome = HTTPClient.perform(transfer, exchange, body: request.body)
        return try exchange.result(outcome, transfer)
      }
    }
  }

  /// Fetches a whole answer.
  ///
  /// - Parameter limit: the most bytes that are taken of the body.
  /// - Throws: `HTTPFailure`; `ZooError` when the answer is longer.
  public func fetch(_ request: HTTPRequest, limit: Int) throws -> HTTPResponse {
    var body: [UInt8] = []
    let tooLong = ZooError(
      "\(TerminalText.line(HTTPURL.withoutSecrets(request.url))): the answer is longer than \(limit) bytes",
      advice: "it is not what was expected there; it was not read on")
    let head = try send(
      request, onHead: { if ($0.contentLength ?? 0) > limit { throw tooLong } },
      onBytes: { bytes in
        guard body.count + bytes.count <= limit else { throw tooLong }
        body += bytes
      })
    return HTTPResponse(head: head, body: body)
  }

  private func prepare(_ transfer: OpaquePointer, for request: HTTPRequest) {
    _ = ccurl_add_header(transfer, "User-Agent: \(userAgent)")
    for (name, value) in request.headers where !(name + value).unicodeScalars.contains(where: { $0.value < 32 }) {
      _ = ccurl_add_header(transfer, "\(name): \(value)")
    }
    if request.acceptsCompression { ccurl_accept_compression(transfer) }
    // A secret sent over TLS must not go on without it.
    let isSecret = request.headers.contains { $0.name.lowercased() == "authorization" }
    ccurl_set_redirects(transfer, redirects, isSecret && request.url.lowercased().hasPrefix("https:"))
    ccurl_set_patience(transfer, patience.connect, patience.slow, patience.slowest)
  }

  /// The callbacks of C reach the exchange through its address; it outlives the call.
  private static func perform(_ transfer: OpaquePointer, _ exchange: HTTPExchange, body: [UInt8]?) -> ccurl_outcome {
    var listener = ccurl_listener(
      context: Unmanaged.passUnretained(exchange).toOpaque(),
      on_header: { exchange, bytes, count in HTTPExchange.at(exchange)?.take(header: bytes, count) },
      on_body: { exchange, bytes, count in HTTPExchange.at(exchange)?.take(body: bytes, count) ?? false },
      may_connect: { exchange, address in HTTPExchange.at(exchange)?.mayConnect(to: address) ?? false },
      should_stop: { exchange in HTTPExchange.at(exchange)?.isStopped() ?? true })
    return withExtendedLifetime(exchange) {
      guard let body else { return ccurl_perform(transfer, &listener) }
      return body.withUnsafeBufferPointer { bytes in
        ccurl_set_body(transfer, bytes.baseAddress, bytes.count)
        return ccurl_perform(transfer, &listener)
      }
    }
  }
}
