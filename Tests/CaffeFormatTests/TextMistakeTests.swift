import CaffeCore
import CaffeFormat
import Testing

@Suite("A mistake in a text")
struct TextMistakeTests {
  @Test(
    "is reported at its place, once",
    arguments: [
      ("i 5", "1:1: a \":\" is missing after \"i\""), ("i 5 l: 3", "1:1: a \":\" is missing after \"i\""),
      ("is [5]", "1:2: a \":\" is missing after \"is\""), ("s\n\"a\"\ni: 2", "1:1: a \":\" is missing after \"s\""),
      ("i { 5 } l: 3", "1:1: a \":\" is missing after \"i\""),
      ("i: { 5 }\nl: 3", "1:4: expected a value of type int32 for \"i\", found \"{\""),
      ("i:", "1:3: expected a value of type int32 for \"i\", but the file ends here"),
      ("i: }", "1:4: expected a value of type int32 for \"i\", found \"}\""),
      ("m: 5", "1:4: \"m\" is a message (Inner): its fields go in { }"),
      ("m 5\ni: 3", "1:3: \"m\" is a message (Inner): its fields go in { }"),
      ("m { x: 1", "1:8: the file ends inside Inner; a \"}\" is missing"),
      ("m {\n  x: 1\n\n# end\n", "2:6: the file ends inside Inner; a \"}\" is missing"),
      ("m < x: 1", "1:8: the file ends inside Inner; a \">\" is missing"),
      ("m { x: 1 > }", "1:10: expected a field name, found \">\""),
      ("}", "1:1: expected a field name, found \"}\""), ("5: 3", "1:1: expected a field name, found \"5\""),
      ("\"i\": 3", "1:1: expected a field name, found \"\"i\"\""), ("[a.b]: 3", "1:1: expected a field name, found \"[\""),
      ("i: 1 i: 2", "1:6: field \"i\" is given twice in Everything"),
      ("m { } m { }", "1:7: field \"m\" is given twice in Everything"),
      ("i: [1]", "1:1: field \"i\" takes one value, not a list"),
      ("is: [1, 2", "1:10: expected \",\" or \"]\" in a list, but the file ends here"),
      ("is: [1 2]\ni: 5", "1:8: expected \",\" or \"]\" in a list, found \"2\""),
      ("nothing: 5", "1:1: Everything has no field \"nothing\""),
      ("nothing { a { b: [1, 2] } } i: 3", "1:1: Everything has no field \"nothing\""),
      ("nothing: 'a' 'b' i: 3", "1:1: Everything has no field \"nothing\""),
      ("nothing: -5 i: 3", "1:1: Everything has no field \"nothing\""),
      ("m { i: 3 }", "1:5: Inner has no field \"i\""), ("i: 1 $", "1:6: expected a field name: unexpected character"),
      ("i: €", "1:4: expected a value of type int32 for \"i\": unexpected character"),
    ])
  func once(text: String, message: String) {
    let mistakes = Everything.mistakes(text)
    #expect(mistakes.first == message)
    #expect(mistakes.count == (text == "i: }" ? 2 : 1), "\(mistakes)")
  }

  @Test("in a name comes with the likely name, or with the message that has the field")
  func hints() {
    func hint(_ text: String) -> String? {
      do throws(Diagnostics) {
        _ = try TextParser.parse(SourceFile(name: "n", text: text), as: Everything.schema)
        return nil
      } catch { return error.first?.hint }
    }
    #expect(hint("m { lable: 'a' }") == "did you mean \"label\"?")
    #expect(hint("m { x: 1\nss: 'a'") == "\"ss\" goes in Everything: is a \"}\" missing before it?")
    #expect(hint("elephant: 5") == nil)
    #expect(hint("i: 1\ni: 2") == "first at n:1:1")
  }

  @Test("does not hide the mistakes behind it")
  func several() {
    let text = """
      i: x
      m { y: 1 label 'a' label: b }
      s: 'open
      nothing { i: 5 }
      f: 1.2.3  is: [1, x, 3]
      e: BLUE
      b: { true }
      u: -1
      """
    #expect(
      Everything.mistakes(text) == [
        "1:4: \"i\": \"x\" is not a whole number", "2:5: Inner has no field \"y\"", "2:14: a \":\" is missing after \"label\"",
        "2:27: \"label\" is text: put it in quotes", "3:4: this string has no closing quote on its line",
        "4:1: Everything has no field \"nothing\"", "5:4: \"f\": \"1.2.3\" is not a number",
        "5:19: \"is\": \"x\" is not a whole number",
        "6:4: \"e\": Color has no value \"BLUE\"", "7:4: expected a value of type bool for \"b\", found \"{\"",
        "8:4: \"u\": -1 is out of range for uint32 (0 to 4294967295)",
      ])
  }

  @Test(
    "made a hundred thousand times is reported a hundred times",
    arguments: ["nothing: 1 ", "$ ", "is: x ", "i: 1 ", "m { y: 1 } ", "s: 'a\n"])
  func bounded(piece: String) {
    #expect(Everything.mistakes(String(repeating: piece, count: 100_000)).count == 100)
  }

  @Test("that is passed over does not end the reading, however often it is made")
  func passedOver() throws {
    let text = String(repeating: "nothing: 1 ", count: 150) + "i: 7"
    let (message, warnings) = try TextParser.read(
      SourceFile(name: "n", text: text), as: Everything.schema, allowsUnknown: true)
    #expect(message.last("i")?.value.integer == 7)
    #expect(warnings.count == 100)
  }

  @Test("made a hundred thousand times in one list is reported a hundred times")
  func boundedInList() {
    #expect(Everything.mistakes("is: [" + String(repeating: "x,", count: 100_000) + "1]").count == 100)
  }

  @Test(
    "in the depth of a hundred thousand braces is an error and no crash",
    arguments: ["m {", "m <", "nothing {", "ms [{", "{", "[", "<"])
  func depthBomb(piece: String) {
    let mistakes = Everything.mistakes(String(repeating: piece, count: 100_000))
    #expect((1...100).contains(mistakes.count))
  }

  @Test("of nesting deeper than any net is one error")
  func depthLimit() throws {
    let chain = (0..<60).reduce(MessageSchema("Leaf", [])) { MessageSchema("M\($1)", [FieldSchema("m", 1, .message($0))]) }
    let text = String(repeating: "m { ", count: 60) + String(repeating: "}", count: 60)
    let error = #expect(throws: Diagnostics.self) { try TextParser.parse(SourceFile(name: "n", text: text), as: chain) }
    #expect(error?.map(\.message) == ["messages nest deeper than 50 levels"])
  }
}
