import CaffeCore
import Foundation

/// Gists over GitHub's REST API, version 2022-11-28.
public struct GistService: Sendable {
  /// The API's address: `https://api.github.com`, or `https://HOST/api/v3` of a GitHub Enterprise server.
  public let api: String
  /// Sent to the API's host and to no other.
  public let token: String?
  public let client: HTTPClient
  /// Where answers are kept with their ETag, so that asking again costs nothing of the hourly allowance; nil keeps none.
  public let cache: String?
  /// Waits some seconds.
  public var pause: @Sendable (Double) -> Void = { Thread.sleep(forTimeInterval: $0) }

  /// Bytes of an answer of the API: up to a megabyte of each of 300 files, with room for escapes, but no more.
  private static let answerLimit = 64 << 20
  /// Bytes of all files of a gist together.
  private static let filesLimit = 64 << 20

  public init(
    api: String = "https://api.github.com", token: String? = nil, client: HTTPClient = HTTPClient(), cache: String? = nil
  ) {
    self.api = api.hasSuffix("/") ? String(api.dropLast()) : api
    self.token = token
    self.client = client
    self.cache = cache
  }

  /// Fetches a gist with all its files, cut ones through their raw address.
  ///
  /// - Throws: `ZooError` that explains status codes and limits; `HTTPFailure`.
  public func fetch(_ reference: GistReference) throws -> Gist {
    let path = "/gists/\(reference.id)" + (reference.revision.map { "/\($0)" } ?? "")
    try refuseOtherServer(reference)
    let (gist, isPublic) = try answer(to: "GET", path, subject: "gist \(reference)")
    if let wanted = reference.owner, let owner = gist.owner?.login, wanted.lowercased() != owner.lowercased() {
      throw ZooError(
        "gist \(reference.id) belongs to \(TerminalText.line(owner)), not to \(TerminalText.line(wanted))",
        advice: "check the address; without the user's name the gist is taken whoever it belongs to")
    }
    var result = try complete(gist, revision: reference.revision)
    result.isFromPublic = isPublic
    return result
  }

  /// Another server has other gists, and must not see this one's token.
  private func refuseOtherServer(_ reference: GistReference) throws(ZooError) {
    guard let host = reference.host, HTTPURL.host(of: api) != host else { return }
    throw ZooError(
      "gist \(reference) lies on \(TerminalText.line(host))",
      advice: "set GITHUB_API_URL to https://\(TerminalText.line(host))/api/v3")
  }

  /// Makes a gist.
  ///
  /// - Throws: as `fetch`.
  public func create(_ files: [FileName: String], summary: String, isPublic: Bool) throws -> Gist {
    let change = GistChange(description: summary, public: isPublic, files: GistService.contents(files))
    return try complete(try answer(to: "POST", "/gists", change, subject: "a new gist").gist, revision: nil)
  }

  /// Changes a gist: files with nil are removed, others set, those not named stay.
  ///
  /// - Throws: as `fetch`.
  public func update(_ id: String, _ files: [FileName: String?], summary: String? = nil) throws -> Gist {
    let change = GistChange(description: summary, public: nil, files: GistService.contents(files))
    return try complete(try answer(to: "PATCH", "/gists/\(id)", change, subject: "gist \(id)").gist, revision: nil)
  }

  /// The gist of the token's owner that has this description and a readme; nil when there is none among the newest 1,000.
  ///
  /// - Throws: as `fetch`.
  public func find(summary: String) throws -> GistReference? {
    for page in 1...10 {
      let response = try perform(request("GET", "/gists?per_page=100&page=\(page)"), subject: "your gists")
      guard let gists = try? JSONDecoder().decode([GistAnswer].self, from: Data(response.body)) else {
        throw undocumented("your gists")
      }
      let isSame = { (gist: GistAnswer) in
        gist.description == summary && (gist.files ?? [:]).keys.contains { $0.lowercased() == "readme.md" }
      }
      if let gist = gists.first(where: isSame) { return GistReference(id: gist.id, owner: gist.owner?.login) }
      guard response.head.headers["link"]?.contains("rel=\"next\"") == true else { return nil }
    }
    return nil
  }

  private static func contents(_ files: [FileName: String?]) -> [String: GistChange.File?] {
    Dictionary(uniqueKeysWithValues: files.map { ($0.key.description, $0.value.map { GistChange.File(content: $0) }) })
  }

  // MARK: Files

