import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// One request for the rest of a file.
final class FileAttempt {
  enum Outcome: Equatable {
    /// The server says that all has come.
    case whole
    /// It may go better a little later, for one after the seconds that the server wishes.
    case again(String, after: Double?)
    /// This address will not give the file.
    case over(String)
  }

  private let job: Download
  private let partial: PartialFile
  private let url: String
  private let offset: Int
  private var total: Int?
  /// Bytes that came.
  private(set) var received = 0
  /// Whether the file there is shorter than what has come.
  private(set) var contradictsPartial = false
  /// Whether the server went on where an earlier attempt had stopped.
  private(set) var isContinuation = false

  init(_ job: Download, partial: PartialFile, url: String) {
    self.job = job
    self.partial = partial
    self.url = url
    // Without a checksum, bytes of two versions could be put together unnoticed; then the server must tell its versions apart.
    offset = job.isChecked || partial.validator != nil ? partial.size : 0
  }

  /// Ends an exchange at its head, when the body is not wanted.
  private struct Verdict: Error { let outcome: Outcome }

  /// - Throws: `FileError`; `CancellationError` when stopped.
  func run() throws -> Outcome {
    job.report(.asking(url: TerminalText.line(HTTPURL.withoutSecrets(url)), offset: offset))
    do {
      try job.client.send(request, onHead: { try begin($0) }, onBytes: { try take($0) })
      if let total = total ?? job.file.size, partial.size < total {
        return .again("the connection broke after \(partial.size) of \(total) bytes", after: nil)
      }
      return .whole
    } catch let verdict as Verdict {
      return verdict.outcome
    } catch let failure as HTTPFailure {
      guard failure.reason != .stopped else { throw CancellationError() }
      return failure.isTransient ? .again(failure.cause, after: nil) : .over(failure.cause)
    }
  }

  private var request: HTTPRequest {
    var request = HTTPRequest(url: url)
    request.isPublicOnly = job.options.isPublicOnly
    guard offset > 0 else { return request }
    request.headers.append(("Range", "bytes=\(offset)-"))
    if !job.isChecked, let validator = partial.validator { request.headers.append(("If-Range", validator)) }
    return request
  }

  private func begin(_ head: HTTPHead) throws {
    guard ![200, 206].contains(head.status) || ["", "identity"].contains(head.headers["content-encoding"] ?? "") else {
      throw Verdict(outcome: .over("the server sends the file compressed, unasked"))
    }
    switch head.status {
    case 200:
      // What is shorter than what has come is another file, an error page for one; what has come is worth more.
      if let length = head.contentLength, length < partial.size, job.isChecked {
        contradictsPartial = true
        throw Verdict(outcome: .over("the file there has \(length) bytes; \(partial.size) have come already"))
      }
      try expect(head.contentLength, from: 0)
      try partial.restart(validator: head.validator)
    case 206:
      guard let range = head.contentRange, range.start == offset else {
        throw Verdict(outcome: .over("the server sent another part than was asked for"))
      }
      isContinuation = offset > 0
      try expect(head.contentLength, from: offset)
      try expect(range.total.map { $0 - offset }, from: offset)
    case 416:
      let total = head.headers["content-range"].flatMap { Int($0.split(separator: "/").last ?? "") }
      guard total == nil || total == partial.size else {
        contradictsPartial = true
        throw Verdict(outcome: .over("the file there has no bytes after \(offset)"))
      }
      // All bytes are here and wrong.
      try partial.restart(validator: nil)
      throw Verdict(outcome: .again("the server has no bytes after \(offset)", after: nil))
    default: throw Verdict(outcome: FileAttempt.outcome(of: head))
    }
  }

  /// Refuses what cannot be right before any byte of it is taken.
  private func expect(_ length: Int?, from start: Int) throws {
    guard let length else { return }
    guard length >= 0 else { throw Verdict(outcome: .over("the server contradicts itself about the file's length")) }
    let (sum, isTooLarge) = start.addingReportingOverflow(length)
    if let size = job.file.size, sum != size { throw Verdict(outcome: .over("the file there has \(sum) bytes, not \(size)")) }
    guard !isTooLarge, sum <= limit else {
      throw Verdict(outcome: .over("the file there has \(isTooLarge ? length : sum) bytes; at most \(limit) are taken"))
    }
    if let free = Folder.freeSpace(at: job.cache.path), length > free {
      throw FileError(path: partial.path, operation: "write \(length) bytes where \(free) are free", code: ENOSPC)
    }
    total = sum
  }

  private var limit: Int { job.file.size ?? job.options.sizeLimit }

  private func take(_ bytes: UnsafeRawBufferPointer) throws {
    guard partial.size + bytes.count <= limit else {
      try partial.restart(validator: nil)
      throw Verdict(outcome: .over("the server sends more than \(limit) bytes"))
    }
    try partial.append(bytes)
    received += bytes.count
    job.report(.progress(bytes: partial.size, total: total))
  }

  /// What a status that brings no file means.
  static func outcome(of head: HTTPHead) -> Outcome {
    let after = head.retryAfter
    let isLimited = head.status == 429 || (head.status == 403 && (after != nil || head.headers["x-ratelimit-remaining"] == "0"))
    if isLimited { return .again("the server asks to come less often (\(head.status))", after: after) }
    switch head.status {
    case 408, 425, 500, 502, 503, 504: return .again("the server is in trouble (\(head.status))", after: after)
    case 401, 403: return .over("the server refuses (\(head.status))")
    case 404, 410: return .over("there is no such file (\(head.status))")
    default: return .over("the server answers \(head.status)")
    }
  }
}

extension HTTPHead {
  /// What tells the versions of a file apart: a strong ETag, or the date of change.
  fileprivate var validator: String? {
    if let tag = headers["etag"], tag.hasPrefix("\"") { return tag }
    return headers["last-modified"]
  }

  /// `Content-Range: bytes START-END/TOTAL`.
  fileprivate var contentRange: (start: Int, total: Int?)? {
    guard let value = headers["content-range"], value.hasPrefix("bytes ") else { return nil }
    let parts = value.dropFirst(6).split(separator: "/", maxSplits: 1)
    guard let start = parts.first?.split(separator: "-").first.flatMap({ Int($0) }) else { return nil }
    return (start, parts.count > 1 ? Int(parts[1]) : nil)
  }
}
