import CaffeCore

/// Numbers, booleans and enum names as they stand in text.
enum ScalarText {
  struct Failure: Error {
    let message: String
    var hint: String?
  }

  /// The value of a word, with its sign, for a field of that kind.
  static func value(_ word: String, of kind: FieldKind) throws(Failure) -> FieldValue {
    switch kind {
    case .int32: .integer(Int64(try integer(word, Int32.min...Int32.max, "int32")))
    case .int64: .integer(try integer(word, Int64.min...Int64.max, "int64"))
    case .uint32: .unsigned(UInt64(try integer(word, UInt32.min...UInt32.max, "uint32")))
    case .uint64: .unsigned(try integer(word, UInt64.min...UInt64.max, "uint64"))
    case .float: .float(Float(try real(word)))
    case .double: .double(try real(word))
    case .bool: .bool(try boolean(word))
    case .enumeration(let schema): .enumeration(try enumeration(word, schema))
    case .string, .bytes, .message: throw Failure(message: "not a plain value")
    }
  }

  private static func integer<I: FixedWidthInteger>(
    _ word: String, _ range: ClosedRange<I>, _ type: String
  ) throws(Failure) -> I {
    let isNegative = word.hasPrefix("-")
    let digits = isNegative ? word.dropFirst() : word[...]
    let (radix, body) = radixAndDigits(digits)
    guard !body.isEmpty, body.allSatisfy({ $0.isHexDigit && $0.hexDigitValue! < radix }) else {
      throw Failure(message: "\"\(word)\" is not a whole number")
    }
    guard let value = I((isNegative ? "-" : "") + body, radix: radix) else {
      throw Failure(message: "\(word) is out of range for \(type) (\(range.lowerBound) to \(range.upperBound))")
    }
    return value
  }

  private static func radixAndDigits(_ digits: Substring) -> (Int, Substring) {
    if digits.hasPrefix("0x") || digits.hasPrefix("0X") { return (16, digits.dropFirst(2)) }
    if digits.count > 1, digits.hasPrefix("0") { return (8, digits.dropFirst()) }
    return (10, digits)
  }

  private static func real(_ word: String) throws(Failure) -> Double {
    let isNegative = word.hasPrefix("-")
    var body = (isNegative ? word.dropFirst() : word[...]).lowercased()
    let magnitude: Double?
    switch body {
    case "inf", "infinity", "inff": magnitude = .infinity
    case "nan", "nanf": magnitude = .nan
    default:
      if body.hasSuffix("f") && !body.hasPrefix("0x") { body.removeLast() }
      let isDecimal = body.first.map { $0.isNumber || $0 == "." } == true && !body.hasPrefix("0x")
      magnitude = isDecimal ? Double(body.hasSuffix(".") ? body + "0" : body) : nil
    }
    guard let magnitude else { throw Failure(message: "\"\(word)\" is not a number") }
    return isNegative ? -magnitude : magnitude
  }

  private static func boolean(_ word: String) throws(Failure) -> Bool {
    switch word {
    case "true", "True", "t", "1": return true
    case "false", "False", "f", "0": return false
    default: throw Failure(message: "\"\(word)\" is not true or false")
    }
  }

  private static func enumeration(_ word: String, _ schema: EnumSchema) throws(Failure) -> Int32 {
    if let number = schema.number(of: word) { return number }
    if let number = try? integer(word, Int32.min...Int32.max, "int32"), schema.name(of: number) != nil { return number }
    let names = schema.cases.map(\.name)
    let suggestion = nearest(to: word, among: names).map { "did you mean \($0)?" }
    throw Failure(
      message: "\(schema.name) has no value \"\(word)\"", hint: suggestion ?? "one of \(names.joined(separator: ", "))")
  }
}
