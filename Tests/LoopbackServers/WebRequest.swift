import Foundation

/// What a client asked.
public struct WebRequest: Sendable {
  public let method: String
  /// The path with what follows `?`.
  public let target: String
  /// By name in lower case.
  public let headers: [String: String]
  public let body: [UInt8]

  /// The path without what follows `?`.
  public var path: String { String(target.prefix { $0 != "?" }) }

  /// The first byte that a `Range` header asks for.
  public var rangeStart: Int? {
    guard let value = headers["range"], value.hasPrefix("bytes="), value.hasSuffix("-") else { return nil }
    return Int(value.dropFirst(6).dropLast())
  }

  /// Reads a request to its end.
  init?(from connection: Int32) {
    var bytes: [UInt8] = []
    let end = Array("\r\n\r\n".utf8)
    while bytes.firstRange(of: end) == nil {
      guard bytes.count < 1 << 16, WebRequest.read(connection, into: &bytes) else { return nil }
    }
    guard let gap = bytes.firstRange(of: end) else { return nil }
    let lines = String(decoding: bytes[..<gap.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ").map(String.init)
    guard words.count == 3 else { return nil }
    (method, target) = (words[0], words[1])
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    }
    self.headers = headers
    let length = headers["content-length"].flatMap(Int.init) ?? 0
    if headers["expect"] != nil { WebAnswer.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), to: connection) }
    while bytes.count < gap.upperBound + length { guard WebRequest.read(connection, into: &bytes) else { return nil } }
    body = Array(bytes[gap.upperBound..<gap.upperBound + length])
  }

  private static func read(_ connection: Int32, into bytes: inout [UInt8]) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    var count = recv(connection, &buffer, buffer.count, 0)
    while count < 0 && errno == EINTR { count = recv(connection, &buffer, buffer.count, 0) }
    if count > 0 { bytes += buffer[..<count] }
    return count > 0
  }
}
