import Crypto
import Foundation
import Synchronization

/// A stand-in for GitHub's gists that keeps the contract its documentation gives: status codes, truncation of contents at a
/// megabyte and of lists at 300 files, pages, ETags and the headers of rate limits.
public final class GistStandIn: Sendable {
  private struct Gist {
    var id: String
    var owner: String
    var isPublic: Bool
    var summary: String
    /// The oldest first.
    var revisions: [(version: String, files: [String: String])]
  }
  private struct State {
    var gists: [String: Gist] = [:]
    var remaining = 60
    var users = ["token-of-ada": "ada", "token-of-bob": "bob"]
    /// Statuses that are answered, one a request, before anything else is.
    var faults: [WebAnswer] = []
  }
  private let state = Mutex(State())
  private let place = Mutex("")

  public init() {}

  /// A server with this stand-in.
  ///
  /// - Throws: as `WebServer`.
  public func serve() throws -> WebServer {
    let server = try WebServer { self.answer($0) }
    place.withLock { $0 = server.address }
    return server
  }

  /// The address of the stand-in's API.
  private var address: String { place.withLock { $0 } }

  /// How many requests are still answered.
  public func setRemaining(_ count: Int) { state.withLock { $0.remaining = count } }
  public var remaining: Int { state.withLock { $0.remaining } }

  /// Answers a fault to the next requests.
  public func fail(_ answers: WebAnswer...) { state.withLock { $0.faults = answers } }

  /// Puts a gist there as a user would in the browser.
  ///
  /// - Returns: its id.
  @discardableResult
  public func publish(_ files: [String: String], summary: String = "", owner: String = "ada", isPublic: Bool = true) -> String {
    state.withLock { state in
      let id = GistStandIn.hash("gist \(state.gists.count)", count: 32)
      let gist = Gist(
        id: id, owner: owner, isPublic: isPublic, summary: summary, revisions: [(GistStandIn.hash("\(id) 0", count: 40), files)])
      state.gists[id] = gist
      return id
    }
  }

  /// The files of a gist's newest revision.
  public func files(of id: String) -> [String: String]? { state.withLock { $0.gists[id]?.revisions.last?.files } }

  /// The newest revision of a gist.
  public func revision(of id: String) -> String? { state.withLock { $0.gists[id]?.revisions.last?.version } }

  static func hash(_ text: String, count: Int) -> String {
    String(SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined().prefix(count))
  }

  // MARK: Answers

  private func answer(_ request: WebRequest) -> WebAnswer {
    let parts = request.path.split(separator: "/").map(String.init)
    return state.withLock { state in
      if !state.faults.isEmpty { return state.faults.removeFirst() }
      if parts.first == "raw" { return raw(parts, state) }
      var answer = respond(request, parts, &state)
      if answer.status == 200, request.method == "GET" {
        let tag = "\"\(GistStandIn.hash(String(decoding: answer.body, as: UTF8.self), count: 32))\""
        if request.headers["if-none-match"] == tag { answer = WebAnswer(304) } else { state.remaining -= 1 }
        answer.headers.append(("ETag", tag))
      }
      answer.headers += [
        ("X-RateLimit-Limit", "60"), ("X-RateLimit-Remaining", "\(state.remaining)"), ("X-RateLimit-Reset", "1792000000"),
      ]
      return answer
    }
  }

  private func respond(_ request: WebRequest, _ parts: [String], _ state: inout State) -> WebAnswer {
    guard state.remaining > 0 else { return message(403, "API rate limit exceeded for 127.0.0.1.") }
    let bearer = request.headers["authorization"]?.components(separatedBy: " ").last
    let user = bearer.flatMap { state.users[$0] }
    if bearer != nil && user == nil { return message(401, "Bad credentials") }
    switch (request.method, parts.count) {
    case ("GET", 1): return list(request, of: user, state)
    case ("POST", 1): return create(request, by: user, &state)
    case ("GET", 2), ("GET", 3): return show(parts, state)
    case ("PATCH", 2): return change(parts[1], request, by: user, &state)
    default: return message(404, "Not Found")
    }
  }

  private func message(_ status: Int, _ text: String, errors: [[String: String]]? = nil) -> WebAnswer {
    var object: [String: Any] = ["message": text, "documentation_url": "https://docs.github.com/rest"]
    object["errors"] = errors
    return json(status, object)
  }

