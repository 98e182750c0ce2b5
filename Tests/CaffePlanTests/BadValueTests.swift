import CaffeCore
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("A value that is no number")
struct BadValueTests {
  private static let text = """
    layer { name: "in" type: "Input" top: "x" input_param { shape { dim: [3, 4, 6, 6] } } }
    layer { name: "conv" type: "Convolution" bottom: "x" top: "c" convolution_param { num_output: 5 kernel_size: 3 } }
    layer { name: "shift" type: "Power" bottom: "c" top: "s" power_param { scale: 0 shift: -1 } }
    layer { name: "log" type: "Log" bottom: "s" top: "l" }
    layer { name: "act" type: "ReLU" bottom: "l" top: "a" }
    """

  @Test("is traced to the layer that made it", arguments: [false, true])
  func layer(fast: Bool) throws {
    let net = try SampleNet(Self.text)
    let session = try net.session(net.plan(.inference, fast ? [try OneDNNBackend(), SharingBackend(worth: 16)] : []))
    try session.forward()
    let bad = try #require(try session.firstBadValue())
    #expect(
      bad.description == "layer \"log\" (Log) made blob \"l\", whose item 0 holds nan" || bad.description.contains("holds -nan"))
    #expect(session.iteration == 1)
  }

  @Test("is traced to the input and the item that brought it, and is not seen where there is none")
  func input() throws {
    let net = try SampleNet(Self.text.replacing("shift: -1", with: "shift: 2"))
    let session = try net.session(net.plan(.inference, [try OneDNNBackend()]))
    try session.forward()
    #expect(try session.firstBadValue() == nil)
    session.input("x")?[2 * 144 + 7] = .infinity
    try session.forward()
    #expect(try session.firstBadValue()?.description == "layer \"in\" (Input) made blob \"x\", whose item 2 holds inf")
  }
}
