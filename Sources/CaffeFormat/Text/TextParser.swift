import CaffeCore

/// Reads the protobuf text format against a schema, keeping the place of every field.
///
/// After a mistake the parser goes on behind it, so that one reading reports all mistakes.
public struct TextParser {
  /// How deep messages may nest; a hostile file cannot exhaust the stack.
  static let maximumDepth = 50
  /// After so many mistakes the rest of the file is not worth reading.
  static let maximumDiagnostics = 100

  private var lexer: TextLexer
  private var token: TextLexer.Token
  private var diagnostics = Diagnostics()
  /// The messages around the one being read, for telling a missing brace from a wrong name.
  private var enclosing: [MessageSchema] = []
  private var isAborted = false
  private let allowsUnknown: Bool

  private init(_ file: SourceFile, allowsUnknown: Bool) {
    lexer = TextLexer(file)
    token = lexer.next()
    self.allowsUnknown = allowsUnknown
  }

  /// Parses a whole file as one message.
  ///
  /// - Throws: `Diagnostics` with every mistake, each at its line and column.
  public static func parse(_ file: SourceFile, as schema: MessageSchema) throws(Diagnostics) -> Message {
    try read(file, as: schema).message
  }

  /// Parses a whole file as one message, and tells what was passed over.
  ///
  /// - Parameter allowsUnknown: fields and enum values that nobody here knows are passed over with a warning each.
  /// - Throws: `Diagnostics` with every mistake, each at its line and column.
  public static func read(
    _ file: SourceFile, as schema: MessageSchema, allowsUnknown: Bool = false
  ) throws(Diagnostics) -> (message: Message, warnings: Diagnostics) {
    var parser = TextParser(file, allowsUnknown: allowsUnknown)
    parser.enclosing = [schema]
    let message = parser.fields(of: schema, until: nil, depth: 0)
    try parser.diagnostics.throwIfErrors()
    return (message, parser.diagnostics)
  }

  // MARK: Fields

  private mutating func fields(of schema: MessageSchema, until closer: UInt8?, depth: Int) -> Message {
    var message = Message(schema)
    while token.kind != .end {
      if let closer, token.kind == .symbol(closer) { return message }
      if takeSymbol(";") || takeSymbol(",") { continue }
      field(into: &message, depth: depth)
    }
    if let closer, !isAborted {
      report("the file ends inside \(schema.name); a \"\(Character(UnicodeScalar(closer)))\" is missing", at: endOfPrevious)
    }
    return message
  }

  private mutating func field(into message: inout Message, depth: Int) {
    guard token.kind == .identifier else {
      report(unexpected("a field name"), at: location(token))
      return skipBadToken()
    }
    let name = token
    let text = lexer.text(name)
    advance()
    guard let field = message.schema.field(named: text) else {
      reportUnknown(text, in: message.schema, at: location(name))
      return skipUnknownValue()
    }
    if !field.isRepeated, let first = message.last(text)?.nameLocation {
      report("field \"\(text)\" is given twice in \(message.schema.name)", at: location(name), hint: "first at \(first)")
    }
    values(of: field, name: location(name), into: &message, depth: depth)
  }

  private mutating func values(of field: FieldSchema, name: SourceLocation, into message: inout Message, depth: Int) {
    let hasColon = takeSymbol(":")
    guard takeSymbol("[") else {
      return value(of: field, name: name, hasColon: hasColon, into: &message, depth: depth)
    }
    if !hasColon, !field.isMessage { reportMissingColon(field, at: name) }
    if !field.isRepeated { report("field \"\(field.name)\" takes one value, not a list", at: name) }
    while token.kind != .end, token.kind != .symbol(UInt8(ascii: "]")) {
      let before = token.offset
      value(of: field, name: name, hasColon: true, into: &message, depth: depth)
      if !takeSymbol(",") || token.offset == before { break }
    }
    if !takeSymbol("]") {
      report(unexpected("\",\" or \"]\" in a list"), at: location(token))
      recover()
      _ = takeSymbol("]")
    }
  }

  private mutating func value(
    of field: FieldSchema, name: SourceLocation, hasColon: Bool, into message: inout Message, depth: Int
  ) {
    let start = location(token)
    let parsed: FieldValue?
    if case .message(let schema) = field.kind {
      parsed = nested(schema, in: field, depth: depth)
    } else {
      if !hasColon { reportMissingColon(field, at: name) }
      parsed = hasColon || isAtValue ? scalar(field) : nil
      if parsed == nil, !hasColon { recover() }
    }
    if let parsed { message.entries.append(.init(field, parsed, name: name, value: start)) }
  }

  private mutating func nested(_ schema: MessageSchema, in field: FieldSchema, depth: Int) -> FieldValue? {
    let closer: UInt8
    if takeSymbol("{") {
      closer = UInt8(ascii: "}")
    } else if takeSymbol("<") {
      closer = UInt8(ascii: ">")
    } else {
      report("\"\(field.name)\" is a message (\(schema.name)): its fields go in { }", at: location(token))
      recover()
      return nil
    }
    guard depth < TextParser.maximumDepth else {
      report("messages nest deeper than \(TextParser.maximumDepth) levels", at: location(token))
      abort()
      return nil
    }
    enclosing.append(schema)
    let message = fields(of: schema, until: closer, depth: depth + 1)
    enclosing.removeLast()
    _ = takeSymbol(UnicodeScalar(closer))
    return .message(message)
  }

  // MARK: Scalars

