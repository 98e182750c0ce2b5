import Caffe
import CaffeCore
import CaffeData
import CaffeFormat
import CaffeTesting
import CaffeTraining
import Foundation
import Testing

@Suite("Nets with data from memory and from windows")
struct SourceFeedTests {
  private static func build(_ net: String, in folder: TemporaryFolder, memory: [String: MemoryData] = [:]) throws -> SolverNet {
    try Data(net.utf8).write(to: URL(filePath: folder.file("net.prototxt")))
    var options = NetOptions()
    options.memoryData = memory
    return try NetWorkshop(file: folder.file("net.prototxt"), options: options)
      .build(net: folder.file("net.prototxt"), phase: .TEST, purpose: .inference)
  }

  private static let memoryNet = """
    layer { name: 'given' type: 'MemoryData' top: 'data' top: 'label'
      memory_data_param { batch_size: 2 channels: 1 height: 1 width: 3 } }
    layer { name: 'twice' type: 'Power' bottom: 'data' top: 'y' power_param { scale: 2 } }
    """

  @Test("a MemoryData layer is fed by the program")
  func memory() throws {
    let memory = MemoryData()
    try memory.set(Tensor([4, 1, 1, 3], values: (0..<12).map { Float($0) }), labels: [0, 1, 2, 3])
    let net = try Self.build(Self.memoryNet, in: TemporaryFolder(), memory: ["given": memory])
    for start in [0, 6, 0] {
      try net.feed?.fill(net.session)
      try net.session.forward()
      #expect(net.session.output("y")?.values == (start..<start + 6).map { Float(2 * $0) })
    }
  }

  @Test("without a program that gives it data it says what is missing")
  func missing() throws {
    let error = #expect(throws: (any Error).self) { _ = try Self.build(Self.memoryNet, in: TemporaryFolder()) }
    #expect(
      error.map { "\($0)" }
        == "layer \"given\": a MemoryData layer gets its data from the program around the net (NetOptions.memoryData)")
  }

  @Test("a WindowData layer takes its window file's windows", .enabled(if: Checkout().shared != nil, "\(Checkout.sharedReason)"))
  func windows() throws {
    let shared = try #require(Checkout().shared)
    let net = try Self.build(
      """
      layer { name: 'windows' type: 'WindowData' top: 'data' top: 'label'
        window_data_param { source: '\(shared)/conformance/data/windows.txt' batch_size: 4 context_pad: 4 crop_mode: 'square' }
        transform_param { crop_size: 32 mirror: true mean_value: 104 scale: 0.5 } }
      """, in: TemporaryFolder())
    try net.feed?.fill(net.session)
    try net.session.forward()
    let labels = try #require(net.session.output("label")?.values)
    #expect(labels[..<3].allSatisfy { $0 == 0 } && [1, 2, 4].contains(labels[3]))
    let data = try #require(net.session.output("data"))
    #expect(data.shape == [4, 3, 32, 32] && data.values.allSatisfy { (-52...75.5).contains($0) } && Set(data.values).count > 100)
  }
}
