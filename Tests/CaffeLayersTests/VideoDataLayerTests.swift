import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeTesting
import Testing

/// No gradient check: the layer declares what it makes and computes nothing.
@Suite("VideoData")
struct VideoDataLayerTests {
  private static func mistake(_ parameters: String, tops: [String] = ["data"]) -> String? {
    OneLayer.mistake("type: 'VideoData' \(parameters)", [:], tops: tops)
  }

  @Test("declares pictures of the size they are brought to")
  func shapes() throws {
    let transform = "transform_param { resize_param { height: 30 width: 20 } } data_param { batch_size: 2 }"
    let text = "layer { name: 'film' type: 'VideoData' top: 'data' top: 'label' \(transform) }"
    let definition = try NetDefinition(SourceFile(name: "net", text: text), schema: LayerRegistry.standard.schema)
    let graph = try NetGraph(definition, state: NetState(phase: .TEST), registry: .standard)
    let shaped = try ShapedGraph(graph, registry: .standard)
    #expect(shaped.shape(of: "data") == [2, 3, 30, 20])
    #expect(shaped.shape(of: "label") == [2])
  }

  @Test("keeps its parameters in text and bytes")
  func fields() throws {
    let text = "video_type: VIDEO device_id: 3 video_file: 'film.avi' skip_frames: 2"
    let message = try TextParser.parse(SourceFile(name: "n", text: text), as: VideoDataParameters.schema)
    #expect(VideoDataParameters(message).message == message)
    let bytes = WireWriter.bytes(message)
    #expect(try bytes.withUnsafeBytes { try WireReader.decode($0, as: VideoDataParameters.schema, name: "n") } == message)
  }

  @Test("says which of its settings is missing, and makes no shapes up")
  func mistakes() {
    let film = Self.mistake("data_param { batch_size: 1 } video_data_param { video_type: VIDEO }")
    #expect(film?.contains("video_file is missing: which film?") == true)
    #expect(Self.mistake("")?.contains("batch_size must be at least 1") == true)
    #expect(Self.mistake("data_param { batch_size: 1 }")?.contains("the shape of \"data\" is not known") == true)
    #expect(Self.mistake("data_param { batch_size: 1 } transform_param { crop_size: 8 }") == nil)
  }
}
