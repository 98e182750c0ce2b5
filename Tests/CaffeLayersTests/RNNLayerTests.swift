import CaffeCore
import CaffeTesting
import Testing

@Suite("RNN")
struct RNNLayerTests {
  private static let parameters = "type: 'RNN' recurrent_param { num_output: 4 }"
  private static let exposed = "type: 'RNN' recurrent_param { num_output: 4 expose_hidden: true }"

  @Test("keeps the contract of layers")
  func contract() throws {
    let cont: [String: SampleValues] = ["cont": .labels(below: 2)]
    try LayerCheck.all(LayerCheck.net(Self.parameters, ["x": [5, 2, 3], "cont": [5, 2]]), values: cont)
    try LayerCheck.all(LayerCheck.net(Self.parameters, ["x": [1, 3, 2, 2], "cont": [1, 3]]), values: cont)
    try LayerCheck.all(LayerCheck.net(Self.parameters, ["x": [5, 2, 3], "cont": [5, 2], "s": [2, 6]]), values: cont)
  }

  @Test("keeps the contract of layers with its hidden state in the open, whose tops take no gradient")
  func exposedContract() throws {
    let cont: [String: SampleValues] = ["cont": .labels(below: 2)]
    let plain = LayerCheck.net(Self.exposed, ["x": [3, 2, 5], "cont": [3, 2], "h0": [1, 2, 4]], tops: ["y", "hT"])
    try LayerCheck.all(plain, values: cont, unseeded: ["hT"])
    let fixed = LayerCheck.net(
      Self.exposed, ["x": [3, 2, 5], "cont": [3, 2], "s": [2, 6], "h0": [1, 2, 4]], tops: ["y", "hT"])
    try LayerCheck.all(fixed, values: cont, unseeded: ["hT"])
  }

  private static func layer(steps: Int, cont: [Float]) throws -> OneLayer {
    try OneLayer(
      "type: 'RNN' recurrent_param { num_output: 1 }",
      ["x": Tensor([steps, 1, 1], repeating: 0.5), "cont": .of([steps, 1], cont)], weights: [[1], [0.25], [-2], [3], [-0.5]])
  }

  @Test("carries its state from batch to batch until cont is 0 or it is told to forget")
  func state() throws {
    let whole = try Self.layer(steps: 2, cont: [0, 1]).forward()
    #expect(whole[0] != whole[1])
    let layer = try Self.layer(steps: 1, cont: [1])
    #expect(try layer.forward() == [whole[0]])
    #expect(try layer.forward() == [whole[1]])
    layer.forget()
    #expect(try layer.forward() == [whole[0]])
    let beginning = try Self.layer(steps: 1, cont: [0])
    #expect(try beginning.forward() == [whole[0]])
    #expect(try beginning.forward() == [whole[0]])
  }

  @Test("computes a step as one does by hand")
  func values() throws {
    // h = tanh(0.75), y = tanh(3h − 0.5)
    #expect(isClose(try Self.layer(steps: 1, cont: [0]).forward(), [0.8865233]))
  }

  @Test("refuses bottoms and tops that do not fit")
  func mistakes() {
    func mistake(_ parameters: String, _ inputs: KeyValuePairs<String, Shape>, tops: [String] = ["y"]) -> String {
      OneLayer.mistake(parameters, inputs, tops: tops) ?? "none"
    }
    #expect(mistake("type: 'RNN'", ["x": [5, 2, 3], "cont": [5, 2]]).contains("num_output must be at least 1"))
    #expect(
      mistake(Self.parameters, ["x": [5, 2], "cont": [5, 2]]).contains(
        "x needs at least 3 axes (steps, streams, values), found 5x2"))
    #expect(mistake(Self.parameters, ["x": [5, 2, 3], "cont": [5, 1]]).contains("cont must be 5x2, found 5x1"))
    #expect(
      mistake(Self.parameters, ["x": [5, 2, 3], "cont": [5, 2], "s": [3, 6]]).contains("x_static must be 2x…, found 3x6"))
    #expect(
      mistake(Self.exposed, ["x": [5, 2, 3], "cont": [5, 2]], tops: ["y", "hT"]).contains(
        "needs the bottoms x, cont, h0 and possibly x_static after cont, 2 given"))
    #expect(
      mistake(Self.parameters, ["x": [5, 2, 3], "cont": [5, 2]], tops: ["y", "z"]).contains(
        "needs 1 top(s): the outputs; 2 given"))
    let hidden = mistake(Self.exposed, ["x": [5, 3, 3], "cont": [5, 3], "h0": [1, 2, 4]], tops: ["y", "hT"])
    #expect(hidden.contains("the hidden state must be 1x3x4, found 1x2x4"))
  }
}