  private mutating func scalar(_ field: FieldSchema) -> FieldValue? {
    let start = token
    if case .string = field.kind { return string(field).map { .string(String(decoding: $0, as: UTF8.self)) } }
    if case .bytes = field.kind { return string(field).map { .bytes($0) } }
    let isNegative = takeSymbol("-")
    guard token.kind == .identifier || token.kind == .number else {
      report(unexpected("a value of type \(field.kind.protoName) for \"\(field.name)\""), at: location(token))
      recover()
      return nil
    }
    let text = lexer.text(token)
    let place = SourceLocation(file: lexer.file, offset: start.offset, length: token.offset + token.length - start.offset)
    advance()
    do throws(ScalarText.Failure) {
      return try ScalarText.value((isNegative ? "-" : "") + text, of: field.kind)
    } catch {
      let isUnknownName = if case .enumeration = field.kind { allowsUnknown } else { false }
      report("\"\(field.name)\": \(error.message)", at: place, hint: error.hint, severity: isUnknownName ? .warning : .error)
      return nil
    }
  }

  private mutating func string(_ field: FieldSchema) -> [UInt8]? {
    guard token.kind == .string else {
      if case .invalid(let reason) = token.kind {
        report(reason, at: location(token))
        advance()
      } else {
        report("\"\(field.name)\" is text: put it in quotes", at: location(token))
        if isAtValue { advance() } else { recover() }
      }
      return nil
    }
    var bytes: [UInt8] = []
    while token.kind == .string {
      do throws(TextEscapes.Failure) {
        bytes += try TextEscapes.unescape(lexer.file.bytes[token.offset..<token.offset + token.length])
      } catch {
        report(error.message, at: SourceLocation(file: lexer.file, offset: token.offset + error.offset, length: 2))
      }
      advance()
    }
    return bytes
  }

  // MARK: Recovery

  /// Passes over the value of a field that is not known, whatever it is.
  private mutating func skipUnknownValue() {
    _ = takeSymbol(":")
    skipBalanced()
  }

  /// Passes over one value: a scalar, or a group with all that is in it.
  private mutating func skipBalanced() {
    var depth = 0
    repeat {
      switch token.kind {
      case .end: return
      case .symbol(UInt8(ascii: "{")), .symbol(UInt8(ascii: "<")), .symbol(UInt8(ascii: "[")): depth += 1
      case .symbol(UInt8(ascii: "}")), .symbol(UInt8(ascii: ">")), .symbol(UInt8(ascii: "]")):
        if depth == 0 { return }
        depth -= 1
      case .symbol(UInt8(ascii: "-")) where depth == 0: advance()
      default: break
      }
      let wasString = token.kind == .string
      advance()
      while wasString && token.kind == .string { advance() }
    } while depth > 0
  }

  /// Passes over the rest of the line, groups as a whole, but not over what closes the message or list.
  private mutating func recover() {
    let line = lexer.file.position(of: token.offset).line
    while token.kind != .end, lexer.file.position(of: token.offset).line == line {
      if isAtCloser { return }
      skipBalanced()
    }
  }

  /// Gives up on the rest of the file.
  private mutating func abort() {
    isAborted = true
    let end = lexer.file.bytes.count
    token = TextLexer.Token(kind: .end, offset: end, length: 0, previousEnd: end)
  }

  /// Passes over what stands where a field should begin, and over its value if it has one.
  private mutating func skipBadToken() {
    if isAtCloser { return advance() }
    skipBalanced()
    if takeSymbol(":"), !isAtCloser { skipBalanced() }
  }

  private var isAtCloser: Bool { if case .symbol(let symbol) = token.kind { "}>]".utf8.contains(symbol) } else { false } }
  private var isAtValue: Bool { token.kind == .identifier || token.kind == .number || token.kind == .string }

  // MARK: Tokens and messages

  private mutating func advance() { if !isAborted { token = lexer.next() } }

  private mutating func takeSymbol(_ symbol: UnicodeScalar) -> Bool {
    guard token.kind == .symbol(UInt8(ascii: symbol)) else { return false }
    advance()
    return true
  }

  private func location(_ token: TextLexer.Token) -> SourceLocation {
    SourceLocation(file: lexer.file, offset: token.offset, length: max(1, token.length))
  }

  private var endOfPrevious: SourceLocation {
    SourceLocation(file: lexer.file, offset: max(0, token.previousEnd - 1), length: 1)
  }

  private func unexpected(_ wanted: String) -> String {
    switch token.kind {
    case .end: "expected \(wanted), but the file ends here"
    case .invalid(let reason): "expected \(wanted): \(reason)"
    default: "expected \(wanted), found \"\(lexer.text(token))\""
    }
  }

  private mutating func report(
    _ message: String, at location: SourceLocation, hint: String? = nil, severity: Diagnostic.Severity = .error
  ) {
    guard !isAborted else { return }
    let count = diagnostics.count { $0.severity == severity }
    // Warnings beyond the limit are dropped: what the file does not lack shall be read all the same.
    guard severity == .error || count < TextParser.maximumDiagnostics else { return }
    diagnostics.append(Diagnostic(message, at: location, hint: hint, severity: severity))
    if severity == .error, count + 1 >= TextParser.maximumDiagnostics { abort() }
  }

  private mutating func reportMissingColon(_ field: FieldSchema, at name: SourceLocation) {
    let end = name.offset + name.length - 1
    report("a \":\" is missing after \"\(field.name)\"", at: SourceLocation(file: name.file, offset: end, length: 1))
  }

  private mutating func reportUnknown(_ name: String, in schema: MessageSchema, at location: SourceLocation) {
    let outer = enclosing.dropLast().last { $0.field(named: name) != nil }
    let belongs = outer.map { "\"\(name)\" goes in \($0.name): is a \"}\" missing before it?" }
    let hint = belongs ?? nearest(to: name, among: schema.fields.map(\.name)).map { "did you mean \"\($0)\"?" }
    report(
      "\(schema.name) has no field \"\(name)\"", at: location, hint: hint, severity: allowsUnknown ? .warning : .error)
  }
}