  private func json(_ status: Int, _ object: Any) -> WebAnswer {
    let data = (try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])) ?? Data()
    return WebAnswer(status, headers: [("Content-Type", "application/json; charset=utf-8")], body: Array(data))
  }

  private func list(_ request: WebRequest, of user: String?, _ state: State) -> WebAnswer {
    guard let user else { return message(401, "Requires authentication") }
    let query = URLComponents(string: request.target)?.queryItems ?? []
    func number(_ name: String) -> Int? { query.first { $0.name == name }?.value.flatMap(Int.init) }
    let (size, page) = (min(number("per_page") ?? 30, 100), number("page") ?? 1)
    let own = state.gists.values.filter { $0.owner == user }.sorted { $0.id < $1.id }
    let rest = own.dropFirst((page - 1) * size)
    var answer = json(200, rest.prefix(size).map { object($0, $0.revisions.count - 1, withContents: false) })
    if rest.count > size {
      answer.headers.append(("Link", "<\(address)/gists?per_page=\(size)&page=\(page + 1)>; rel=\"next\""))
    }
    return answer
  }

  private func show(_ parts: [String], _ state: State) -> WebAnswer {
    guard let gist = state.gists[parts[1]] else { return message(404, "Not Found") }
    let wanted = parts.count > 2 ? gist.revisions.firstIndex { $0.version == parts[2] } : gist.revisions.count - 1
    guard let wanted else { return message(404, "Not Found") }
    return json(200, object(gist, wanted, withContents: true))
  }

  private func raw(_ parts: [String], _ state: State) -> WebAnswer {
    guard parts.count == 4, let gist = state.gists[parts[1]],
      let revision = gist.revisions.first(where: { $0.version == parts[2] }),
      let text = revision.files[parts[3].removingPercentEncoding ?? ""]
    else { return WebAnswer(404, text: "404: Not Found") }
    return WebAnswer(200, headers: [("Content-Type", "text/plain")], text: text)
  }

  private func object(_ gist: Gist, _ place: Int, withContents: Bool) -> [String: Any] {
    let (version, all) = gist.revisions[place]
    var files: [String: Any] = [:]
    for (name, text) in all.sorted(by: { $0.key < $1.key }).prefix(300) {
      var file: [String: Any] = ["filename": name, "size": text.utf8.count, "raw_url": rawAddress(gist.id, version, name)]
      if withContents {
        let isLong = text.utf8.count > 1 << 20
        file["truncated"] = isLong
        file["content"] = isLong ? String(decoding: text.utf8.prefix(1 << 20), as: UTF8.self) : text
      }
      files[name] = file
    }
    return [
      "id": gist.id, "html_url": "https://gist.github.com/\(gist.owner)/\(gist.id)", "public": gist.isPublic,
      "git_pull_url": "https://gist.github.com/\(gist.id).git", "description": gist.summary, "owner": ["login": gist.owner],
      "truncated": all.count > 300, "files": files,
      "history": gist.revisions.prefix(place + 1).reversed().map { ["version": $0.version] },
    ]
  }

  private func rawAddress(_ id: String, _ version: String, _ name: String) -> String {
    "\(address)/raw/\(id)/\(version)/\(name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
  }

  // MARK: Changes

  private struct Change: Decodable {
    struct File: Decodable { let content: String? }
    let description: String?
    let `public`: Bool?
    let files: [String: File?]?
  }

  private func create(_ request: WebRequest, by user: String?, _ state: inout State) -> WebAnswer {
    guard let user else { return message(401, "Requires authentication") }
    guard let change = try? JSONDecoder().decode(Change.self, from: Data(request.body)), let files = change.files, !files.isEmpty
    else {
      return message(422, "Validation Failed", errors: [["resource": "Gist", "code": "missing_field", "field": "files"]])
    }
    if let refusal = refusal(files) { return refusal }
    let id = GistStandIn.hash("gist \(state.gists.count)", count: 32)
    let gist = Gist(
      id: id, owner: user, isPublic: change.public ?? false, summary: change.description ?? "",
      revisions: [(GistStandIn.hash("\(id) 0", count: 40), files.compactMapValues { $0?.content })])
    state.gists[id] = gist
    return json(201, object(gist, 0, withContents: true))
  }

  private func change(_ id: String, _ request: WebRequest, by user: String?, _ state: inout State) -> WebAnswer {
    guard user != nil else { return message(401, "Requires authentication") }
    guard var gist = state.gists[id], gist.owner == user else { return message(404, "Not Found") }
    guard let change = try? JSONDecoder().decode(Change.self, from: Data(request.body)) else {
      return message(400, "Problems parsing JSON")
    }
    if let refusal = refusal((change.files ?? [:]).filter { $0.value != nil }) { return refusal }
    var files = gist.revisions.last?.files ?? [:]
    for (name, file) in change.files ?? [:] { files[name] = file?.content }
    gist.summary = change.description ?? gist.summary
    gist.revisions.append((GistStandIn.hash("\(id) \(gist.revisions.count)", count: 40), files))
    state.gists[id] = gist
    return json(200, object(gist, gist.revisions.count - 1, withContents: true))
  }

  private func refusal(_ files: [String: Change.File?]) -> WebAnswer? {
    guard files.values.contains(where: { ($0?.content ?? "").isEmpty }) else { return nil }
    return message(422, "Validation Failed", errors: [["resource": "Gist", "code": "missing_field", "field": "content"]])
  }
}
