import Caffe
import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeTesting
import Foundation
import Testing

/// No gradient check: the layer declares what it makes and computes nothing.
@Suite("AnnotatedData")
struct AnnotatedDataLayerTests {
  private static func graph(_ parameters: String, inputs: [String: Shape] = [:]) throws -> ShapedGraph {
    let text = "layer { name: 'data' type: 'AnnotatedData' top: 'data' top: 'label' \(parameters) }"
    let definition = try NetDefinition(SourceFile(name: "net", text: text), schema: LayerRegistry.standard.schema)
    let graph = try NetGraph(definition, state: NetState(phase: .TRAIN), registry: .standard)
    return try ShapedGraph(graph, registry: .standard, inputs: inputs)
  }

  private static let data = "data_param { source: 'db' batch_size: 4 backend: LMDB }"

  private static let sizes: [(String, Shape)] = [
    ("resize_param { height: 300 width: 200 }", [4, 3, 300, 200]),
    ("resize_param { height: 300 width: 200 resize_mode: FIT_LARGE_SIZE_AND_PAD } mean_value: 1", [4, 1, 300, 200]),
    ("resize_param { height: 300 width: 200 } crop_size: 100 force_gray: true", [4, 1, 100, 100]),
    ("resize_param { height: 300 width: 200 resize_mode: FIT_SMALL_SIZE } crop_h: 80 crop_w: 90", [4, 3, 80, 90]),
  ]

  @Test("declares pictures of the size they are brought to, and one box", arguments: sizes)
  func shapes(transform: String, shape: Shape) throws {
    let graph = try Self.graph("transform_param { \(transform) } \(Self.data)")
    #expect(graph.shape(of: "data") == shape)
    #expect(graph.shape(of: "label") == [1, 1, 1, 8])
  }

  @Test("takes the shapes it is given, and asks for them where no size is known")
  func givenShapes() throws {
    let given: [String: Shape] = ["data": [2, 3, 8, 9], "label": [1, 1, 7, 8]]
    #expect(try Self.graph(Self.data, inputs: given).shape(of: "label") == [1, 1, 7, 8])
    let part = try Self.graph(
      "transform_param { resize_param { height: 8 width: 9 } } \(Self.data)", inputs: ["label": [1, 1, 7, 8]])
    #expect(part.shape(of: "label") == [1, 1, 7, 8])
    let unknown = "transform_param { resize_param { height: 8 width: 9 resize_mode: FIT_SMALL_SIZE } }"
    let error = #expect(throws: Diagnostics.self) { try Self.graph("\(unknown) \(Self.data)") }
    #expect(error.map { "\($0)" }?.contains("the shape of \"data\" is not known without it: give --input-shape") == true)
  }

  @Test("reads every field of SSD's training net, and writes it again")
  func fields() throws {
    let text = """
      layer {
        name: "data" type: "AnnotatedData" top: "data" top: "label" \(Self.data)
        annotated_data_param {
          batch_sampler { max_sample: 1 max_trials: 1 use_original_image: false }
          batch_sampler {
            sampler { min_scale: 0.3 max_scale: 0.9 min_aspect_ratio: 0.5 max_aspect_ratio: 2 }
            sample_constraint {
              min_jaccard_overlap: 0.1 max_jaccard_overlap: 0.9 min_sample_coverage: 0.2 max_sample_coverage: 0.8
              min_object_coverage: 0.3 max_object_coverage: 0.7
            }
            max_trials: 50
          }
          label_map_file: "labelmap.prototxt" anno_type: BBOX
        }
      }
      """
    let schema = LayerRegistry.standard.schema.net
    let message = try TextParser.parse(SourceFile(name: "net", text: text), as: schema)
    let layer = try #require(message.messages("layer").first?.last("annotated_data_param")?.value.message)
    let parameters = AnnotatedDataParameters(layer)
    #expect(parameters.batchSampler.map(\.maxTrials) == [1, 50])
    #expect(parameters.batchSampler[1].sampleConstraint?.maxObjectCoverage == 0.7)
    #expect(parameters.message == layer)
    let bytes = WireWriter.bytes(message)
    #expect(try bytes.withUnsafeBytes { try WireReader.decode($0, as: schema, name: "net") } == message)
  }

  @Test("cannot be trained from yet, and says so")
  func training() throws {
    let folder = try TemporaryFolder()
    func problem(_ transform: String) throws -> String {
      let net = """
        layer { name: 'data' type: 'AnnotatedData' top: 'data' top: 'label' \(transform) \(Self.data) }
        layer { name: 'ip' type: 'InnerProduct' bottom: 'data' top: 'ip' inner_product_param { num_output: 1 } }
        layer { name: 'loss' type: 'Reduction' bottom: 'ip' top: 'loss' loss_weight: 1 }
        layer { name: 'silence' type: 'Silence' bottom: 'label' }
        """
      let solver = "net_param { \(net) } base_lr: 0.01 lr_policy: 'fixed' max_iter: 1 snapshot_after_train: false"
      try Data(solver.utf8).write(to: URL(filePath: folder.file("solver.prototxt")))
      let error = #expect(throws: (any Error).self) { try Training(solver: folder.file("solver.prototxt")).prepare().solve() }
      return error.map { "\($0)" } ?? "none"
    }
    let sized = try problem("transform_param { crop_size: 8 }")
    #expect(sized.hasPrefix("layer \"data\": data of AnnotatedData layers is not read here yet"))
    let missing = try problem("")
    #expect(missing.contains("the shape of \"data\" is not known without it"))
    #expect(!missing.contains("--input-shape"), "a training has no such flag")
  }

  @Test("says which of its settings is missing")
  func mistakes() {
    func mistake(_ parameters: String) -> String {
      OneLayer.mistake("type: 'AnnotatedData' data_param { \(parameters) }", [:], tops: ["data", "label"]) ?? "none"
    }
    #expect(mistake("batch_size: 4").contains("source is missing: which database?"))
    #expect(mistake("source: 'db'").contains("batch_size must be at least 1"))
    let many = "batch_size: 4000000000 source: 'db' } transform_param { crop_size: 4000000000"
    #expect(mistake(many).contains("has more than 2147483647 elements"))
  }
}
