import CaffeCore
import CaffeFormat
import CaffeTesting
import Testing

@Suite("Dropout")
struct DropoutLayerTests {
  @Test("keeps the contract of layers in both phases", arguments: [0.3, 0.5, 0.9])
  func contract(ratio: Float) throws {
    let net = LayerCheck.net("type: 'Dropout' dropout_param { dropout_ratio: \(ratio) }", ["x": [3, 5, 7]])
    try LayerCheck.all(net, phase: .TRAIN)
    try LayerCheck.all(net, phase: .TEST)
  }

  @Test("keeps the contract of layers with the fields of forks", arguments: ["sample_weights_test: true", "scale_train: false"])
  func forks(parameters: String) throws {
    let net = LayerCheck.net("type: 'Dropout' dropout_param { \(parameters) engine: CAFFE }", ["x": [3, 5, 7]])
    try LayerCheck.all(net, phase: .TRAIN)
    try LayerCheck.all(net, phase: .TEST)
  }

  private static func values(_ parameters: String, _ phase: Phase) throws -> [Float] {
    let ones = Tensor([100, 100], repeating: 1)
    return try OneLayer("type: 'Dropout' dropout_param { dropout_ratio: 0.75 \(parameters) }", ["x": ones], phase: phase, seed: 7)
      .forward()
  }

  @Test("scales in testing instead of in training where the file says so")
  func scaleTrain() throws {
    #expect(try Self.values("scale_train: false", .TRAIN) == Self.values("", .TRAIN).map { $0 / 4 })
    #expect(try Self.values("scale_train: false", .TEST) == [Float](repeating: 0.25, count: 10_000))
  }

  @Test("drops in testing too where the file says so")
  func sampleWeightsTest() throws {
    #expect(try Self.values("sample_weights_test: true", .TEST) == Self.values("", .TRAIN))
  }

  private static func layer(phase: Phase = .TRAIN, seed: UInt64 = 7, threads: Int = 1) throws -> OneLayer {
    let ones = Tensor([100, 100], repeating: 1)
    return try OneLayer(
      "type: 'Dropout' dropout_param { dropout_ratio: 0.75 }", ["x": ones], phase: phase, fast: true, seed: seed, threads: threads
    )
  }

  @Test("drops the ratio of elements and scales the rest so that the mean stays")
  func share() throws {
    let values = try Self.layer().forward()
    #expect(Set(values) == [0, 4])
    #expect(abs(values.count { $0 == 0 } - 7500) < 200)
  }

  @Test("draws the same mask whatever the number of threads, another for another seed and in the next pass")
  func mask() throws {
    let layer = try Self.layer()
    let first = try layer.forward()
    #expect(try Self.layer(threads: 7).forward() == first)
    #expect(try Self.layer(seed: 8).forward() != first)
    #expect(try layer.forward() != first)
  }

  @Test("sends gradients back through the mask of the pass before")
  func backward() throws {
    let layer = try Self.layer()
    let mask = try layer.forward()
    #expect(try layer.backward(from: [Float](repeating: 2, count: 10_000)) == mask.map { $0 * 2 })
  }

  @Test("changes nothing in testing")
  func testing() throws {
    #expect(try Self.layer(phase: .TEST).forward() == [Float](repeating: 1, count: 10_000))
  }
}
