import CaffeCore

/// The last answer to one request of the API, with the mark (ETag) by which the server tells whether it is still true.
struct GistAnswerCache {
  private let path: String
  let tag: String?
  let body: [UInt8]?

  /// - Parameters:
  ///   - folder: where answers lie; nil keeps none.
  ///   - token: who asks; what one user may see is not another's.
  init?(_ folder: String?, _ url: String, _ token: String?) {
    guard let folder else { return nil }
    path = "\(folder)/\(FileSums(of: Array("\(url) \(token ?? "")".utf8)).sha256)"
    let bytes = (try? FileBytes.read(path, limit: 64 << 20)) ?? []
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
      (tag, body) = (nil, nil)
      return
    }
    tag = String(decoding: bytes[..<end], as: UTF8.self)
    body = Array(bytes[(end + 1)...])
  }

  /// Keeps an answer. That it cannot be kept costs a request later, nothing else.
  func keep(_ response: HTTPResponse) {
    guard let tag = response.head.headers["etag"], !tag.isEmpty, let slash = path.lastIndex(of: "/") else { return }
    try? Folder.make(String(path[..<slash]))
    try? AtomicFile.write(Array(tag.utf8) + [UInt8(ascii: "\n")] + response.body, to: path)
  }
}
