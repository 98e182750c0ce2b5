import Foundation

/// What a server says, and how it fails to.
public struct WebAnswer: Sendable {
  public var status: Int
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]
  /// The connection breaks after so many bytes of the body.
  public var cut: Int?
  /// What `Content-Length` says, true or not; nil says the truth.
  public var declaredLength: Int?
  /// Seconds of silence before each piece of the body.
  public var delay = 0.0
  /// Bytes of the body that are sent at once.
  public var piece = 1 << 14

  public init(_ status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public init(_ status: Int, headers: [(name: String, value: String)] = [], text: String) {
    self.init(status, headers: headers, body: Array(text.utf8))
  }

  func send(to connection: Int32, isHeadOnly: Bool) {
    let lines = ["HTTP/1.1 \(status) Test", "Content-Length: \(declaredLength ?? body.count)", "Connection: close"]
    let head = (lines + headers.map { "\($0.name): \($0.value)" }).joined(separator: "\r\n") + "\r\n\r\n"
    guard WebAnswer.write(Array(head.utf8), to: connection), !isHeadOnly else { return }
    var rest = body.prefix(cut ?? body.count)
    while !rest.isEmpty {
      if delay > 0 { Thread.sleep(forTimeInterval: delay) }
      guard WebAnswer.write(Array(rest.prefix(piece)), to: connection) else { return }
      rest = rest.dropFirst(piece)
    }
    if cut != nil { WebAnswer.reset(connection) }
  }

  @discardableResult
  static func write(_ bytes: [UInt8], to connection: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      #if canImport(Glibc)
        let flags = Int32(MSG_NOSIGNAL)
      #else
        let flags: Int32 = 0
      #endif
      let count = rest.withUnsafeBytes { Foundation.send(connection, $0.baseAddress, $0.count, flags) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Ends the sending side; what was sent before arrives.
  private static func reset(_ connection: Int32) { shutdown(connection, Int32(SHUT_WR)) }
}
