/// Finds the declarations of a Swift file by its indentation: the sources are formatted.
struct SwiftReader {
  private static let types: Set = ["struct", "enum", "class", "actor", "protocol", "extension"]
  private static let members: Set = ["func", "var", "let", "case"]
  private static let modifiers: Set = [
    "public", "package", "internal", "private", "fileprivate", "private(set)", "public(set)", "static", "final", "mutating",
    "nonmutating", "override", "indirect",
  ]
  /// Members of a message or an enum whose value, or the argument of it, is the protobuf name.
  private static let namingMembers: Set = ["messageName", "schema"]

  private let file: String
  private var comment: [String] = []
  /// The types that are open, with the indentation of each and its place among the declarations.
  private var open: [(indentation: Int, name: String, index: Int)] = []
  private(set) var declarations: [SwiftDeclaration] = []

  init(_ text: String, file: String) {
    self.file = file
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) { read(line) }
  }

  private mutating func read(_ line: Substring) {
    let content = line.drop { $0 == " " }
    guard !content.isEmpty else {
      comment = []
      return
    }
    if content.hasPrefix("///") { return comment.append(SwiftReader.words(of: content)) }
    let indentation = line.utf8.count - content.utf8.count
    open.removeAll { indentation <= $0.indentation }
    for type in open { declarations[type.index].body += line + "\n" }
    if content.hasPrefix("@") { return }
    if let declaration = declaration(content) { add(declaration, content, indentation) }
    comment = []
  }

  private mutating func add(_ declaration: SwiftDeclaration, _ content: Substring, _ indentation: Int) {
    if SwiftReader.namingMembers.contains(declaration.name), let owner = open.last, let name = SwiftReader.quoted(content) {
      declarations[owner.index].protoName = name
    }
    declarations.append(declaration)
    guard SwiftReader.types.contains(declaration.keyword) else { return }
    open.append((indentation, declaration.name, declarations.count - 1))
  }

  private static func words(of line: Substring) -> String {
    let text = line.dropFirst(3)
    return String(text.hasPrefix(" ") ? text.dropFirst() : text)
  }

  /// The first string in a line.
  private static func quoted(_ line: Substring) -> String? {
    let parts = line.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
    return parts.count > 2 ? String(parts[1]) : nil
  }

  private func declaration(_ content: Substring) -> SwiftDeclaration? {
    var rest = content
    while let word = SwiftReader.firstWord(of: rest) {
      rest = rest.dropFirst(word.count).drop { $0 == " " }
      if SwiftReader.modifiers.contains(word) { continue }
      guard SwiftReader.types.contains(word) || SwiftReader.members.contains(word) else { return nil }
      let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      let inherited = SwiftReader.types.contains(word) ? SwiftReader.inherited(rest.dropFirst(name.count)) : []
      return SwiftDeclaration(
        keyword: word, name: String(name), inherited: inherited, enclosing: open.map(\.name), comment: comment, file: file)
    }
    return nil
  }

  private static func firstWord(of text: Substring) -> String? {
    let word = text.prefix { $0 != " " }
    return word.isEmpty || word.endIndex == text.endIndex ? nil : String(word)
  }

  /// The names between the colon behind a type's name and its brace.
  private static func inherited(_ text: Substring) -> [String] {
    guard text.first == ":" else { return [] }
    let list = text.dropFirst().prefix { $0 != "{" }
    return list.split(separator: ",").compactMap { part in
      let name = part.drop { $0 == " " }.prefix { $0 != " " }
      return name.isEmpty ? nil : String(name)
    }
  }
}
