import Caffe
import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Foundation
import Testing

@Suite("The number of threads changes no bit", .serialized)
struct ThreadTests {
  @Test("of the outputs of the reference nets", arguments: SampleNets.models)
  func inference(model: String) throws {
    let net = try SampleNets.deploy(model)
    let outputs = try [1, 2, 7].map { threads in
      let session = try net.session(net.plan(.inference, [try OneDNNBackend()], threads: threads))
      try session.forward()
      return session.observedTops
    }
    #expect(outputs[0].values.contains { Set($0.values).count > 1 })
    #expect(outputs[1] == outputs[0])
    #expect(outputs[2] == outputs[0])
  }

  @Test("and no net is planned for more threads than there are cores")
  func cores() {
    var options = NetOptions()
    options.threads = NetOptions.coreCount + 3
    #expect(options.planOptions.threads == NetOptions.coreCount)
    options.threads = 1
    #expect(options.planOptions.threads == 1)
  }

  private static func data(_ dims: String) -> String {
    "layer { name: 'data' type: 'DummyData' top: 'data' top: 'label' dummy_data_param { shape { \(dims) } shape { dim: 12 } "
      + "data_filler { type: 'gaussian' std: 1 } data_filler { value: 2 } } }\n"
  }

  private static func lenet() throws -> String {
    let deploy = try SampleNets.text("lenet")
    let start = try #require(deploy.range(of: "layer {\n  name: \"conv1\""))
    return data("dim: 12 dim: 1 dim: 28 dim: 28") + deploy[start.lowerBound...]
      + "layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'ip2' bottom: 'label' top: 'loss' }\n"
  }

  /// Grouped convolutions, normalisation and dropout, as in CaffeNet.
  private static func caffenet() -> String {
    func layer(_ name: String, _ type: String, _ bottom: String, _ top: String, _ parameters: String = "") -> String {
      "layer { name: '\(name)' type: '\(type)' bottom: '\(bottom)' top: '\(top)' \(parameters) }\n"
    }
    let filler = "weight_filler { type: 'xavier' } bias_filler { value: 0.1 }"
    return data("dim: 12 dim: 3 dim: 33 dim: 33")
      + layer("conv1", "Convolution", "data", "c1", "convolution_param { num_output: 16 kernel_size: 5 stride: 2 \(filler) }")
      + layer("relu1", "ReLU", "c1", "c1") + layer("pool1", "Pooling", "c1", "p1", "pooling_param { kernel_size: 3 stride: 2 }")
      + layer("norm1", "LRN", "p1", "n1", "lrn_param { local_size: 5 alpha: 0.0001 beta: 0.75 }")
      + layer("conv2", "Convolution", "n1", "c2", "convolution_param { num_output: 32 kernel_size: 3 pad: 1 group: 2 \(filler) }")
      + layer("relu2", "ReLU", "c2", "c2")
      + layer("fc", "InnerProduct", "c2", "fc", "inner_product_param { num_output: 70 \(filler) }")
      + layer("relu3", "ReLU", "fc", "fc") + layer("drop", "Dropout", "fc", "fc")
      + layer("out", "InnerProduct", "fc", "out", "inner_product_param { num_output: 10 \(filler) }")
      + "layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'out' bottom: 'label' top: 'loss' }\n"
  }

  /// The weights after twenty iterations.
  private static func trained(_ net: String, threads: Int) throws -> [[Float]] {
    let folder = try TemporaryFolder()
    let solver =
      "net_param { \(net) } base_lr: 0.01 lr_policy: 'fixed' momentum: 0.9 weight_decay: 0.0005 max_iter: 20 "
      + "random_seed: 11 snapshot_after_train: false clip_gradients: 10"
    try Data(solver.utf8).write(to: URL(filePath: folder.file("solver.prototxt")))
    var options = NetOptions()
    options.threads = threads
    let training = try Training(solver: folder.file("solver.prototxt"), options: options).prepare()
    let before = try training.net.session.weights.weightSet().layers.flatMap { $0.blobs.map(\.data.floats) }
    try training.solve()
    let after = try training.net.session.weights.weightSet().layers.flatMap { $0.blobs.map(\.data.floats) }
    #expect(zip(before, after).allSatisfy { $0 != $1 })
    return after
  }

  @Test("of the weights after training")
  func training() throws {
    for net in [try Self.lenet(), Self.caffenet()] {
      let one = try Self.trained(net, threads: 1)
      #expect(one.joined().allSatisfy { $0.isFinite })
      #expect(try Self.trained(net, threads: 2) == one)
      #expect(try Self.trained(net, threads: 7) == one)
    }
  }
}
