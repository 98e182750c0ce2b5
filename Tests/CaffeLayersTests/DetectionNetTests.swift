import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeOneDNN
import CaffePlan
import Testing

@Suite("Nets made as SSD's are")
struct DetectionNetTests {
  /// A head on a feature map: locations and scores with their channels last, and priors.
  private static func head(_ map: String, _ size: Int) -> String {
    func branch(_ name: String, _ outputs: Int) -> String {
      """
      layer {
        name: "\(map)_\(name)" type: "Convolution" bottom: "\(map)" top: "\(map)_\(name)"
        convolution_param { num_output: \(outputs) kernel_size: 3 pad: 1 weight_filler { type: "xavier" } }
      }
      layer {
        name: "\(map)_\(name)_perm" type: "Permute" bottom: "\(map)_\(name)" top: "\(map)_\(name)_perm"
        permute_param { order: 0 order: 2 order: 3 order: 1 }
      }
      layer {
        name: "\(map)_\(name)_flat" type: "Flatten" bottom: "\(map)_\(name)_perm" top: "\(map)_\(name)_flat"
      }

      """
    }
    return branch("loc", 4 * 4) + branch("conf", 4 * 3) + """
      layer {
        name: "\(map)_prior" type: "PriorBox" bottom: "\(map)" bottom: "data" top: "\(map)_prior"
        prior_box_param {
          min_size: \(size) max_size: \(2 * size) aspect_ratio: 2 variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2
        }
      }

      """
  }

  private static func concat(_ name: String, _ axis: Int) -> String {
    """
    layer {
      name: "\(name)" type: "Concat" bottom: "norm_\(name)\(axis == 1 ? "_flat" : "")" bottom: "small_\(name)\(axis == 1 ? "_flat" : "")"
      top: "\(name)" concat_param { axis: \(axis) }
    }

    """
  }

  private static func net(propagateDown: String) -> String {
    """
    layer {
      name: "data" type: "AnnotatedData" top: "data" top: "label" data_param { source: "db" batch_size: 2 backend: LMDB }
      transform_param { resize_param { height: 32 width: 32 } }
    }
    layer {
      name: "large" type: "Convolution" bottom: "data" top: "large"
      convolution_param { num_output: 6 kernel_size: 4 stride: 4 weight_filler { type: "xavier" } }
    }
    layer { name: "relu" type: "ReLU" bottom: "large" top: "large" }
    layer {
      name: "norm" type: "Normalize" bottom: "large" top: "norm"
      norm_param { across_spatial: false channel_shared: false scale_filler { type: "constant" value: 20 } }
    }
    layer { name: "small" type: "Pooling" bottom: "large" top: "small" pooling_param { kernel_size: 2 stride: 2 } }
    \(head("norm", 8))\(head("small", 16))\(concat("loc", 1))\(concat("conf", 1))\(concat("prior", 2))
    layer {
      name: "loss" type: "MultiBoxLoss" bottom: "loc" bottom: "conf" bottom: "prior" bottom: "label" top: "loss"
      include { phase: TRAIN } \(propagateDown)
      multibox_loss_param { num_classes: 3 code_type: CENTER_SIZE }
    }
    layer {
      name: "reshape" type: "Reshape" bottom: "conf" top: "conf3" include { phase: TEST }
      reshape_param { shape { dim: 0 dim: -1 dim: 3 } }
    }
    layer { name: "softmax" type: "Softmax" bottom: "conf3" top: "prob3" softmax_param { axis: 2 } include { phase: TEST } }
    layer { name: "flatten" type: "Flatten" bottom: "prob3" top: "prob" include { phase: TEST } }
    layer {
      name: "found" type: "DetectionOutput" bottom: "loc" bottom: "prob" bottom: "prior" top: "found" include { phase: TEST }
      detection_output_param {
        num_classes: 3 code_type: CENTER_SIZE nms_param { nms_threshold: 0.45 top_k: 40 } keep_top_k: 20 confidence_threshold: 0.01
      }
    }
    layer { name: "silence" type: "Silence" bottom: "label" include { phase: TEST } }
    """
  }

