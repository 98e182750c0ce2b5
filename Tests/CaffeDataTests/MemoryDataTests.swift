import CaffeCore
import CaffeData
import CaffeFormat
import Testing

@Suite("Data from memory")
struct MemoryDataTests {
  private static func configuration(_ transform: TransformationParameter = TransformationParameter()) -> MemoryConfiguration {
    var configuration = MemoryConfiguration(layer: "given", shape: [2, 1, 2, 2], phase: .TEST)
    configuration.transform = transform
    return configuration
  }

  private static func data(_ count: Int, from first: Int = 0) -> Tensor {
    let values = (0..<4 * count).map { Float(first + $0 / 4) }
    return Tensor([count, 1, 2, 2]) { _ = $0.update(fromContentsOf: values) }
  }

  @Test("batches come round and round; what is set later begins with its first; a run that continues gets the same")
  func rounds() throws {
    let memory = MemoryData()
    try memory.set(Self.data(4), labels: [0, 1, 2, 3])
    let source = try MemorySource(memory, Self.configuration())
    let labels = try (0..<3).map { _ in try source.nextTensors()[1].values }
    #expect(labels == [[0, 1], [2, 3], [0, 1]] && source.position == 6)
    #expect(try MemorySource(memory, Self.configuration(), startingAt: 6).nextTensors()[0].values[0] == 2)
    try memory.set(Self.data(2, from: 9), labels: [9, 10])
    #expect(try source.nextTensors() == [Self.data(2, from: 9), try Tensor([2], values: [9, 10])])
  }

  @Test("pictures go through transform_param, values do not")
  func pictures() throws {
    let memory = MemoryData()
    let source = try MemorySource(memory, Self.configuration(.with { ($0.scale, $0.cropSize) = (0.5, 2) }))
    let image = try Image(width: 4, height: 4, channels: 1, pixels: (0..<16).map { UInt8($0) })
    try memory.set([image, image], labels: [1, 2])
    let tensors = try source.nextTensors()
    #expect(tensors[0].values == [2.5, 3, 4.5, 5, 2.5, 3, 4.5, 5] && tensors[1].values == [1, 2])
    try memory.set(Self.data(2), labels: [1, 2])
    #expect(try source.nextTensors()[0] == Self.data(2))
  }

  @Test("what does not fit is an error that names the layer")
  func errors() throws {
    let memory = MemoryData()
    let source = try MemorySource(memory, Self.configuration())
    func message() -> String? {
      do { _ = try source.nextTensors() } catch { return "\(error)" }
      return nil
    }
    #expect(message() == "layer \"given\": it has no data yet; set some before the net runs (MemoryData.set)")
    #expect(throws: DataSettingsError.self) { try memory.set(Self.data(2), labels: [1]) }
    try memory.set(Self.data(3), labels: [1, 2, 3])
    #expect(message() == "layer \"given\": 3 items are set; their number must be a multiple of batch_size 2")
    try memory.set(Tensor([2, 3, 2, 2]), labels: [1, 2])
    #expect(message() == "layer \"given\": items of the shape 3x2x2 are set; the layer says 1x2x2")
    try memory.set(
      [Image](repeating: try Image(width: 2, height: 3, channels: 1, pixels: [0, 0, 0, 0, 0, 0]), count: 2), labels: [1, 2])
    #expect(message() == "layer \"given\": picture 0 of the batch becomes 1x3x2; the layer says 1x2x2")
  }
}
