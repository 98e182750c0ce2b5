import Foundation
import Synchronization

/// A web server on this machine, for tests: it answers as its handler says, faults included, until the process ends.
public final class WebServer: Sendable {
  public typealias Handler = @Sendable (WebRequest) -> WebAnswer

  /// `http://127.0.0.1:PORT`.
  public let address: String
  private let socket: Int32
  private let handler: Handler
  private let log = Mutex<[WebRequest]>([])

  /// Begins to answer.
  ///
  /// - Throws: `POSIXError` when no port is to be had.
  public init(_ handler: @escaping Handler) throws {
    self.handler = handler
    let (socket, port) = try WebServer.listen()
    self.socket = socket
    address = "http://127.0.0.1:\(port)"
    Thread.detachNewThread {
      while case let connection = accept(socket, nil, nil), connection >= 0 || errno == EINTR {
        if connection >= 0 { Thread.detachNewThread { self.serve(connection) } }
      }
    }
  }

  /// What was asked so far, in order.
  public var requests: [WebRequest] { log.withLock { $0 } }

  static func listen() throws -> (socket: Int32, port: UInt16) {
    #if canImport(Glibc)
      let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
      let socket = Foundation.socket(AF_INET, SOCK_STREAM, 0)
    #endif
    guard socket >= 0 else { throw POSIXError(.EMFILE) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(socket, pointer, length) == 0 && Foundation.listen(socket, 64) == 0 && getsockname(socket, pointer, &length) == 0
      }
    }
    guard isBound else { throw POSIXError(.EADDRINUSE) }
    return (socket, UInt16(bigEndian: address.sin_port))
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    guard let request = WebRequest(from: connection) else { return }
    log.withLock { $0.append(request) }
    handler(request).send(to: connection, isHeadOnly: request.method == "HEAD")
  }
}
