/// A line of the form `key: value`, as people write it: with a bullet, in bold, without the blank behind the colon.
struct KeyLine {
  /// Blanks before the key and its decoration.
  let indentation: Int
  /// The key as it is written.
  let key: String
  /// The Unicode scalars before the key.
  let keyColumn: Int
  /// What stands behind the colon, without blanks around it.
  let value: String
  /// Whether the key has a bullet or stars.
  let isDecorated: Bool

  /// The key when it is one of the format's.
  var known: KnownKey? { KnownKey(spelled: key) ?? KnownKey.numbered(key)?.key }

  /// Whether the key looks like one that a program reads, rather than like the beginning of a sentence.
  var isIdentifier: Bool { key.unicodeScalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "_" } }

  init?(_ line: String) {
    let scalars = Array(line.unicodeScalars.prefix(4096))
    var place = scalars.prefix { $0 == " " || $0 == "\t" }.count
    let indentation = place
    if place + 1 < scalars.count, "-*+".unicodeScalars.contains(scalars[place]), scalars[place + 1] == " " { place += 2 }
    let bullet = place
    while place < scalars.count, scalars[place] == "*" || scalars[place] == " " { place += 1 }
    guard let colon = scalars[place...].firstIndex(of: ":"), colon - place <= 40 else { return nil }
    var word = scalars[place..<colon]
    while let last = word.last, last == " " || last == "*" { word.removeLast() }
    guard let first = word.first, first.properties.isAlphabetic, word.allSatisfy(KeyLine.isOfKey) else { return nil }
    key = String(String.UnicodeScalarView(word))
    let rest = line.unicodeScalars.dropFirst(colon + 1)
    let hasStars = scalars[bullet..<place].contains("*")
    let text = String(Substring(hasStars && rest.starts(with: ["*", "*"]) ? rest.dropFirst(2) : rest))
    guard text.isEmpty || text.first?.isWhitespace == true || KnownKey(spelled: key) != nil else { return nil }
    value = text.trimmed
    isDecorated = place > indentation
    keyColumn = place
    self.indentation = indentation
  }

  private static func isOfKey(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "_- ".unicodeScalars.contains(scalar))
  }
}

extension StringProtocol {
  /// Without white space at either end.
  var trimmed: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