  private func complete(_ answer: GistAnswer, revision: String?) throws -> Gist {
    if answer.truncated == true {
      throw ZooError(
        "gist \(answer.id) has more than the 300 files that GitHub's API lists",
        advice: "take it with git: git clone \(TerminalText.line(answer.git_pull_url ?? ""))")
    }
    var files: [FileName: [UInt8]] = [:]
    var total = 0
    for (key, file) in (answer.files ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let file else { continue }
      let name = try FileName(file.filename ?? key, in: "gist \(answer.id)")
      let bytes = try content(of: file, name)
      total += bytes.count
      guard total <= GistService.filesLimit else {
        throw ZooError(
          "gist \(answer.id) holds more than \(GistService.filesLimit >> 20) MB", advice: "weights do not belong in gists")
      }
      files[name] = bytes
    }
    return Gist(
      id: answer.id, owner: answer.owner?.login, isPublic: answer.public ?? false, summary: answer.description ?? "",
      page: answer.html_url ?? "", revision: revision ?? answer.history?.first?.version, files: files)
  }

  /// The API leaves out what is beyond a megabyte of a file.
  private func content(of file: GistAnswer.File, _ name: FileName) throws -> [UInt8] {
    if file.truncated != true, let content = file.content { return Array(content.utf8) }
    guard let url = file.raw_url, HTTPURL.isValid(url), !api.hasPrefix("https:") || url.hasPrefix("https:") else {
      throw ZooError("the API gives neither the content of \(name) nor a usable address of it", advice: nil)
    }
    var request = HTTPRequest(url: url)
    if HTTPURL.origin(of: url) == HTTPURL.origin(of: api) { request.headers = authorization }
    let response = try client.fetch(request, limit: GistService.filesLimit)
    guard response.head.status == 200 else {
      throw ZooError("\(name): its raw address answers \(response.head.status)", advice: "try again a little later")
    }
    if let size = file.size, size != response.body.count {
      throw ZooError("\(name): \(response.body.count) bytes came of \(size)", advice: "try again a little later")
    }
    return response.body
  }

  // MARK: Requests

  private var authorization: [(name: String, value: String)] { token.map { [("Authorization", "Bearer \($0)")] } ?? [] }

  private func answer(to method: String, _ path: String, _ change: GistChange? = nil, subject: String) throws
    -> (gist: GistAnswer, isPublic: Bool)
  {
    let response = try perform(try request(method, path, change), subject: subject)
    guard let gist = try? JSONDecoder().decode(GistAnswer.self, from: Data(response.body)) else { throw undocumented(subject) }
    return (gist, response.head.isPublic)
  }

  private func undocumented(_ subject: String) -> ZooError {
    ZooError("\(subject): the answer of \(api) is not what GitHub's API documents", advice: "check the address of the API")
  }

  private func request(_ method: String, _ path: String, _ change: GistChange? = nil) throws -> HTTPRequest {
    var request = HTTPRequest(url: api + path)
    request.method = method
    request.headers = [("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28")] + authorization
    request.acceptsCompression = true
    if let change {
      request.headers.append(("Content-Type", "application/json"))
      request.body = Array(try JSONEncoder().encode(change))
    }
    return request
  }

  private func perform(_ request: HTTPRequest, subject: String) throws -> HTTPResponse {
    // Lists have pages, whose links an unchanged answer need not repeat.
    let kept = request.method == "GET" && !request.url.contains("?") ? GistAnswerCache(cache, request.url, token) : nil
    var request = request
    if let tag = kept?.tag { request.headers.append(("If-None-Match", tag)) }
    for attempt in 1...4 {
      var response = try client.fetch(request, limit: GistService.answerLimit)
      switch response.head.status {
      case 200, 201:
        kept?.keep(response)
        return response
      case 304:
        if let body = kept?.body {
          response.body = body
          return response
        }
      default: break
      }
      let refusal = GistLimits(response.head)
      // A gist that was made though the answer got lost must not be made again.
      let isRepeatable = request.method != "POST" || response.head.status == 429
      guard attempt < 4, isRepeatable, let seconds = refusal.pause(before: attempt) else { throw explained(response, subject) }
      pause(seconds)
    }
    throw ZooError("\(subject): no answer", advice: "try again a little later")
  }

  private func explained(_ response: HTTPResponse, _ subject: String) -> ZooError {
    let refusal = try? JSONDecoder().decode(GistRefusal.self, from: Data(response.body))
    return GistLimits(response.head).explanation(subject: subject, words: refusal?.words ?? "", hasToken: token != nil)
  }
}