  private static let down = "propagate_down: true propagate_down: true propagate_down: false propagate_down: false"

  private static func graph(_ phase: Phase, propagateDown: String = down) throws -> ShapedGraph {
    let source = SourceFile(name: "net.prototxt", text: net(propagateDown: propagateDown))
    let definition = try NetDefinition(source, schema: LayerRegistry.standard.schema)
    let graph = try NetGraph(definition, state: NetState(phase: phase), registry: .standard)
    return try ShapedGraph(graph, registry: .standard, inputs: ["label": [1, 1, 3, 8]])
  }

  private static func session(_ shaped: ShapedGraph, _ purpose: Purpose) throws -> Session {
    let plan = try Planner.plan(Program(shaped, purpose: purpose), backends: [try OneDNNBackend()], options: PlanOptions())
    let fillers = ParameterValues(shaped, seed: 1)
    let session = try Session(ResidentWeights(plan) { fillers.write($0, to: $1) }, seed: 1)
    let random = RandomStream(seed: 7)
    try session.setInput(
      "data", Tensor([2, 3, 32, 32]) { for index in $0.indices { $0[index] = random.uniform(index) * 2 - 1 } })
    try session.setInput(
      "label",
      .of(
        [1, 1, 3, 8],
        [0, 1, 0, 0.1, 0.1, 0.4, 0.4, 0, 0, 2, 0, 0.5, 0.5, 0.9, 0.9, 0] + [1, 2, 0, 0.3, 0.2, 0.8, 0.7, 0]))
    return session
  }

  @Test("have the shapes SSD gives them")
  func shapes() throws {
    let graph = try Self.graph(.TRAIN)
    // 8·8 and 4·4 places with 4 boxes each.
    #expect(graph.shape(of: "prior") == [1, 2, 80 * 4 * 4])
    #expect(graph.shape(of: "loc") == [2, 80 * 4 * 4])
    #expect(graph.shape(of: "conf") == [2, 80 * 4 * 3])
    #expect(graph.shape(of: "norm_loc_perm") == [2, 8, 8, 16])
    #expect(try Self.graph(.TEST).shape(of: "found") == [1, 1, 2 * 20, 7])
  }

  @Test("learn: steps down the gradient make the loss less, and priors need none")
  func training() throws {
    let graph = try Self.graph(.TRAIN)
    let session = try Self.session(graph, .training)
    var losses: [Float] = []
    for _ in 0..<20 {
      try session.forward()
      losses.append(try #require(session.output("loss")).values[0])
      try session.backward()
      for weight in session.weights.trained {
        for index in weight.data.indices {
          weight.data[index] -= 0.002 * weight.diff[index]
          weight.diff[index] = 0
        }
      }
    }
    #expect(losses.allSatisfy { $0.isFinite })
    #expect(losses[19] < 0.8 * losses[0], "\(losses)")
    let priors = graph.nodes.indices.filter { graph.nodes[$0].definition.type == "PriorBox" }
    #expect(priors.allSatisfy { !graph.gradients.runsBackward[$0] })
  }

  @Test("find boxes within bounds of scores and counts")
  func detection() throws {
    let session = try Self.session(try Self.graph(.TEST), .inference)
    try session.forward()
    let found = try #require(session.output("found")).values
    let rows = stride(from: 0, to: found.count, by: 7).map { Array(found[$0..<$0 + 7]) }.filter { $0[2] > 0 }
    #expect(!rows.isEmpty)
    #expect(rows.allSatisfy { [0, 1].contains($0[0]) && [1, 2].contains($0[1]) && $0[2] > 0.01 && $0[2] <= 1 })
    #expect(rows.allSatisfy { $0[3] < $0[5] && $0[4] < $0[6] })
  }

  @Test("are told to stop the gradient at the priors when they do not")
  func propagation() {
    let error = #expect(throws: Diagnostics.self) { try Self.graph(.TRAIN, propagateDown: "") }
    #expect(error.map { "\($0)" }?.contains("stop it with propagate_down: false") == true)
  }
}
