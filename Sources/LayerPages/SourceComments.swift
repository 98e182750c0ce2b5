import Foundation

/// The doc comments of the sources that layers are declared in.
struct SourceComments {
  private let declarations: [SwiftDeclaration]
  private let byName: [String: [Int]]
  private let byOwner: [String: [Int]]

  /// The folders that layers, their parameters and the messages in those are declared in.
  private static let folders = ["CaffeLayers", "CaffeGraph/Layer", "CaffeFormat/Messages"]

  /// Reads the sources.
  ///
  /// - Parameter root: the folder that holds `Package.swift`.
  /// - Throws: when a file cannot be read.
  init(root: URL) throws {
    let sources = root.appending(path: "Sources")
    var declarations: [SwiftDeclaration] = []
    for path in try SourceComments.folders.flatMap({ try SourceComments.files($0, below: sources) }) {
      let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
      declarations += SwiftReader(text, file: path).declarations
    }
    self.init(declarations)
  }

  init(_ declarations: [SwiftDeclaration]) {
    self.declarations = declarations
    byName = Dictionary(grouping: declarations.indices) { declarations[$0].name }
    byOwner = Dictionary(grouping: declarations.indices) { declarations[$0].enclosing.last ?? "" }
  }

  private static func files(_ folder: String, below sources: URL) throws -> [String] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: sources.appending(path: folder).path)
    return names.filter { $0.hasSuffix(".swift") }.sorted().map { "\(folder)/\($0)" }
  }

  /// The struct of that name.
  func type(_ name: String) -> SwiftDeclaration? {
    byName[name]?.lazy.map { declarations[$0] }.first { $0.keyword == "struct" }
  }

  /// The Swift type of a message.
  func message(named name: String) -> SwiftDeclaration? {
    declarations.first { $0.protoName == name && $0.keyword == "struct" }
  }

  /// The Swift type of an enum of protobuf: the owner's own where it has one of that name.
  func enumeration(named name: String, of owner: SwiftDeclaration?) -> SwiftDeclaration? {
    let types = declarations.filter { $0.protoName == name && $0.keyword == "enum" }
    return types.first { $0.enclosing.last == owner?.name } ?? types.first
  }

  /// The comment on a case of an enum.
  func enumCase(_ name: String, of type: SwiftDeclaration) -> DocComment? {
    let path = type.enclosing + [type.name]
    return members(of: type.name).first { $0.keyword == "case" && $0.name == name && $0.enclosing == path }
      .map { DocComment($0.comment) }
  }

  /// The comment on a type's member, from wherever it has one: the type, its extensions, or the protocols it keeps.
  func member(_ name: String, of type: SwiftDeclaration) -> DocComment? {
    for owner in [type.name] + type.inherited where owner != "Layer" {
      let found = members(of: owner).filter { $0.name == name && $0.keyword != "case" }
      if let best = found.first(where: { !$0.comment.isEmpty }) ?? found.first { return DocComment(best.comment) }
    }
    return nil
  }

  /// What is declared right in a type or its extensions.
  private func members(of type: String) -> [SwiftDeclaration] { (byOwner[type] ?? []).map { declarations[$0] } }

  /// The comment on the property that a message's field is tied to.
  func property(ofField field: String, in message: SwiftDeclaration) -> DocComment? {
    member(propertyName(ofField: field, in: message), of: message)
  }

  /// The property that the list of fields names, else the field's name in Swift's spelling.
  private func propertyName(ofField field: String, in message: SwiftDeclaration) -> String {
    let bodies = (byName[message.name] ?? []).map { declarations[$0].body }
    return bodies.lazy.compactMap { SourceComments.property(tiedTo: field, in: $0) }.first ?? SourceComments.camelCase(field)
  }

  private static func property(tiedTo field: String, in body: String) -> String? {
    for place in body.ranges(of: "\"\(field)\",") {
      let before = body[..<place.lowerBound].reversed().drop(while: \.isWhitespace)
      let rest = body[place.upperBound...].drop { $0 != "\\" && $0 != ")" }
      guard before.starts(with: "(dleiF"), rest.hasPrefix("\\.") else { continue }
      return String(rest.dropFirst(2).prefix { $0.isLetter || $0.isNumber || $0 == "_" })
    }
    return nil
  }

  private static func camelCase(_ field: String) -> String {
    let words = field.split(separator: "_")
    return (words.prefix(1).map(String.init) + words.dropFirst().map(\.capitalized)).joined()
  }
}
