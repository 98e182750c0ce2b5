import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeTesting
import Testing

/// Layers whose data comes from outside of the compute program: what they declare, and what they refuse.
///
/// No gradient check: they compute nothing that could have one.
@Suite("Layers of data")
struct SourceLayerTests {
  private static func shapes(_ layer: String, tops: [String]) throws -> [Shape?] {
    let text = "layer { name: 'd' \(tops.map { "top: '\($0)'" }.joined(separator: " ")) \(layer) }"
    let definition = try NetDefinition(SourceFile(name: "net", text: text), schema: LayerRegistry.standard.schema)
    let graph = try NetGraph(definition, state: NetState(phase: .TRAIN), registry: .standard)
    let survey = try ShapeSurvey(graph, registry: .standard)
    return tops.map { survey.shape(of: $0) }
  }

  private static func mistake(_ layer: String, tops: [String] = ["data", "label"]) -> String {
    OneLayer.mistake(layer, [:], tops: tops) ?? "none"
  }

  @Test("Data takes its shape from the crop")
  func data() throws {
    let tops = ["data", "label"]
    #expect(
      try Self.shapes("type: 'Data' data_param { source: 'db' batch_size: 4 } transform_param { crop_size: 9 }", tops: tops)
        == [[4, 3, 9, 9], [4]])
    #expect(
      try Self.shapes(
        "type: 'Data' data_param { source: 'db' batch_size: 4 } transform_param { crop_size: 9 force_gray: true }", tops: ["data"]
      )
        == [[4, 1, 9, 9]])
    #expect(try Self.shapes("type: 'Data' data_param { source: 'db' batch_size: 4 }", tops: tops) == [nil, nil])
  }

  @Test("labels follow from the data's shape where somebody gives that")
  func given() throws {
    for (layer, labels) in [
      ("type: 'Data' data_param { source: 'db' batch_size: 4 }", [7]),
      ("type: 'ImageData' image_data_param { source: 'l' }", [7]),
      ("type: 'ImageSegData' image_data_param { source: 'l' }", [7, 1, 5, 6]),
    ] as [(String, Shape)] {
      let text = "layer { name: 'd' top: 'data' top: 'label' \(layer) }"
      let definition = try NetDefinition(SourceFile(name: "net", text: text), schema: LayerRegistry.standard.schema)
      let graph = try NetGraph(definition, state: NetState(phase: .TRAIN), registry: .standard)
      let survey = try ShapeSurvey(graph, registry: .standard, inputs: ["data": [7, 3, 5, 6]])
      #expect(survey.shape(of: "data") == [7, 3, 5, 6] && survey.shape(of: "label") == labels)
    }
  }

  @Test("ImageData takes its shape from the crop, or the new size")
  func images() throws {
    let sized = "type: 'ImageData' image_data_param { source: 'list' batch_size: 2 new_height: 8 new_width: 6"
    #expect(try Self.shapes("\(sized) }", tops: ["data", "label"]) == [[2, 3, 8, 6], [2]])
    #expect(try Self.shapes("\(sized) is_color: false }", tops: ["data"]) == [[2, 1, 8, 6]])
    #expect(try Self.shapes("\(sized) } transform_param { crop_size: 5 }", tops: ["data"]) == [[2, 3, 5, 5]])
    #expect(Self.mistake("type: 'ImageData'").contains("source is missing: which list of pictures?"))
    #expect(
      Self.mistake("type: 'ImageData' image_data_param { source: 'l' new_height: 3 }").contains(
        "new_height and new_width go together"))
    #expect(
      Self.mistake("type: 'ImageData' image_data_param { source: 'l' batch_size: 0 }").contains("batch_size must be at least 1"))
  }

  @Test("ImageSegData has labels a pixel, DenseImageData as well")
  func scenes() throws {
    let seg = "type: 'ImageSegData' image_data_param { source: 'list' batch_size: 2 } transform_param { crop_size: 7 }"
    #expect(try Self.shapes(seg, tops: ["data", "label", "dim"]) == [[2, 3, 7, 7], [2, 1, 7, 7], [2, 1, 1, 2]])
    let one = seg.replacing("batch_size: 2", with: "batch_size: 2 label_type: IMAGE")
    #expect(try Self.shapes(one, tops: ["data", "label"]) == [[2, 3, 7, 7], [2, 1, 1, 1]])
    let dense = "type: 'DenseImageData' dense_image_data_param { source: 'list' batch_size: 2 new_height: 4 new_width: 5 }"
    #expect(try Self.shapes(dense, tops: ["data", "label"]) == [[2, 3, 4, 5], [2, 1, 4, 5]])
    #expect(Self.mistake("type: 'DenseImageData'").contains("source is missing"))
  }

  @Test("WindowData and MemoryData say all themselves")
  func windows() throws {
    let windows = "type: 'WindowData' window_data_param { source: 'w' batch_size: 3 } transform_param { crop_size: 6 }"
    #expect(try Self.shapes(windows, tops: ["data", "label"]) == [[3, 3, 6, 6], [3]])
    #expect(
      Self.mistake(windows.replacing("batch_size: 3", with: "batch_size: 3 crop_mode: 'round'")).contains(
        "crop_mode is warp or square, not \"round\""))
    #expect(
      Self.mistake("type: 'WindowData' window_data_param { source: 'w' batch_size: 3 }").contains("how large are the windows?"))
    let memory = "type: 'MemoryData' memory_data_param { batch_size: 2 channels: 3 height: 4 width: 5 }"
    #expect(try Self.shapes(memory, tops: ["data", "label"]) == [[2, 3, 4, 5], [2]])
    #expect(Self.mistake(memory.replacing("width: 5", with: "")).contains("width must be at least 1"))
  }

  @Test("HDF5Data needs a list and a batch size, and takes no transformation; HDF5Output needs a file and as many items of both")
  func hdf5() {
    #expect(Self.mistake("type: 'HDF5Data' hdf5_data_param { batch_size: 2 }").contains("source is missing"))
    #expect(Self.mistake("type: 'HDF5Data' hdf5_data_param { source: 'l' }").contains("batch_size must be at least 1"))
    let transformed = "type: 'HDF5Data' hdf5_data_param { source: 'l' batch_size: 2 } transform_param { mirror: true }"
    #expect(Self.mistake(transformed).contains("leave transform_param out"))
    #expect(
      OneLayer.mistake("type: 'HDF5Output'", ["x": [2], "y": [2]], tops: [])?.contains("file_name is missing: where to?") == true)
    #expect(
      OneLayer.mistake("type: 'HDF5Output' hdf5_output_param { file_name: 'f' }", ["x": [2], "y": [3]], tops: [])?.contains(
        "both bottoms must have as many items") == true)
    #expect(
      OneLayer.mistake("type: 'HDF5Output' hdf5_output_param { file_name: 'f' }", ["x": [2], "y": [2, 3]], tops: []) == nil)
  }
}
