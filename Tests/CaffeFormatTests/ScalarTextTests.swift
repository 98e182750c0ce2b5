import CaffeFormat
import Testing

@Suite("A scalar in text")
struct ScalarTextTests {
  @Test(
    "of an integer kind is read in every base",
    arguments: [
      ("i: 12", .integer(12)), ("i: -12", .integer(-12)), ("i: 0x1F", .integer(31)), ("i: -0X1f", .integer(-31)),
      ("i: 017", .integer(15)), ("i: -017", .integer(-15)), ("i: 0", .integer(0)), ("i: -0", .integer(0)),
      ("i: - 5", .integer(-5)),
      ("i: 2147483647", .integer(2_147_483_647)), ("i: -2147483648", .integer(-2_147_483_648)),
      ("l: 9223372036854775807", .integer(.max)), ("l: -9223372036854775808", .integer(.min)),
      ("l: -0x8000000000000000", .integer(.min)), ("u: 4294967295", .unsigned(4_294_967_295)),
      ("u: 0xFFFFFFFF", .unsigned(4_294_967_295)),
      ("v: 18446744073709551615", .unsigned(.max)), ("v: 01777777777777777777777", .unsigned(.max)),
    ] as [(String, FieldValue)])
  func integers(text: String, value: FieldValue) throws {
    #expect(try Everything.parse(text).entries.map(\.value) == [value])
  }

  @Test(
    "of a floating kind is read in every spelling",
    arguments: [
      ("1", 1), ("-1", -1), ("1.5", 1.5), (".5", 0.5), ("-.5", -0.5), ("5.", 5), ("1e3", 1000), ("1E-3", 0.001), ("1e+2", 100),
      ("1.e2", 100), ("0.25f", 0.25), ("3f", 3), ("2.F", 2), ("1e-2f", 0.01), ("inf", .infinity), ("-inf", -.infinity),
      ("infinity", .infinity), ("Infinity", .infinity), ("-INF", -.infinity), ("inff", .infinity), ("1e400", .infinity),
      ("-0", 0), ("00", 0),
    ] as [(String, Double)])
  func reals(text: String, value: Double) throws {
    #expect(try Everything.parse("d: \(text)").entries.map(\.value) == [.double(value)])
    #expect(try Everything.parse("f: \(text)").entries.map(\.value) == [.float(Float(value))])
  }

  @Test("may be not a number", arguments: ["nan", "NaN", "-nan", "nanf"])
  func notANumber(text: String) throws {
    #expect(try Everything.parse("f: \(text)").last("f")?.value.float?.isNaN == true)
  }

  @Test("-0 keeps its sign")
  func negativeZero() throws {
    #expect(try Everything.parse("f: -0.0").last("f")?.value.float?.sign == .minus)
  }

  @Test(
    "of a truth kind has the spellings of protobuf",
    arguments: [
      ("true", true), ("True", true), ("t", true), ("1", true), ("false", false), ("False", false), ("f", false), ("0", false),
    ])
  func truth(text: String, value: Bool) throws {
    #expect(try Everything.parse("b: \(text)").last("b")?.value.bool == value)
  }

  @Test(
    "of an enum is a name or a number",
    arguments: [("RED", 0), ("GREEN", 1), ("DEEP_BLUE", -7), ("1", 1), ("-7", -7), ("0x1", 1)] as [(String, Int32)])
  func enums(text: String, value: Int32) throws {
    #expect(try Everything.parse("e: \(text)").last("e")?.value.enumeration == value)
  }

  @Test(
    "that does not fit its field is refused at its place",
    arguments: [
      ("i: 2147483648", "1:4: \"i\": 2147483648 is out of range for int32 (-2147483648 to 2147483647)"),
      ("i: -2147483649", "1:4: \"i\": -2147483649 is out of range for int32 (-2147483648 to 2147483647)"),
      ("u: -1", "1:4: \"u\": -1 is out of range for uint32 (0 to 4294967295)"),
      ("v: 18446744073709551616", "1:4: \"v\": 18446744073709551616 is out of range for uint64 (0 to 18446744073709551615)"),
      ("i: 1.5", "1:4: \"i\": \"1.5\" is not a whole number"), ("i: 12abc", "1:4: \"i\": \"12abc\" is not a whole number"),
      ("i: 08", "1:4: \"i\": \"08\" is not a whole number"), ("i: 0x", "1:4: \"i\": \"0x\" is not a whole number"),
      ("i: yes", "1:4: \"i\": \"yes\" is not a whole number"),
      ("i: \"5\"", "1:4: expected a value of type int32 for \"i\", found \"\"5\"\""),
      ("f: 0x10", "1:4: \"f\": \"0x10\" is not a number"), ("f: 1.2.3", "1:4: \"f\": \"1.2.3\" is not a number"),
      ("f: one", "1:4: \"f\": \"one\" is not a number"), ("f: 1_000", "1:4: \"f\": \"1_000\" is not a number"),
      ("f: e5", "1:4: \"f\": \"e5\" is not a number"), ("b: yes", "1:4: \"b\": \"yes\" is not true or false"),
      ("b: 2", "1:4: \"b\": \"2\" is not true or false"), ("e: 5", "1:4: Color has no value \"5\""),
      ("e: PURPLE", "1:4: Color has no value \"PURPLE\""),
      ("e: \"RED\"", "1:4: expected a value of type Color for \"e\", found \"\"RED\"\""),
      ("s: word", "1:4: \"s\" is text: put it in quotes"), ("s: 5", "1:4: \"s\" is text: put it in quotes"),
      ("i: +5", "1:4: expected a value of type int32 for \"i\": unexpected character"),
    ])
  func refused(text: String, message: String) {
    #expect(Everything.mistakes(text).map { $0.replacing("\"e\": Color", with: "Color") } == [message])
  }

  @Test("of an enum that is misspelt names the likely case, or all")
  func enumHints() {
    let hints = ["e: GREN", "e: PURPLE"].map { text in
      #expect(throws: (any Error).self) { try Everything.parse(text) }.map { "\($0)" } ?? ""
    }
    #expect(hints[0].hasSuffix("did you mean GREEN?"))
    #expect(hints[1].hasSuffix("one of RED, GREEN, DEEP_BLUE"))
  }
}
