import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import Testing

@Suite("The printer of texts")
struct TextPrinterTests {
  @Test("indents by two spaces and writes whole numbers without a point")
  func layout() throws {
    let message = try Everything.parse(
      "m < x: 0x10 label: 'a' > fs: [1, 0.5, 1e-5, -inf, nan] b: t e: 1 s: 'say \"x\"' y: '\\377\\n'")
    #expect(
      TextPrinter.print(message) == """
        m {
          x: 16
          label: "a"
        }
        fs: 1
        fs: 0.5
        fs: 1e-05
        fs: -inf
        fs: nan
        b: true
        e: GREEN
        s: "say \\"x\\""
        y: "\\377\\n"

        """)
  }

  @Test(
    "writes text that reads back as the same bytes",
    arguments: ["", "é😀", "\u{0}\u{1}\u{7F}\u{85}", "a\\b'c\"d?\r\n\t", "\u{2028}#"])
  func strings(text: String) throws {
    var message = Message(Everything.schema)
    message.append("s", .string(text))
    message.append("y", .bytes(Array(text.utf8) + [0xFF, 0x80, 0x37]))
    #expect(try Everything.parse(TextPrinter.print(message)) == message)
  }

  @Test(
    "writes numbers that read back exactly",
    arguments: [0.1, .leastNonzeroMagnitude, 3.402_823_5e38, 16_777_216, 1e7, 1e10, 123_456_792, -0.0, .infinity] as [Float])
  func numbers(value: Float) throws {
    var message = Message(Everything.schema)
    message.append("f", .float(value))
    message.append("fs", .numbers(NumberRun([value, -value])))
    message.append("d", .double(Double(value) / 3))
    #expect(try Everything.parse(TextPrinter.print(message)) == message)
  }

  private static let own = ["models", "examples"].flatMap { SharedFolder.prototxts(under: "\(SharedFolder.checkout)/\($0)") }
    .filter { !$0.contains("/CustomLayer/") }  // whose layer is its own
  private static let shared = SharedFolder.path.map { SharedFolder.prototxts(under: "\($0)/conformance") } ?? []

  @Test("and the parser agree on every prototxt of the models and examples")
  func ownFiles() throws {
    #expect(Self.own.count > 10)
    for path in Self.own { try roundTrip(path) }
  }

  /// Nets with layers that are not built here yet cannot be parsed; of the others all must survive.
  @Test("and the parser agree on the conformance cases", .enabled(if: SharedFolder.path != nil, "\(SharedFolder.reason)"))
  func sharedFiles() throws {
    let known = Self.shared.filter { (try? roundTrip($0)) != nil }
    #expect(Double(known.count) > 0.5 * Double(Self.shared.count), "\(known.count) of \(Self.shared.count)")
  }

  private func roundTrip(_ path: String) throws {
    let schema = LayerRegistry.standard.schema
    let type = path.split(separator: "/").last?.contains("solver") == true ? schema.solver : schema.net
    let message = try TextParser.parse(SourceFile(name: path, bytes: SharedFolder.bytes(path)), as: type)
    let text = TextPrinter.print(message)
    let again = try TextParser.parse(SourceFile(name: path, text: text), as: type)
    #expect(again == message)
    #expect(TextPrinter.print(again) == text)
  }
}
