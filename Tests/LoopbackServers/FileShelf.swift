import Foundation
import Synchronization

/// Files on a web server, with ranges as RFC 9110 has them and faults that can be switched on.
public final class FileShelf: Sendable {
  /// What goes wrong with a file.
  public struct Faults: Sendable {
    /// Statuses that are answered, one a request, before the file is.
    public var statuses: [Int] = []
    /// Headers of those answers.
    public var headers: [(name: String, value: String)] = []
    /// How many bytes each answer brings before the connection breaks.
    public var cut: Int?
    /// How many answers are cut; nil is all.
    public var cuts: Int?
    /// Whether ranges are not understood.
    public var ignoresRanges = false
    /// What `Content-Length` says.
    public var declaredLength: Int?
    /// Seconds before each piece, and bytes a piece.
    public var delay = 0.0
    public var piece = 1 << 14

    public init() {}
  }

  private struct Shelf {
    var files: [String: [UInt8]] = [:]
    var faults: [String: Faults] = [:]
    var sent = 0
  }
  private let shelf = Mutex(Shelf())

  public init() {}

  /// Puts a file under a path such as `/model.caffemodel`.
  public func put(_ bytes: [UInt8], at path: String, faults: Faults = Faults()) {
    shelf.withLock { shelf in
      shelf.files[path] = bytes
      shelf.faults[path] = faults
    }
  }

  /// Bytes of bodies that were handed out.
  public var sentBytes: Int { shelf.withLock { $0.sent } }

  /// The handler of a server.
  public func answer(_ request: WebRequest) -> WebAnswer {
    shelf.withLock { shelf in
      guard let bytes = shelf.files[request.path] else { return WebAnswer(404, text: "no such file") }
      var faults = shelf.faults[request.path] ?? Faults()
      defer { shelf.faults[request.path] = faults }
      if !faults.statuses.isEmpty { return WebAnswer(faults.statuses.removeFirst(), headers: faults.headers, text: "a fault") }
      var answer = FileShelf.answer(bytes, from: faults.ignoresRanges ? nil : request.rangeStart)
      (answer.delay, answer.piece, answer.declaredLength) = (faults.delay, faults.piece, faults.declaredLength)
      if let cut = faults.cut, faults.cuts ?? 1 > 0 {
        (answer.cut, answer.declaredLength) = (cut, answer.declaredLength ?? answer.body.count)
        faults.cuts = faults.cuts.map { $0 - 1 }
      }
      shelf.sent += min(answer.body.count, answer.cut ?? .max)
      return answer
    }
  }

  private static func answer(_ bytes: [UInt8], from start: Int?) -> WebAnswer {
    guard let start else { return WebAnswer(200, headers: [("Accept-Ranges", "bytes")], body: bytes) }
    guard start < bytes.count else { return WebAnswer(416, headers: [("Content-Range", "bytes */\(bytes.count)")]) }
    let range = "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"
    return WebAnswer(206, headers: [("Content-Range", range)], body: Array(bytes[start...]))
  }
}
