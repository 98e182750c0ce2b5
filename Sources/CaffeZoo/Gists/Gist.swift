/// A gist as GitHub describes it.
public struct Gist: Sendable {
  public var id: String
  /// The login of the user it belongs to; nil for an anonymous one.
  public var owner: String?
  public var isPublic: Bool
  public var summary: String
  /// Its page.
  public var page: String
  /// The revision these files are of: 40 hexadecimal digits.
  public var revision: String?
  public var files: [FileName: [UInt8]]
  /// Whether it came from a public address.
  public var isFromPublic = false

  /// The reference that names these very files.
  public var reference: GistReference { GistReference(id: id, owner: owner, revision: revision) }
}

/// How the API writes a gist down. Fields that are not needed are not read.
struct GistAnswer: Decodable {
  struct File: Decodable {
    let filename: String?
    let size: Int?
    let raw_url: String?
    let truncated: Bool?
    let content: String?
  }
  struct Owner: Decodable { let login: String? }
  struct Revision: Decodable { let version: String? }

  let id: String
  let html_url: String?
  let git_pull_url: String?
  let `public`: Bool?
  let description: String?
  let owner: Owner?
  let truncated: Bool?
  let files: [String: File?]?
  let history: [Revision]?
}

/// How the API explains a refusal.
struct GistRefusal: Decodable {
  struct Fault: Decodable {
    let resource: String?
    let field: String?
    let code: String?
    let message: String?
  }

  let message: String?
  let errors: [Fault]?

  /// The explanation in one line.
  var words: String {
    let faults = (errors ?? []).map { fault in
      fault.message ?? [fault.resource, fault.field, fault.code].compactMap { $0 }.joined(separator: " ")
    }
    return TerminalText.line(([message ?? ""] + faults).filter { !$0.isEmpty }.joined(separator: "; "))
  }
}

/// What is sent to make or change a gist. A file without content is removed.
struct GistChange: Encodable {
  struct File: Encodable { let content: String }

  var description: String?
  var `public`: Bool?
  var files: [String: File?]
}
