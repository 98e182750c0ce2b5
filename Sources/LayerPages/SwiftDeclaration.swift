/// A declaration in a Swift file and the doc comment above it.
struct SwiftDeclaration {
  /// `struct`, `func`, `var` and so on.
  let keyword: String
  let name: String
  /// The types and protocols behind a type's colon.
  let inherited: [String]
  /// The types around it, outermost first.
  let enclosing: [String]
  /// The doc comment without its slashes.
  let comment: [String]
  /// The file's path below the folder that was read.
  let file: String
  /// Of a type, all that is in it.
  var body = ""
  /// Of a type, the name of the message or enum of protobuf that it is.
  var protoName: String?
}
